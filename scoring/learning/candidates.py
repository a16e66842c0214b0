"""Which facts a card may be learned from, and which never.

Left out: what the program or a rep decides about a lead (stage, pool, owner, score, times of steps), what we
did ourselves, and what says who somebody is. Of free texts only whether they are filled in is learned.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

from leads.actions.tagging import key_of
from leads.conditions import Field, Kind, Vocabulary
from leads.models import Tag
from leads.past import PAST
from scoring.cycles import fed_tags, tag_pairs
from scoring.proof.outcomes import Outcome

STATE = (
    "stage", "pool", "owner", "team", "score", "grade", "version", "days_in_stage", "days_since_follow_up",
    "follow_ups", "age_days", "captured_at", "created_at", "updated_at", "stage_since", "pool_since", "held_since",
    "next_action_at", "first_response_at", "last_follow_up_at", "reclaim_at", "resume_at",
    "quality",
)  # fmt: skip
SAID = ("stage", "pool", "owner")  # named to the reader; the rest of STATE goes without saying
FILLED_ONLY = (
    "name", "email", "phone", "wechat", "company", "website", "domain", "external_id", "pain", "decision_process",
    "timeline_date",
)  # fmt: skip
UNDER = {"touches", "contacts", "tags"}  # asked by kind, role and name below
MOST_KINDS = 15
MOST_TAGS = 30
FEWEST = 20  # leads a tag or a kind of touch must be on


class Sort(StrEnum):
    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"
    RECENCY = "recency"


@dataclass(frozen=True)
class Candidate:
    """A fact to learn from. ``name``: as a person excludes it; ``what``: the tag, for the field ``tags``."""

    name: str
    field: Field
    sort: Sort
    what: str = ""


def about_the_lead(field: Field) -> bool:
    """A fact of its own whose history is told: no count, no time that our work makes, no answer of a rep's."""
    if field.kind in (Kind.COUNT, Kind.DAYS, Kind.TIME) or field.column == "assessment":
        return False
    return bool(field.column) or field.kind == Kind.ROLE


def sort_of(field: Field) -> Sort:
    if field.name in FILLED_ONLY or field.kind in (Kind.DATE, Kind.TIME, Kind.ROLE):
        return Sort.FLAG
    if field.kind in (Kind.NUMBER, Kind.MONEY):
        return Sort.NUMBER
    return Sort.CATEGORY


def candidates(words: Vocabulary, outcome: Outcome, excluded: set[str]) -> list[Candidate]:
    """Every fact of the decided leads (``scoring.proof.outcomes.decided``) that may say something."""
    names = [name for name in words.names if not name.startswith("touches.")]
    fields = [field for name in names if (field := words.find(name)) is not None]
    found = [
        Candidate(field.name, field, sort_of(field))
        for field in fields
        if field.name not in {*STATE, *UNDER} and field.name not in outcome.fields and about_the_lead(field)
    ]
    for kind in touched():
        field = words.find(f"touches.{kind}")
        if field is not None and field.name not in outcome.fields:
            found.append(Candidate(field.name, field, Sort.RECENCY))
    tags = words.find("tags")
    if tags is not None and "tags" not in outcome.fields | excluded:
        fed = fed_tags(tag_pairs())  # those that come and go with the score itself
        asked = [name for name in tagged() if key_of(name) not in fed]
        found += [Candidate(f"tags.{name}", tags, Sort.FLAG, name) for name in asked]
    return [one for one in found if one.name not in excluded]


def touched() -> list[str]:
    """The kinds of touch that occur on decided leads, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT x.kind FROM {PAST.tables['touch']} GROUP BY x.kind"
            " HAVING count(DISTINCT x.lead_id) >= %s ORDER BY count(*) DESC, x.kind LIMIT %s",
            [FEWEST, MOST_KINDS],
        )
        return [row[0] for row in cursor.fetchall()]


def tagged() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.tag_id FROM past_tag x GROUP BY x.tag_id HAVING count(*) >= %s"
            " ORDER BY count(*) DESC, x.tag_id LIMIT %s",
            [FEWEST, MOST_TAGS],
        )
        ids = [row[0] for row in cursor.fetchall()]
    names = dict(Tag.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [names[pk] for pk in ids if pk in names]
