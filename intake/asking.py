"""What a channel's form asks, read from what somebody built: which questions, how they are worded, which choices.

``Channel.form`` is JSON that people and programs write, so it is read with care: what makes no sense is left out.
``fields`` and ``required``: names of questions in order; ``labels``: {question: text}; ``choices``: {question:
[[text, tag], …]}, a tag being what an answer says about a lead; ``title``, ``intro``, ``button``, ``thanks``;
``translations``: {language: the same texts and ``consent_text``}; ``sites``: where it may be embedded;
``own_page_only``: whether answers count only from the page that shows it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from leads.models import Channel, CustomField, Lead
from leads.models.fields import FieldKind
from leads.models.lead import Authority, NeedLevel
from leads.models.source import LONGEST_CHOICE, LONGEST_LABEL, LONGEST_TEXT, MOST_CHOICES

ATTRIBUTE = "attributes."
CONSENT = "consent"
QUESTIONS = ("name", "title", "company", "email", "phone", "wechat", "website", "industry", "region", "employees",
             "budget_amount", "authority", "need_level", "timeline_date", "pain")  # fmt: skip
USUAL = ("name", "company", "email", "phone", "pain")
BANDED = ("employees", "budget_amount")  # a number that people choose as a range
BANDS = {
    "employees": ("1–9", "10–49", "50–199", "200–999", "1000+"),
    "budget_amount": ("< 10,000", "10,000–50,000", "50,000–200,000", "200,000+"),
}
TEXTS = ("title", "intro", "button", "thanks")
NUMBER = re.compile(r"\d[\d,，\s]*(?:\.\d+)?\s*(?:[kK千]|[wW万])?")
TIMES = {"k": 1_000, "千": 1_000, "w": 10_000, "万": 10_000}
LABELS: dict[str, Any] = {
    "name": gettext_lazy("Your name"),
    "company": gettext_lazy("Company"),
    "employees": gettext_lazy("Number of employees"),
    "budget_amount": gettext_lazy("What is your budget?"),
    "authority": gettext_lazy("What is your part in the decision?"),
    "need_level": gettext_lazy("How urgent is it?"),
    "timeline_date": gettext_lazy("By when would you like to start?"),
    "pain": gettext_lazy("How can we help?"),
}
AUTHORITIES = {
    Authority.USER: gettext_lazy("I would use it"),
    Authority.INFLUENCER: gettext_lazy("I advise those who decide"),
    Authority.DECISION_MAKER: gettext_lazy("I decide"),
    Authority.ECONOMIC_BUYER: gettext_lazy("I hold the budget"),
}


@dataclass
class Choice:
    """One answer somebody can choose. ``tag``: what the lead is tagged with who chooses it."""

    text: str
    tag: str = ""


@dataclass
class Question:
    """``own``: the wording somebody gave it; without one it is called as everywhere, in the reader's language."""

    name: str
    required: bool = False
    own: str = ""
    choices: list[Choice] = field(default_factory=list)

    @property
    def banded(self) -> bool:
        return self.name in BANDED


def questions_of(channel: Channel, custom: Iterable[str]) -> list[Question]:
    """The questions of a channel's form, in order. Fields that are gone meanwhile are left out."""
    form = read(channel)
    known = {*QUESTIONS, *custom}
    needed, labels, choices = set(texts(form.get("required"))), form.get("labels"), form.get("choices")
    names = dict.fromkeys(name for name in texts(form.get("fields")) or USUAL if name in known)
    return [
        Question(name, name in needed, text_in(labels, name, LONGEST_LABEL), choices_in(choices, name))
        for name in names
    ]


def required_by(channel: Channel) -> set[str]:
    return set(texts(read(channel).get("required")))


def own_page_only(channel: Channel) -> bool:
    return read(channel).get("own_page_only") is True


def read(channel: Channel) -> dict[str, Any]:
    return channel.form if isinstance(channel.form, dict) else {}


def texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def text_in(value: Any, name: str, longest: int = LONGEST_TEXT) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found.strip()[:longest] if isinstance(found, str) else ""


def choices_in(value: Any, name: str) -> list[Choice]:
    """Choices as texts or as [text, tag] pairs."""
    found = value.get(name) if isinstance(value, dict) else None
    made = []
    for one in found if isinstance(found, list) else ():
        parts = [one] if isinstance(one, str) else texts(one)
        if parts and parts[0].strip():
            tag = parts[1].strip()[:LONGEST_CHOICE] if len(parts) > 1 else ""
            made.append(Choice(parts[0].strip()[:LONGEST_CHOICE], tag))
    return list({one.text: one for one in made}.values())[:MOST_CHOICES]


def said_by(channel: Channel, name: str, language: str | None = None) -> str:
    """A text of the form (``title``, ``intro``, ``button``, ``thanks``) in the reader's language, else as written."""
    return translated(channel, name, language) or text_in(read(channel), name)


def consent_of(channel: Channel, language: str | None = None) -> str:
    """What a visitor is asked to agree to, word for word."""
    return translated(channel, "consent_text", language) or channel.consent_text


def translated(channel: Channel, name: str, language: str | None) -> str:
    found = read(channel).get("translations")
    language = language or get_language() or ""
    return text_in(found.get(language), name, 5000) if isinstance(found, dict) else ""


def title_of(channel: Channel) -> str:
    return said_by(channel, "title") or _("Talk to us")


def label_of(question: Question, custom: CustomField | None) -> str:
    if question.own:
        return question.own
    return custom.label if custom else usual_label(question.name)


def usual_label(name: str) -> str:
    column: Any = None if name in LABELS else Lead._meta.get_field(name)
    return str(LABELS[name]) if column is None else str(capfirst(str(column.verbose_name)))


def choices_of(question: Question, custom: CustomField | None) -> list[tuple[str, Any]]:
    """(value, label) of what can be chosen; none where an answer is written."""
    if custom is not None:
        return [(one, one) for one in map(str, custom.choices)] if custom.kind == FieldKind.CHOICE else []
    if question.name == "need_level":
        return [(value, label) for value, label in NeedLevel.choices[1:]]
    if question.name == "authority":
        return list(AUTHORITIES.items())
    return [(one.text, one.text) for one in question.choices] if question.banded else []


def lowest(text: str) -> int | None:
    """The number at which a range begins: 50 of "50–199", 0 of "< 10,000", 50000 of "5万+"; None without any."""
    found = NUMBER.findall(text)
    if not found:
        return None
    if len(found) == 2 and found[0].strip()[-1:].isdigit() and found[1].strip()[-1:].lower() in TIMES:
        found[0] = found[0].strip() + found[1].strip()[-1]  # 10–50万
    below = len(found) == 1 and re.search(
        r"[<＜≤]|under|below|up to|以下|以内|不到|少于", text, re.IGNORECASE
    )
    return 0 if below else int(as_number(found[0]))


def as_number(text: str) -> float:
    unit = text.strip()[-1].lower()
    digits = re.sub(r"[^\d.]", "", text)
    return float(digits) * TIMES.get(unit, 1)
