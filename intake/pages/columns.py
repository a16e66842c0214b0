"""The columns of a new list, side by side with samples and guesses, to be corrected and confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from intake.actions import confirm_columns
from intake.actions.start import find_import, import_channel
from intake.columns import ATTRIBUTE, NEW, Guess, as_targets, guess
from intake.day_orders import ANSWERS
from intake.looking import names_people, preview, reading
from intake.mapping import FACTS, offered
from intake.models import Import
from intake.remembering import chosen_before
from intake.rows import Reading
from intake.trials import flags_among, is_trial
from intake.units import unit_of
from leads.actions.channels import key_of
from leads.incoming import Incoming
from leads.models import Channel, CustomField, Identity
from leads.models.fields import FieldKind
from leads.normalise.phones import LIKELY_REGIONS
from leads.telling import label
from workspaces.permissions import require
from workspaces.refusals import Invalid

SAMPLES = 3
FIRST = 5  # leads shown as they would be
NUMBERS = ("budget_amount", "employees")
Targets = dict[str, str | None]


@dataclass
class Choice:
    """One column of the file: what is in it, what it is taken for, and why."""

    name: str
    samples: list[str]
    target: str
    why: str
    sure: bool
    order: str = ""  # of day and month, where it has to be asked
    written: str = ""  # how its numbers are written, as the whole column says


def columns_page(request: HttpRequest, slug: str, batch: Import) -> HttpResponse:
    """The page of an import whose columns wait; POST starts it."""
    errors: list[dict] = []
    targets, settings, channel = asked(request, batch)
    if request.method == "POST":
        try:
            said = settings | {"date_order": answers(settings["date_order"])}
            confirm_columns(
                batch, targets, settings=said, channel=channel, as_of=request.as_of, actor=request.member
            )
            return redirect("import", slug=slug, pk=batch.pk)
        except Invalid as wrong:
            errors = wrong.errors
    context = {
        "batch": batch,
        "nav": "imports",
        "choices": choices(batch, targets, settings),
        "groups": groups(),
        "regions": regions(settings["region"]),
        "region": settings["region"],
        "tests": any(is_trial(row, flags_among(batch.columns)) for row in batch.sample),
        "with_tests": settings.get("with_tests", False),
        "channel": channel,
        "channels": Channel.objects.filter(is_active=True).order_by("name").values_list("name", flat=True),
        "errors": errors,
        "preview_url": reverse("import_preview", args=[slug, batch.pk]),
        **foresight(batch, targets, settings),
    }
    return render(request, "intake/columns.html", context, status=422 if errors else 200)


@require_POST
def import_preview(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """What the first rows would become with the columns as they are set now."""
    require(request.member, "import")
    batch = find_import(pk)
    targets, settings, _channel = asked(request, batch)
    context = {"batch": batch, **foresight(batch, targets, settings)}
    return render(request, "intake/foresight.html", context)


def asked(request: HttpRequest, batch: Import) -> tuple[Targets, dict[str, Any], str]:
    """(targets, settings, channel) as the form says, or as guessed when it was not sent yet."""
    settings = {"region": batch.settings["region"], "date_order": dict(batch.settings["date_order"])}
    if request.method != "POST":
        return as_targets(guesses(batch)), settings, ""
    sent = request.POST
    targets = {name: sent.get(f"column-{at}") or None for at, name in enumerate(batch.columns)}
    settings["region"] = sent.get("region") or settings["region"]
    settings["with_tests"] = bool(sent.get("with_tests"))
    for at, name in enumerate(batch.columns):
        if sent.get(f"order-{at}") in ANSWERS:
            settings["date_order"][name] = sent[f"order-{at}"]
    return targets, settings, sent.get("channel", "")


def answers(orders: dict[str, str]) -> dict[str, str]:
    """What the columns or somebody have said: a question left open is none."""
    return {name: order for name, order in orders.items() if order in ANSWERS}


def guesses(batch: Import) -> dict[str, Guess]:
    return guess(batch.columns, batch.sample, CustomField.objects.all(), chosen_before(batch.columns))


def choices(batch: Import, targets: Targets, settings: dict[str, Any]) -> list[Choice]:
    found = guesses(batch)
    made = []
    for at, name in enumerate(batch.columns):
        cells = dict.fromkeys(row[at] for row in batch.sample if row[at].strip())
        choice = Choice(name, list(cells)[:SAMPLES], targets.get(name) or "", *reason(found[name]))
        choice.order = settings["date_order"].get(name, "")
        choice.written = written(name, choice.target, batch)
        made.append(choice)
    return made


def written(name: str, target: str, batch: Import) -> str:
    told = []
    factor, currency = unit_of(name)
    if target == "budget_amount" and (factor > 1 or currency):
        told.append(_("in %(unit)s") % {"unit": f"{factor:,} {currency}".strip() if factor > 1 else currency})
    if name in batch.settings.get("commas", ()) and target in (*NUMBERS, f"{NEW}:number"):
        told.append(_("with decimal commas"))
    return pgettext("between items", ", ").join(told)


def reason(found: Guess) -> tuple[str, bool]:
    """(why a column was taken for what it was, whether that is sure)."""
    if found.reason == "name":
        return _("by its name"), found.confidence >= 0.9
    if found.reason == "before":
        return _("as you chose last time"), True
    if found.reason == "content":
        return _("by its content"), found.confidence >= 0.8
    if found.reason == "ours":
        return _("added to the file of rejected rows"), True
    if found.reason == "empty":
        return _("nothing in it"), True
    return _("not known: a field of its own"), False


def groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can be, in groups."""
    special = {"company": _("company"), "channel": _("source (channel)"), "tags": _("tags")}
    facts = [(name, capfirst(special.get(name) or label(name))) for name in FACTS]
    custom = [(ATTRIBUTE + f.key, f.label) for f in CustomField.objects.order_by("label")]
    fresh = [(f"{NEW}:{kind.value}", _("New field: %(kind)s") % {"kind": kind.label}) for kind in FieldKind]
    return [(_("A lead's facts"), facts), (_("Your own fields"), custom), (_("A new field"), fresh)]


def regions(own: str) -> list[str]:
    return list(dict.fromkeys([own, *LIKELY_REGIONS]))


def foresight(batch: Import, targets: Targets, settings: dict[str, Any]) -> dict[str, Any]:
    """The problems first, then some leads as they would be."""
    seen = preview(batch.sample, draft(batch, targets, settings), batch.settings["header_row"] + 1)
    good = [lead for lead in seen.leads if not lead.rejected]
    return {
        "sampled": len(seen.leads),
        "good": len(good),
        "bad": seen.rejected,
        "problems": seen.problems[:8],
        "first": [shown(lead) for lead in good[:FIRST]],
        "known": known(good, batch.channel or import_channel()),
        "names_people": names_people(targets),
    }


def draft(batch: Import, targets: Targets, settings: dict[str, Any]) -> Reading:
    """How the rows would be read; new fields by the keys they would get."""
    kinds: dict[str, str] = {}
    mapping: Targets = {}
    for at, name in enumerate(batch.columns):
        target = targets.get(name)
        if target and target.startswith(NEW):
            key = offered(name, [row[at] for row in batch.sample]).key
            kinds.setdefault(key, target.removeprefix(NEW).removeprefix(":") or "text")
            target = ATTRIBUTE + key
        mapping[name] = target
    return reading(batch.columns, mapping, batch.settings | settings, kinds)


def shown(lead: Incoming) -> dict[str, Any]:
    facts = lead.facts
    return {
        "name": facts.get("name", ""),
        "company": lead.company,
        "email": facts.get("email_key", ""),
        "phone": facts.get("phone_e164", ""),
        "channel": lead.channel,
        "more": len(lead.attributes) + len(facts.keys() & {"title", "industry", "region", "website", "pain"}),
    }


def known(leads: Sequence[Incoming], channel: Channel | None) -> int:
    """How many of them are leads already, by any key. ``channel``: whose ids the list has where a row names none."""
    named = {key_of(lead.channel) for lead in leads if lead.channel}
    by_name = dict(Channel.objects.filter(name_key__in=named).values_list("name_key", "pk")) if named else {}
    usual = channel.pk if channel else None
    of = [by_name.get(key_of(lead.channel)) if lead.channel else usual for lead in leads]
    keys = [{value for _kind, value in lead.identities(at)} for lead, at in zip(leads, of, strict=True)]
    values = set().union(*keys)
    there = (
        set(Identity.objects.filter(value__in=values).values_list("value", flat=True)) if values else set()
    )
    return sum(bool(one & there) for one in keys)
