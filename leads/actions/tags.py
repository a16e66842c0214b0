"""Tags put on and taken off by people, and tags that come and go with a rule."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from leads.actions.tag_spans import SPAN, end_spans, spans_until
from leads.actions.tagging import key_of, tag_rows
from leads.arriving import Arriving
from leads.conditions import Sources, Vocabulary, compile_sql, fields_used, parse, time_dependent, vocabulary
from leads.conditions.fragments import Sql, put
from leads.happened import happened
from leads.locking import changed, lock, require_holding
from leads.models import LeadTag, TagRule
from leads.planner import over
from leads.timeline import tell
from workspaces.models import Member
from workspaces.once import once
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

# What a condition can ask about who holds a lead.
HOLDER_FIELDS = {"owner", "team", "pool", "pool_since", "held_since", "reclaim_at", "version", "updated_at"}
SCORE_FIELDS = {"score", "grade", "tier"}
RETAG_EVERY = timedelta(hours=1)
STAGE_FIELDS = {
    "stage",
    "days_in_stage",
    "stage_since",
    "resume_at",
    "next_action_at",
    "version",
    "updated_at",
}


def tag(ids: Sequence[UUID], names: Sequence[str], *, as_of: datetime, actor: Member | None) -> list[UUID]:
    """Put tags on leads by hand; the leads that were there, in order of id."""
    return _change(ids, names, "tagged", as_of, actor)


def untag(ids: Sequence[UUID], names: Sequence[str], *, as_of: datetime, actor: Member | None) -> list[UUID]:
    """Take tags off; those of a rule come back while their rule holds."""
    return _change(ids, names, "untagged", as_of, actor)


def _change(
    ids: Sequence[UUID], names: Sequence[str], kind: str, as_of: datetime, actor: Member | None
) -> list[UUID]:
    names = [name for name in names if key_of(name)]
    if not names:
        raise Invalid.field("tags", _("Name at least one tag."), "required")
    leads = lock(ids)
    for lead in leads:
        require_holding(actor, "tag", lead)
    found = [lead.pk for lead in leads]
    if kind == "tagged":
        tag_rows({(pk, name) for pk in found for name in names}, as_of, by_hand=True)
        keys = [key_of(name) for name in names]
        there = LeadTag.objects.filter(lead_id__in=found, tag__name_key__in=keys, by_hand=False)
        end_spans(there, as_of)
        there.update(rule=None, by_hand=True)  # whoever puts it on by hand wants it to stay
    else:
        keys = [key_of(name) for name in names]
        theirs = LeadTag.objects.filter(lead_id__in=found, tag__name_key__in=keys)
        end_spans(theirs, as_of)
        theirs.delete()
    changed(found, as_of)
    tell(kind, [(pk, {"tags": names}) for pk in found], as_of=as_of, actor=actor)
    happened("facts_changed", found, as_of=as_of, actor=actor, fields=["tags"])
    return found


def apply_holder_tags(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> None:
    """After nothing but the holder changed: a look at the rules is enough, unless one asks about holders."""
    if any_rule_asks(HOLDER_FIELDS):
        apply_tag_rules(leads, as_of=as_of, actor=actor)


def apply_score_tags(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> None:
    """After nothing but the score changed: the same look at the rules."""
    if any_rule_asks(SCORE_FIELDS):
        apply_tag_rules(leads, as_of=as_of, actor=actor)


def apply_stage_tags(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> None:
    """After nothing but the stage changed: the same look at the rules."""
    if any_rule_asks(STAGE_FIELDS):
        apply_tag_rules(leads, as_of=as_of, actor=actor)


def any_rule_asks(fields: set[str]) -> bool:
    fixed = Vocabulary()
    return any(fields_used(parse(rule.condition, fixed, stored=True)) & fields for rule in active_rules())


def active_rules() -> list[TagRule]:
    return once(
        "tag_rules", lambda: list(TagRule.objects.filter(is_active=True).order_by("created_at", "id"))
    )


def tag_arriving(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None = None, arriving: Arriving, **_: Any
) -> None:
    """The automatic tags of new leads, by one statement for all rules, before the leads are written."""
    rules = active_rules()
    if not rules:
        return
    workspace, ground = current_workspace(), arriving.ground
    words = vocabulary(workspace)
    sources = Sources((), as_of, tables=ground.tables)
    wanted = [
        put(
            f"SELECT l.id AS lead_id, {{}}::uuid AS tag_id, {{}}::uuid AS rule_id FROM {ground.leads} l WHERE {{}}",
            rule.tag_id,
            rule.pk,
            compile_sql(
                parse(rule.condition, words, stored=True),
                as_of=as_of,
                time_zone=workspace.tz,
                lead="l",
                sources=sources,
            ),
        )
        for rule in rules
    ]
    statement = put(
        "{} INSERT INTO leads_leadtag (id, workspace_id, lead_id, tag_id, rule_id, created_at, updated_at)"
        " SELECT leadcrm_uuid7(), {}, w.lead_id, w.tag_id, w.rule_id, {}, {} FROM ("
        + " UNION ALL ".join("{}" for _ in wanted)
        + ") w ON CONFLICT (workspace_id, lead_id, tag_id) DO NOTHING",
        arriving.under({}),
        workspace.pk,
        as_of,
        as_of,
        *wanted,
    )
    with over(leads), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)


def apply_tag_rules(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> list[UUID]:
    """Let automatic tags come and go for a set of leads (None: all), in one statement; whose tags changed.

    A tag goes when no rule wants it any more; it is another's when only another still wants it. What a person
    put on stays.
    """
    rules = active_rules()
    if not rules:
        return []
    statement = come_and_go(rules, leads, as_of)
    with over(leads), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return sorted(row[0] for row in cursor.fetchall())


def come_and_go(rules: Sequence[TagRule], leads: Sequence[UUID] | None, as_of: datetime) -> Sql:
    """The statement behind ``apply_tag_rules``; what goes, or passes to another rule, leaves its span."""
    workspace = current_workspace()
    words = vocabulary(workspace)
    some = Sql("") if leads is None else put(" AND l.id = ANY({})", list(leads))
    chosen = Sql("") if leads is None else put(" AND t.lead_id = ANY({})", list(leads))
    wanted = [
        put(
            "SELECT l.id AS lead_id, {}::uuid AS tag_id, {}::uuid AS rule_id FROM leads_lead l"
            " WHERE l.workspace_id = {}{} AND ({})",
            rule.tag_id,
            rule.pk,
            workspace.pk,
            some,
            compile_sql(
                parse(rule.condition, words, stored=True), as_of=as_of, time_zone=workspace.tz, lead="l"
            ),
        )
        for rule in rules
    ]
    gone = put(
        "DELETE FROM leads_leadtag t WHERE t.workspace_id = {} AND t.rule_id IS NOT NULL{}"
        " AND NOT EXISTS (SELECT FROM wanted w WHERE w.lead_id = t.lead_id AND w.tag_id = t.tag_id)"
        f" RETURNING {SPAN}",
        workspace.pk,
        chosen,
    )
    passing = put(
        f"SELECT {SPAN}, w.rule_id AS next_rule FROM leads_leadtag t JOIN"
        " (SELECT DISTINCT ON (lead_id, tag_id) * FROM wanted ORDER BY lead_id, tag_id, rule_id) w"
        " ON t.lead_id = w.lead_id AND t.tag_id = w.tag_id WHERE t.workspace_id = {} AND t.rule_id IS NOT NULL{}"
        " AND NOT EXISTS (SELECT FROM wanted o WHERE o.lead_id = t.lead_id AND o.rule_id = t.rule_id)",
        workspace.pk,
        chosen,
    )
    passed = put(
        "UPDATE leads_leadtag t SET rule_id = p.next_rule, updated_at = {} FROM passing p"
        " WHERE t.workspace_id = {} AND t.id = p.row_id",
        as_of,
        workspace.pk,
    )
    brought = put(
        "INSERT INTO leads_leadtag (id, workspace_id, lead_id, tag_id, rule_id, created_at, updated_at)"
        " SELECT leadcrm_uuid7(), {}, w.lead_id, w.tag_id, w.rule_id, {}, {} FROM wanted w"
        " WHERE NOT EXISTS (SELECT FROM leads_leadtag t WHERE t.workspace_id = {}"
        " AND t.lead_id = w.lead_id AND t.tag_id = w.tag_id)"
        " ON CONFLICT (workspace_id, lead_id, tag_id) DO NOTHING RETURNING lead_id",
        workspace.pk,
        as_of,
        as_of,
        workspace.pk,
    )
    names = "row_id, lead_id, tag_id, rule_id, since"
    over_now = Sql(f"SELECT {names} FROM gone UNION ALL SELECT {names} FROM passing")
    return put(
        "WITH wanted AS MATERIALIZED ({}), gone AS ({}), passing AS MATERIALIZED ({}), passed AS ({}), brought AS ({}),"
        " left_behind AS ({}) SELECT lead_id FROM gone UNION SELECT lead_id FROM brought",
        put(" UNION ALL ".join("{}" for _ in wanted), *wanted),
        gone,
        passing,
        passed,
        brought,
        spans_until(over_now, as_of),
    )


def retag_due(as_of: datetime) -> int:
    """Tags that time alone brings or takes: looked at once an hour, where a rule asks about time.

    How many rules were looked at. What depends on the tags follows.
    """
    late = as_of - RETAG_EVERY
    waiting = TagRule.objects.select_for_update(skip_locked=True, no_key=True).filter(is_active=True)
    looked_at = list(waiting.filter(Q(checked_at=None) | Q(checked_at__lte=late)).order_by("pk"))
    if not looked_at:
        return 0
    TagRule.objects.filter(pk__in=[rule.pk for rule in looked_at]).update(checked_at=as_of)
    words = vocabulary(current_workspace())
    due = [rule.pk for rule in looked_at if time_dependent(parse(rule.condition, words, stored=True))]
    if not due:
        return 0
    changed_tags = apply_tag_rules(None, as_of=as_of)
    happened("looked_at_anew", changed_tags, as_of=as_of, actor=None)
    return len(due)
