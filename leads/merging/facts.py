"""Which value of each fact the merged lead has: the survivor's, unless it is blank or chosen otherwise."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from leads.actions.arrivals import BLANK
from leads.incoming import CHOICES, TEXTS, TYPED, document
from leads.models import Company
from leads.normalise import domain_of
from workspaces.refusals import Invalid

Row = dict[str, Any]  # a lead as JSON, straight from the database
THIS, OTHER = "this", "other"
PURSUIT = "pursuit"
# A fact, and the columns that go with it.
TOGETHER = {
    "email": ("email", "email_key", "email_traits"),
    "phone": ("phone", "phone_e164"),
    "company": ("company_id",),
    "channel": ("channel_id",),
    "budget_amount": ("budget_amount", "budget_currency"),
}
FACTS = [
    *(name for name in (*TEXTS, *CHOICES, *TYPED) if name != "budget_currency"),
    "company",
    "channel",
    "quality",
]
# Where the pursuit stands. It goes over as a whole or not at all: half a stage is none.
STATE = (
    "stage",
    "stage_since",
    "pool",
    "pool_since",
    "owner_id",
    "team_id",
    "held_since",
    "held_before",
    "worked_before",
    "reclaim_at",
    "reclaim_reason",
    "warn_at",
    "resume_at",
    "deferral",
)
EARLIEST = ("captured_at", "first_response_at")
LATEST = ("last_follow_up_at", "moved_at")
FIRST_DUE = ("next_action_at",)
MOMENTS = (*EARLIEST, *LATEST, *FIRST_DUE)
WRITTEN = [
    *dict.fromkeys(column for name in FACTS for column in TOGETHER.get(name, (name,))),
    "domain",
    "attributes",
    "assessment",
    "search",
    *STATE,
    *MOMENTS,
    "version",
    "updated_at",
]
FURTHEST = ("won", "opportunity", "sql", "mql", "lead", "deferred", "lost", "disqualified")


def check_choice(choose: Mapping[str, str]) -> None:
    """Invalid when a choice names no fact, or neither of the two."""
    errors = []
    for name, side in choose.items():
        if name not in FACTS and name != PURSUIT and not name.startswith("attributes."):
            errors.append({"field": name, "code": "unknown", "message": _("There is no such field.")})
        elif side not in (THIS, OTHER):
            message = _("Known values: %(known)s.") % {"known": f"{THIS}, {OTHER}"}
            errors.append({"field": name, "code": "unknown_value", "message": message})
    if errors:
        raise Invalid(errors)


def united(this: Row, other: Row, choose: Mapping[str, str]) -> Row:
    """The facts of ``this`` when it takes up ``other``, and whose pursuit goes on: {column: value}."""
    news: Row = {}
    for name in FACTS:
        columns = TOGETHER.get(name, (name,))
        side = choose.get(name) or (OTHER if this[columns[0]] in BLANK else THIS)
        if side == OTHER:
            news |= {column: other[column] for column in columns}
    news["attributes"] = united_attributes(this["attributes"], other["attributes"], choose)
    merged = this | news
    news["domain"] = domain_of(merged["website"]) or domain_of(merged["email"])
    if whose_pursuit(this, other, choose) == OTHER:
        news |= {column: other[column] for column in STATE}
    for names, pick in ((EARLIEST, min), (LATEST, max), (FIRST_DUE, min)):
        for name in names:
            moments = [row[name] for row in (this, other) if row[name]]
            news[name] = pick(moments) if moments else None
    return news


def united_attributes(this: Row, other: Row, choose: Mapping[str, str]) -> Row:
    found = dict(this)
    for key, value in other.items():
        side = choose.get(f"attributes.{key}") or (OTHER if this.get(key) in BLANK else THIS)
        if side == OTHER:
            found[key] = value
    return found


def whose_pursuit(this: Row, other: Row, choose: Mapping[str, str]) -> str:
    """Whose stage and holder go on: as chosen; else the holder's, and between two of nobody's the further one."""
    if choose.get(PURSUIT):
        return choose[PURSUIT]
    if this["owner_id"]:
        return THIS
    if other["owner_id"]:
        return OTHER
    return OTHER if FURTHEST.index(other["stage"]) < FURTHEST.index(this["stage"]) else THIS


def keys_changed(before: Row, after: Row) -> list[str]:
    return [key for key in sorted({**before, **after}) if before.get(key) != after.get(key)]


def facts_changed(changes: Row) -> list[str]:
    """What a merge brought the survivor, of its {column: [before, after]}; custom fields as ``attributes.<key>``."""
    names = [name for name in changes if name not in (*STATE, *MOMENTS, "attributes")]
    return sorted(names + [f"attributes.{key}" for key in keys_changed(*changes.get("attributes", ({}, {})))])


def searchable(row: Row) -> str:
    name = Company.objects.filter(pk=row["company_id"]).values_list("name", flat=True).first()
    return document(row, name or "")
