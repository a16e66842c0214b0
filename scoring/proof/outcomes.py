"""What became of leads: who met an outcome, and the moment up to which facts about each may be used.

An outcome is a condition. A stage in it means "got there, ever"; a field means its value; a count means "did
it happen". Facts are those known before the outcome: before the step was taken, before the field was first
written. A lead that came in with its field known (an imported list) counts by the facts it came with.

Who has not got there counts as "no" when it is decided (lost, disqualified), or when nine of ten of those who
did had got there by its age; its facts are then those at the age at which the others usually got there, so
that nobody is told apart by having been watched for longer. The rest are still open and left out.

``among`` beside the condition names a stage: of a step (MQL to SQL) only leads count that got so far, their time
runs from that moment, and no facts from before it are used.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from leads.conditions import (
    All,
    Any_,
    Condition,
    ConditionError,
    Kind,
    Leaf,
    Not,
    Sources,
    Sql,
    compile_sql,
    fields_used,
    leaves,
    parse,
    vocabulary,
)
from leads.conditions.fragments import both, comma, either, no, put
from leads.conditions.sources import count_key, restricted
from leads.models.lead import ASIDE, Stage
from leads.past import keep, look_back
from leads.planner import over
from scoring.engine import whose
from scoring.proof.first_written import first_writes
from scoring.proof.hiding import hide
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

PATH = (Stage.LEAD, Stage.MQL, Stage.SQL, Stage.OPPORTUNITY, Stage.WON)
ENDED = (Stage.LOST, Stage.DISQUALIFIED)
OUTCOME_HELP = (
    "A condition: a stage means “got there, ever”, a field its value. `among`: of leads at that stage."
)
MOST_LEADS = 200_000  # the newest outcomes; older ones tell little about today's leads
YES, NO = {"yes", "true", "y", "1", "是"}, {"no", "false", "n", "0", "否"}


@dataclass(frozen=True)
class Outcome:
    """A checked outcome. ``fields``: what it asks about, which nothing that predicts it may use; ``among``: the
    stage from which on leads count, "" for all."""

    condition: Condition
    given: dict[str, Any]
    among: str = ""

    @property
    def fields(self) -> set[str]:
        return fields_used(self.condition)

    @property
    def events(self) -> list[Leaf]:
        """Questions about what happens to a lead (steps, touches), not about what is known of it."""
        return [
            one for one in leaves(self.condition) if one.field.name == "stage" or one.field.kind == Kind.COUNT
        ]


def outcome_of(given: Any, path: str = "outcome") -> Outcome:
    """The outcome that the JSON describes. Invalid (422) with the path to the fault."""
    if not isinstance(given, dict) or not given:
        raise Invalid.field(path, _("Say what a good outcome is, as a condition."), "required")
    words = vocabulary(current_workspace())
    among = stage_before(given.get("among", ""), path)
    asked = in_kind({key: value for key, value in given.items() if key != "among"}, words)
    try:
        condition = parse(asked, words, path=path)
    except ConditionError as error:
        raise Invalid(error.errors) from error
    if not list(leaves(condition)):
        raise Invalid.field(path, _("Say what a good outcome is, as a condition."), "required")
    if {"score", "grade"} & fields_used(condition):
        message = _("The score can't be its own proof: choose a step or a fact as the outcome.")
        raise Invalid.field(path, message, "cycle")
    return Outcome(condition, asked | ({"among": among} if among else {}), among)


def stage_before(given: Any, path: str) -> str:
    """A stage of the path that leads are asked to have reached; "" for none."""
    if given == "" or given in [stage.value for stage in PATH[:-1]]:
        return str(given)
    message = _("Known values: %(known)s.") % {"known": ", ".join(PATH[:-1])}
    raise Invalid.field(f"{path}.among", message, "unknown_value")


def in_kind(given: Any, words: Any) -> Any:
    """Yes and no, as lists write them, where a field is a yes-or-no field."""
    if isinstance(given, list):
        return [in_kind(one, words) for one in given]
    if not isinstance(given, dict):
        return given
    if "field" not in given:
        return {key: in_kind(value, words) for key, value in given.items()}
    found = words.find(given["field"]) if isinstance(given["field"], str) else None
    value = given.get("value")
    if found is not None and found.kind == Kind.YES_NO and isinstance(value, str):
        said = value.strip().lower()
        if said in YES | NO:
            return given | {"value": said in YES}
    return given


@contextmanager
def decided(
    outcome: Outcome, as_of: datetime, *, team: UUID | None = None, others: Sequence[UUID] = ()
) -> Iterator[int]:
    """Two tables for the rest of the transaction: ``decided_lead`` (lead_id, moment, happened, n) with n from 1
    in the order of time, and the facts of these leads as they were (``leads.past``). Gives how many there are.

    ``team``, ``others``: only leads that a card of that team would have scored then, or one that leaves those of
    the others to cards of their own.
    """
    with over(None), connection.cursor() as cursor:
        keep("decided_lead", selected(outcome, as_of))
        look_back(Sql("SELECT lead_id, moment FROM decided_lead"))
        if team is not None or others:
            leave_out(whose(team, others))
        cursor.execute("SELECT count(*) FROM decided_lead")
        many = int(cursor.fetchone()[0])
    hide(outcome, stages_of(outcome))
    yield many


def leave_out(theirs: Sql) -> None:
    """Leads that were others' at their moment are not looked at; those that stay are counted anew.

    A lead that nobody held then is told by the team it came to.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM past_lead p USING (SELECT q.id, CASE WHEN q.owner_id IS NULL"
            " THEN COALESCE(q.team_id, n.team_id) ELSE q.team_id END AS team_id FROM past_lead q"
            " JOIN leads_lead n ON n.workspace_id = q.workspace_id AND n.id = q.id) l"
            f" WHERE p.id = l.id AND (TRUE{theirs.text}) IS NOT TRUE",
            theirs.params,
        )
        cursor.execute(
            "DELETE FROM decided_lead d WHERE NOT EXISTS (SELECT FROM past_lead l WHERE l.id = d.lead_id)"
        )
        cursor.execute(
            "UPDATE decided_lead d SET n = r.n FROM (SELECT lead_id, row_number() OVER (ORDER BY n)::integer AS n"
            " FROM decided_lead) r WHERE r.lead_id = d.lead_id"
        )


def decide_again(outcome: Outcome, leads: Sequence[Any], moments: Sequence[datetime]) -> None:
    """The same two tables for leads that were decided in an earlier transaction, in that order."""
    rows = put(
        "SELECT lead_id, moment, false AS happened, n::integer AS n"
        " FROM unnest({}::uuid[], {}::timestamptz[]) WITH ORDINALITY AS given (lead_id, moment, n)",
        [str(one) for one in leads],
        list(moments),
    )
    keep("decided_lead", rows)
    look_back(Sql("SELECT lead_id, moment FROM decided_lead"))
    hide(outcome, stages_of(outcome))


def selected(outcome: Outcome, as_of: datetime) -> Sql:
    """Rows (lead_id, moment, happened, n), the newest MOST_LEADS."""
    return put(
        """
        WITH told AS MATERIALIZED ({}), usual AS MATERIALIZED (
            SELECT COALESCE(percentile_cont(0.5) WITHIN GROUP (ORDER BY took), interval '0') AS middle,
                COALESCE(percentile_cont(0.9) WITHIN GROUP (ORDER BY took), interval '0') AS long
            FROM (SELECT GREATEST(COALESCE(at, captured_at) - captured_at, interval '0') AS took FROM told
                WHERE happened) t
        ), kinds AS MATERIALIZED (
            SELECT bool_or(known AND NOT happened) AS told_no FROM told
        ), placed AS (
            SELECT t.id, t.happened, CASE
                WHEN t.happened THEN COALESCE(t.at, t.captured_at)
                WHEN t.ended <= {} THEN LEAST(t.ended, t.captured_at + u.middle)
                WHEN t.captured_at + u.long <= {} THEN t.captured_at + u.middle
            END AS at, t.captured_at
            FROM told t, usual u, kinds k
            WHERE t.happened OR t.known OR NOT COALESCE(k.told_no, false)
        ), newest AS (
            SELECT id, happened, GREATEST(at - interval '1 microsecond', captured_at) AS moment
            FROM placed WHERE at IS NOT NULL AND at <= {} ORDER BY at DESC, id DESC LIMIT {}
        )
        SELECT id AS lead_id, moment, happened, row_number() OVER (ORDER BY moment, id)::integer AS n FROM newest
        """,
        told_sql(outcome, as_of),
        as_of,
        as_of,
        as_of,
        MOST_LEADS,
    )


def told_sql(outcome: Outcome, as_of: datetime) -> Sql:
    """Of each lead: did it happen, is that known, and when was it first known (null: from the beginning)?

    ``ended``: when it was settled that a lead would not get there; null while nothing says so.
    """
    workspace = current_workspace()
    sources = Sources.of([one for one in leaves(outcome.condition) if one.field.name != "stage"], as_of=as_of)
    begun = got_to(onwards(outcome.among), as_of) if outcome.among else Sql("l.captured_at")
    closed = put("CASE WHEN stage IN ({}) THEN stage_since END", comma(ENDED))
    ended = closed if outcome.events else put("LEAST({}, CASE WHEN known THEN at END)", closed)
    return put(
        "SELECT *, {} AS ended FROM (SELECT l.id, {} AS captured_at, l.stage, l.stage_since, {} AS happened,"
        " {} AS known, {} AS at FROM leads_lead l {} {} WHERE l.workspace_id = {}::uuid) each WHERE captured_at <= {}",
        ended,
        begun,
        happened(outcome.condition, as_of, workspace.tz, sources),
        known(outcome, as_of, workspace.tz, sources),
        first_known(outcome, as_of),
        sources.joins("l", "", workspace.pk),
        first_writes(written(outcome)),
        str(workspace.pk),
        as_of,
    )


def happened(condition: Condition, as_of: datetime, tz: Any, sources: Sources) -> Sql:
    match condition:
        case All(inner):
            return both(*(happened(one, as_of, tz, sources) for one in inner))
        case Any_(inner):
            return either(*(happened(one, as_of, tz, sources) for one in inner))
        case Not(part):
            return no(happened(part, as_of, tz, sources))
    if condition.field.name == "stage" and condition.op in ("eq", "in", "ne", "not_in"):
        got = put("({} IS NOT NULL)", reached(condition, as_of))
        return no(got) if condition.op in ("ne", "not_in") else got
    return compile_sql(condition, as_of=as_of, time_zone=tz, lead="l", sources=sources)


def wanted(leaf: Leaf) -> list[str]:
    """The stages that count as having got there: a later one of the path, too."""
    named = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    places = [PATH.index(one) for one in named if one in PATH]
    later = [stage.value for stage in PATH[min(places) :]] if places else []
    return [*later, *(one for one in named if one in ASIDE)]


def stages_of(outcome: Outcome) -> list[str]:
    """The stages that the outcome asks for."""
    steps = [one for one in outcome.events if one.field.name == "stage"]
    return sorted({stage for leaf in steps for stage in wanted(leaf)})


def reached(leaf: Leaf, as_of: datetime) -> Sql:
    """When it first got to one of the stages; null when it never did."""
    return got_to(wanted(leaf), as_of)


def onwards(stage: str) -> list[str]:
    return [one.value for one in PATH[PATH.index(Stage(stage)) :]]


def got_to(named: Sequence[str], as_of: datetime) -> Sql:
    """When a lead first got to one of these stages; null when it never did."""
    stages = comma(named)
    return put(
        "COALESCE((SELECT min(s.at) FROM leads_stagechange s WHERE s.workspace_id = l.workspace_id"
        " AND s.lead_id = l.id AND s.target IN ({}) AND s.at <= {}),"
        " CASE WHEN l.stage IN ({}) THEN l.stage_since END)",
        stages,
        as_of,
        stages,
    )


def known(outcome: Outcome, as_of: datetime, tz: Any, sources: Sources) -> Sql:
    """Every fact that the outcome asks for is set."""
    asked = {
        one.field: Leaf(one.field, "is_set")
        for one in leaves(outcome.condition)
        if one not in outcome.events and not one.gone and "is_set" in one.field.ops
    }
    pieces = [
        compile_sql(leaf, as_of=as_of, time_zone=tz, lead="l", sources=sources)
        for leaf in asked.values()
        if leaf.field.kind not in (Kind.TAGS, Kind.ROLE)
    ]
    return both(*pieces) if pieces else Sql("TRUE")


def first_known(outcome: Outcome, as_of: datetime) -> Sql:
    """The first moment at which something about the outcome was known; null when only the capture tells."""
    times = []
    for leaf in leaves(outcome.condition):
        if leaf.field.name == "stage":
            times.append(reached(leaf, as_of))
        elif leaf.field.kind == Kind.COUNT:
            times.append(first_event(leaf, as_of))
        else:
            times.append(Sql(f"written_{written(outcome).index(leaf.field.name)}.at"))
    return put("LEAST({})", comma(times))


def first_event(leaf: Leaf, as_of: datetime) -> Sql:
    key = count_key(leaf.field, None)
    table = {"touch": "leads_touch x", "follow_up": "leads_followup x"}[key[0]]
    return put(
        "(SELECT min(x.at) FROM "
        + table
        + " WHERE x.workspace_id = l.workspace_id AND x.lead_id = l.id AND {})",
        restricted(key, as_of),
    )


def written(outcome: Outcome) -> list[str]:
    """The fields that the outcome asks for."""
    return sorted({one.field.name for one in leaves(outcome.condition) if one not in outcome.events})
