"""Tags and filters of the component kit; docs/design-system.md shows each in use."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any
from zlib import crc32

from django import template
from django.forms import BoundField, CheckboxInput, FileInput, RadioSelect, Select
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import escape, format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from leadcrm import moments, pictures, rail
from leadcrm.rows import drawn
from leads.money import per_unit

register = template.Library()

QUESTIONS = [
    ("fit", _("Fit")),
    ("need", _("Need")),
    ("budget", _("Budget")),
    ("authority", _("Authority")),
    ("timeline", pgettext_lazy("question", "Timeline")),  # when they want it; the story is a timeline too
]
SCRIPT_WORDS = {
    "undo": _("Undo"),
    "close": _("Close"),
    "offline": _("No connection. Nothing was changed; try again in a moment."),
    "failed": _("That did not work, and nothing was changed."),
    "not_allowed": _("Your role may not do this."),
    "missing": _("This no longer exists, or was never yours to see."),
    "stale": _("Somebody changed this meanwhile. Reload to see the newest."),
    "busy": _("Too many requests. Wait a moment and try again."),
    **moments.WORDS,
}
CURRENCY_SIGNS = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "JPY": "JP¥",
    "KRW": "₩",
    "INR": "₹",
}
AVATAR_HUES = 6


def now_of(context: Context) -> datetime:
    """The one "now" of this page: the request's, so that all clocks on it agree."""
    return getattr(context.get("request"), "as_of", None) or timezone.now()


# --- words and signs ------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, label: str = "", size: int = 16) -> SafeString:
    """An icon from frontend/icons.txt; decorative unless it is given a label."""
    return an_icon(name, str(label), size, static_of("vendor/icons.svg"))


@lru_cache(maxsize=2000)
def an_icon(name: str, label: str, size: int, file: str) -> SafeString:
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" {1}><use href="{2}#{3}"/></svg>',
        size, spoken, file, name,
    )  # fmt: skip


@lru_cache
def static_of(name: str) -> str:
    """The address of a static file: the same for as long as the process lives."""
    return static(name)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """This page's query string with some values replaced; None or "" removes one."""
    values = context["request"].GET.copy()
    for key, value in changes.items():
        values.pop(key, None)
        if value not in (None, ""):
            values.setlist(key, value if isinstance(value, list) else [value])
    return f"?{values.urlencode()}" if values else "?"


@register.simple_tag(takes_context=True)
def page_url(context: Context, name: str, *args: Any, **kwargs: Any) -> str:
    """``{% url %}`` for a page of this workspace; empty while no such page exists."""
    workspace = context.get("workspace")
    if workspace is not None:
        kwargs.setdefault("slug", workspace.slug)
    return address_of(name, tuple(kwargs.items()))


@lru_cache(maxsize=20_000)
def address_of(name: str, places: tuple[tuple[str, Any], ...]) -> str:
    try:
        return reverse(name, kwargs=dict(places))
    except NoReverseMatch:
        return ""


@register.filter
def initials(name: Any) -> str:
    """Two letters of a name; for a Chinese name its last character, as colleagues would say it."""
    words = str(name or "").split()
    if not words:
        return "?"
    if ord(words[0][0]) > 0x2E80:
        return words[0][-1]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


@register.filter
def hue(name: Any) -> int:
    """Which of the six avatar colours belongs to this name, always the same one."""
    return crc32(str(name or "").encode()) % AVATAR_HUES


@register.filter
def money(minor: int | None, currency: str = "") -> str:
    """Minor units as an amount: ``120000|money:"CNY"`` is ¥1,200; cents are shown when there are any."""
    if minor is None:
        return ""
    unit = per_unit(currency)
    whole, cents = divmod(abs(minor), unit)
    sign = CURRENCY_SIGNS.get(currency, f"{currency} " if currency else "")
    return f"{'−' if minor < 0 else ''}{sign}{whole:,}{f'.{cents:0{len(str(unit)) - 1}d}' if cents else ''}"


@register.filter
def percent(share: float | None, decimals: int = 0) -> str:
    """A share of 0 to 1 as 42%; nothing when there was nothing to divide by."""
    return "–" if share is None else f"{number_format(round(share * 100, int(decimals)), int(decimals))}%"


@register.filter
def count(number: int | None) -> str:
    """A whole number with its thousands told apart."""
    return "–" if number is None else f"{number:,}"


@register.filter
def at(values: Sequence[Any], index: int) -> Any:
    """The value at a place, or nothing."""
    return values[index] if index < len(values) else ""


# --- moments --------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def when(context: Context, moment: datetime | None, empty: str = "–") -> SafeString | str:
    """A relative time that stays current in the browser, with the exact one on hover."""
    return empty if moment is None else when_at(moment, moments.reader(now_of(context)))


def when_at(moment: datetime, by: moments.Reader) -> SafeString:
    """``when`` for a moment and a reader that are given."""
    return SafeString(
        f'<time datetime="{moment.isoformat(timespec="seconds")}" title="{escape(moments.exact(moment, by))}"'
        f" data-relative>{escape(moments.relative(moment, by.now, by.words))}</time>"
    )


@register.simple_tag
def remaining(seconds: float) -> str:
    """A length of time still to wait, in words."""
    return moments.remaining(seconds)


@register.simple_tag(takes_context=True)
def clock(
    context: Context, until: datetime | None, warn_at: datetime | None = None, since: datetime | None = None
) -> SafeString:
    """The countdown to a reclaim: calm, warning, late; with ``since`` a ring shows what is left."""
    return clock_at(until, warn_at, since, moments.reader(now_of(context)))


def clock_at(
    until: datetime | None, warn_at: datetime | None, since: datetime | None, by: moments.Reader
) -> SafeString:
    """``clock`` for a moment and a reader that are given."""
    if until is None:
        return SafeString('<span class="nothing">–</span>')
    left = (until - by.now).total_seconds()
    known = {
        "state": moments.clock_state(until, warn_at, by.now),
        "until": until.isoformat(),
        "title": moments.exact(until, by),
        "warn_at": warn_at.isoformat() if warn_at else "",
        "text": moments.remaining(abs(left), by.words),
    }
    if since:
        share = pictures.share(left, (until - since).total_seconds())
        known |= {"since": since.isoformat(), "ring": str(round(share * 100))}
    return drawn("parts/clock.jinja", [known], language=by.language)


@register.simple_tag(takes_context=True)
def rows(context: Context, name: str, rows: Sequence[dict[str, Any]], **values: Any) -> SafeString:
    """Rows drawn by Jinja: ``{% rows "leads/rows.jinja" rows=rows %}`` (see leadcrm/rows.py)."""
    by = moments.reader(now_of(context))
    return drawn(name, rows, language=by.language, reader=by, **values)


@register.simple_tag(takes_context=True)
def part(context: Context, name: str, **row: Any) -> SafeString:
    """One row by itself: a part of every page that is not drawn anew each time."""
    return rows(context, name, [row])


# --- pictures -------------------------------------------------------------------------------------
@lru_cache(maxsize=5000)
def drawn_part(name: str, language: str | None, **values: Any) -> SafeString:
    """A small part that stands in every row of a list; the same values always look the same."""
    return render_to_string(name, values)


@register.simple_tag
def grade(letter: str, score: int | None = None, big: bool = False) -> SafeString:
    return drawn_part("parts/grade.html", get_language(), letter=letter or "D", score=score, big=big)


@register.inclusion_tag("parts/score_bar.html")
def score_bar(points: int, of: int = 100, letter: str = "", label: str = "") -> dict:
    width = round(pictures.share(points, of) * 100)
    return {"points": points, "of": of, "width": width, "letter": letter, "label": label}


@register.inclusion_tag("parts/five_questions.html")
def five_questions(values: dict[str, Any], small: bool = False) -> dict:
    """``values``: fit, need, budget, authority, timeline, each 0 to 1, None when unknown, or a dict
    ``{"value": 0.6, "text": "what we know"}``."""
    told = [(key, label, values.get(key)) for key, label in QUESTIONS]
    rows = [(key, label, v if isinstance(v, dict) else {"value": v}) for key, label, v in told]
    picture = pictures.radar([str(label) for _, label, _ in rows], [row.get("value") for *_, row in rows])
    answers = [
        {"key": key, "label": label, "text": row.get("text", ""), "value": row.get("value")}
        | {"strength": strength(row.get("value")), "width": round((row.get("value") or 0) * 100)}
        for key, label, row in rows
    ]
    known = sum(answer["value"] is not None for answer in answers)
    return {"radar": picture, "answers": answers, "known": known, "small": small}


def strength(value: float | None) -> str:
    if value is None:
        return "unknown"
    return "strong" if value >= 0.7 else "some" if value >= 0.35 else "weak"


@register.inclusion_tag("parts/sparkline.html")
def sparkline(values: Sequence[float], label: str = "") -> dict:
    return pictures.sparkline(list(values or [])) | {"label": label}


@register.simple_tag
def owner(member: Any, name_shown: bool = True, size: str = "") -> SafeString:
    name = str(member) if member else ""
    return drawn_part("parts/owner.html", get_language(), member=name, name_shown=bool(name_shown), size=size)


# --- lists ----------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def table_head(context: Context, columns: list[dict], select: bool = False) -> SafeString:
    """``columns``: ``{"label", "sort"?, "class"?}``; ``?ordering=`` of the address says which is sorted."""
    ordering = context.get("ordering") or context["request"].GET.get("ordering", "")
    heads = []
    for column in columns:
        sort, down = column.get("sort", ""), ordering.startswith("-")
        sorted_here = bool(sort) and ordering.lstrip("-") == sort.lstrip("-")
        flipped = sort.lstrip("-") if down else f"-{sort.lstrip('-')}"
        state = ("descending" if down else "ascending") if sorted_here else ""
        link = query(context, ordering=flipped if sorted_here else sort, cursor=None) if sort else ""
        heads.append(column | {"state": state, "href": link})
    cells = rows(context, "parts/table_head_cells.jinja", heads)
    return part(context, "parts/table_head.jinja", cells=cells, select=select)


# --- forms ----------------------------------------------------------------------------------------
@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, label: str = "", hint: str = "", **attrs: Any) -> dict:
    """A form field with its label, help and errors, tied together for a screen reader."""
    widget = bound.field.widget
    base = "form-select" if isinstance(widget, Select) else "form-control"
    if isinstance(widget, CheckboxInput | RadioSelect) and not isinstance(widget, FileInput):
        base = "form-check-input"
    classes = f"{widget.attrs.get('class', '')} {base}{' is-invalid' if bound.errors else ''}".strip()
    given = {key.replace("_", "-"): value for key, value in attrs.items()}
    return {
        "field": bound,
        "control": bound.as_widget(attrs={"class": classes} | given),
        "label": label or bound.label,
        "hint": hint or bound.help_text,
        "check": isinstance(widget, CheckboxInput),
    }


# --- the shell ------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def shell(context: Context, name: str) -> SafeString:
    """A part of the frame around every page; ``nav`` in the context, or the page's name, says where we are.

    It knows ``rail`` (the main navigation for this role), the workspace's name and the role, and nothing
    of the page: so it is drawn once for all who see the same.
    """
    workspace, member = context.get("workspace"), context.get("member")
    if workspace is None or member is None:
        return SafeString("")
    match = getattr(context.get("request"), "resolver_match", None)
    here = context.get("nav") or (match.url_name if match else "") or ""
    return drawn_shell(name, get_language(), workspace.slug, workspace.name, member.role, here)


@lru_cache(maxsize=2000)
def drawn_shell(
    name: str, language: str | None, slug: str, workspace_name: str, role: str, here: str
) -> SafeString:
    known = {
        "rail": rail.groups(slug, role, here),
        "workspace": SimpleNamespace(slug=slug, name=workspace_name),
        "role": role,
    }
    return render_to_string(name, known)


@register.simple_tag
def script_words() -> SafeString:
    """The few words that the browser's scripts say, in the reader's language."""
    return words_for_scripts(get_language())


@cache
def words_for_scripts(language: str | None) -> SafeString:
    return json_script({key: str(word) for key, word in SCRIPT_WORDS.items()}, "words")


@register.filter
def undo_url(message: Any) -> str:
    """The address that undoes what a message tells of: its extra tag ``undo:/w/…``."""
    tags = str(getattr(message, "extra_tags", "") or "").split()
    return next((tag[5:] for tag in tags if tag.startswith("undo:/")), "")
