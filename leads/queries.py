"""Questions about leads that the list page and the API ask alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from leads.actions.channels import key_of as channel_key
from leads.actions.tagging import key_of as tag_key
from leads.conditions import Condition, parse, vocabulary, where
from leads.conditions.derived import TIERS
from leads.masking import in_sight, sees_all, told_in_full
from leads.models import Lead, LeadTag, Task
from leads.models.lead import Pool, Stage
from leads.normalise import search_patterns
from workspaces.models import Member
from workspaces.parsing import read_json
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

IN_FULL = """
SELECT leads_matching(%s, %s, %s) UNION SELECT i.lead_id FROM leads_identity i
JOIN unnest(%s::text[], %s::text[]) AS told (kind, value) ON i.kind = told.kind AND i.value = told.value
WHERE i.workspace_id = %s
"""
MOST_FOUND = 1_000  # a search that finds more keeps the best by score
MOST_SIFTED = 10_000  # the same where other filters take most of them away again
FILTERS = ("where", "q", "stage", "pool", "owner", "team", "grade", "tag", "channel", "company", "tier")
GRADES = ("A", "B", "C", "D")
OF_THE_HOLDER = ("playbook", "follow_up")  # origins of tasks that belong to whoever holds the lead
RESTING = (
    Stage.DEFERRED.value,
    Stage.LOST.value,
    Stage.DISQUALIFIED.value,
)  # nothing is to be done about them now


def matching(query: str, member: Member | None, *, most: int = MOST_FOUND) -> Q:
    """Leads in whose name, company, e-mail, phone or WeChat the text stands, as a filter.

    ``member``: who asks (None: the program). Where contact data is masked, a lead is found by what is shown of it, or
    by all of an address: by parts of one it could be read sign by sign.
    Of more than ``most`` those with the best scores: a page of the best needs to find no more than itself.
    """
    patterns = search_patterns(query)
    if not patterns:
        return Q(pk__in=[])
    return Q(pk__in=RawSQL(*search_for(query, patterns, most, member)))


def search_for(query: str, patterns: list[str], most: int, member: Member | None) -> tuple[str, list[Any]]:
    """The statement of ``matching``, with its parameters."""
    if member is None or sees_all(member):
        return "SELECT leads_matching(%s, %s)", [patterns, most]
    kinds, values = zip(*told_in_full(query), strict=True)
    told = [list(kinds), list(values), current_workspace().pk]
    return IN_FULL, [patterns, most, member.pk, *told]


def to_do(member: Member) -> QuerySet[Task]:
    """A member's open tasks, without those of leads that have left them or that nothing is to be done about now."""
    open_ones = Task.objects.filter(member=member, done_at=None)
    left = Q(lead__isnull=False, lead__owner=None, origin__in=OF_THE_HOLDER)
    return open_ones.exclude(left | Q(lead__stage__in=RESTING))


def owner_name() -> Coalesce:
    """What an owner is called, for a list that needs no more of them: their name, else their address."""
    return Coalesce(NullIf(F("owner__name"), Value("")), F("owner__email"), output_field=TextField())


def meeting(condition: Any, *, as_of: datetime, path: str = "where", member: Member | None = None) -> Q:
    """Leads that meet a condition (its JSON), as a filter; as far as the member may ask that (None: always).

    ConditionError names the path to a fault.
    """
    parsed = parse(condition, vocabulary(current_workspace()), path=path)
    return fitting(parsed, as_of=as_of, member=member)


def fitting(condition: Condition, *, as_of: datetime, member: Member | None) -> Q:
    """The same of a condition that is read already."""
    return Q(where(condition, as_of=as_of, time_zone=current_workspace().tz)) & in_sight(condition, member)


def filtered(
    rows: QuerySet[Lead],
    asked: Mapping[str, str],
    *,
    as_of: datetime,
    member: Member | None,
    best: int | None = None,
) -> QuerySet[Lead]:
    """The leads that fit every filter that is asked. Invalid names the filter that can't be understood.

    ``best``: no more are wanted than that many with the best scores (the first page of a list by score).

    ``where``: a condition as JSON; ``q``: text to search; ``stage``, ``pool``, ``grade``, ``tier``: one or
    more, with commas; ``owner``: an id, ``me`` or ``none``; ``team``, ``company``: an id; ``channel``: an id or
    a name; ``tag``: a name.
    """
    if text := asked.get("where"):
        rows = rows.filter(meeting(as_condition(text), as_of=as_of, member=member))
    if text := asked.get("q"):
        others = any(asked.get(name) for name in FILTERS if name != "q")
        rows = rows.filter(matching(text, member, most=MOST_SIFTED if others else best or MOST_FOUND))
    for name, known in (("stage", Stage.values), ("pool", Pool.values), ("grade", GRADES)):
        if text := asked.get(name):
            rows = rows.filter(**{f"{name}__in": several(name, text, known)})
    if text := asked.get("tier"):
        tiers = several("tier", text, TIERS)
        rows = rows.filter(meeting({"field": "tier", "op": "in", "value": tiers}, as_of=as_of))
    if text := asked.get("owner"):
        rows = rows.filter(owned_by(text, member))
    for name in ("team", "company"):
        if text := asked.get(name):
            rows = rows.filter(**{f"{name}_id": an_id(name, text)})
    if text := asked.get("channel"):
        pk = maybe_id(text)
        rows = rows.filter(channel_id=pk) if pk else rows.filter(channel__name_key=channel_key(text))
    if text := asked.get("tag"):
        tagged = LeadTag.objects.filter(tag__name_key=tag_key(text))
        rows = rows.filter(pk__in=tagged.values("lead_id"))
    return rows


def as_condition(text: str) -> Any:
    try:
        return read_json(text)
    except ValueError:
        raise Invalid.field("where", _("This is not JSON."), "malformed") from None


def several(name: str, text: str, known: Any) -> list[str]:
    values = [value.strip() for value in text.split(",") if value.strip()]
    for value in values:
        if value not in known:
            message = _("Known values: %(known)s.") % {"known": ", ".join(known)}
            raise Invalid.field(name, message, "unknown_value")
    return values


def owned_by(text: str, member: Member | None) -> Q:
    if text == "none":
        return Q(owner=None)
    if text == "me" and member is not None:
        return Q(owner_id=member.pk)
    return Q(owner_id=an_id("owner", text))


def an_id(name: str, text: str) -> UUID:
    found = maybe_id(text)
    if found is None:
        raise Invalid.field(name, _("This is not an id."), "malformed")
    return found


def maybe_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
