"""The statement that scores leads, writes what differs and tells changed grades."""

from leads.conditions.fragments import Sql, put
from scoring.engine import CHANGED, ONE, THESE, Engine, Leads
from scoring.kept import ACTOR


def write_one(engine: Engine) -> Sql:
    return write(engine, ONE)


def write_these(engine: Engine) -> Sql:
    return write(engine, THESE)


def write_all(engine: Engine) -> Sql:
    return write(engine, None)


def write(engine: Engine, leads: Leads) -> Sql:
    """Gives the ids, or for all their number."""
    workspace = str(engine.workspace.pk)
    return put(
        "WITH changed AS ("
        " UPDATE leads_lead t SET score = s.score, grade = s.grade, score_parts = s.parts, scorecard_id = s.card,"
        " scored_at = {}, rescore_at = s.next"
        " FROM (SELECT * FROM ({}) found WHERE " + CHANGED + ") s"
        " WHERE t.workspace_id = {}::uuid AND t.id = s.id"
        " RETURNING t.id, s.was_grade, t.grade, t.score"
        "), told AS ({}) SELECT " + ("count(*)" if leads is None else "id") + " FROM changed",
        engine.as_of,
        engine.scored(leads),
        workspace,
        tell_grades(engine, "changed", "was_grade"),
    )


def tell_grades(engine: Engine, rows: str, before: str) -> Sql:
    """The timeline entries of ``rows`` (id, grade, score) whose grade is not what it was ``before`` (SQL)."""
    return put(
        "INSERT INTO leads_timelineentry"
        " (id, created_at, updated_at, workspace_id, lead_id, at, kind, actor_id, data)"
        " SELECT leadcrm_uuid7(), {}, {}, {}::uuid, id, {}, 'graded', {}::uuid,"
        f" jsonb_build_object('from', {before}, 'to', grade, 'score', score) FROM {rows} WHERE grade <> {before}",
        engine.as_of,
        engine.as_of,
        str(engine.workspace.pk),
        engine.as_of,
        ACTOR,
    )
