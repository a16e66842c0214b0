"""Playbooks: writing them, and laying out their actions as tasks when a lead enters a stage."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from leads import playbooks
from leads.conditions.fragments import Sql, put
from leads.inserting import id_array
from leads.models import Playbook, PlaybookAction
from leads.models.deal import DealStep
from leads.models.followup import FollowUpChannel
from leads.models.lead import Pool, Stage
from leads.planner import over
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.once import once
from workspaces.permissions import require
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace_id
from workspaces.texts import clean_text

MOST_ACTIONS, LATEST_HOURS = 30, 24 * 365
TEXTS = ("name", "goal", "hints", "talk_track")

# The deal's step decides where a playbook belongs to one.
NOW_IN = """
    b.stage = l.stage AND b.is_active AND (b.step = '' OR EXISTS (
        SELECT 1 FROM leads_opportunity o WHERE o.workspace_id = l.workspace_id AND o.lead_id = l.id
            AND o.status = 'open' AND o.step = b.step))
"""
# Tasks of the stage before are closed as skipped; those that go on are whoever's holds the lead, and so is the
# next step after a talk. What somebody else was asked to do stays theirs.
SETTLED = f"""
WITH standing AS (
    SELECT t.id, l.owner_id, t.origin = 'follow_up' OR EXISTS (
        SELECT 1 FROM leads_playbookaction a
        JOIN leads_playbook b ON b.workspace_id = a.workspace_id AND b.id = a.playbook_id
        WHERE a.workspace_id = t.workspace_id AND a.id = t.action_id AND {NOW_IN}) AS stays
    FROM leads_task t JOIN leads_lead l ON l.workspace_id = t.workspace_id AND l.id = t.lead_id
    WHERE t.workspace_id = %(workspace)s AND t.lead_id = ANY(%(leads)s)
        AND t.origin IN ('playbook', 'follow_up') AND t.done_at IS NULL
),
settled AS (
    UPDATE leads_task t SET updated_at = %(as_of)s, skipped = NOT n.stays,
        done_at = CASE WHEN n.stays THEN NULL ELSE %(as_of)s END,
        member_id = CASE WHEN n.stays THEN n.owner_id ELSE t.member_id END
    FROM standing n
    WHERE t.workspace_id = %(workspace)s AND t.lead_id = ANY(%(leads)s) AND t.id = n.id
        AND (NOT n.stays OR t.member_id <> n.owner_id)
)"""
# The new tasks, and where they bring the next thing to do nearer, that.
LAY_OUT = f"""{SETTLED},
laid AS (
    INSERT INTO leads_task (id, workspace_id, created_at, updated_at, lead_id, member_id, title, due_at, origin,
        action_id, skipped)
    SELECT leadcrm_uuid7(), l.workspace_id, %(as_of)s, %(as_of)s, l.id, l.owner_id, a.title,
        %(as_of)s::timestamptz + make_interval(hours => a.due_hours), 'playbook', a.id, false
    FROM leads_lead l
    JOIN leads_playbook b ON b.workspace_id = l.workspace_id AND {NOW_IN}
    JOIN leads_playbookaction a ON a.workspace_id = b.workspace_id AND a.playbook_id = b.id
    WHERE l.workspace_id = %(workspace)s AND l.id = ANY(%(leads)s) AND l.owner_id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM leads_task t WHERE t.workspace_id = l.workspace_id AND t.lead_id = l.id
                AND t.action_id = a.id AND t.created_at >= l.stage_since)
    RETURNING lead_id, due_at
),
next AS (
    SELECT lead_id, min(due_at) AS due_at FROM (
        SELECT lead_id, due_at FROM laid
        UNION ALL
        SELECT t.lead_id, t.due_at FROM leads_task t
        WHERE t.workspace_id = %(workspace)s AND t.lead_id = ANY(%(leads)s) AND t.done_at IS NULL
            AND NOT EXISTS (SELECT FROM standing n WHERE n.id = t.id AND NOT n.stays)
    ) open GROUP BY lead_id
)
UPDATE leads_lead l SET next_action_at = n.due_at FROM next n
WHERE l.workspace_id = %(workspace)s AND l.id = ANY(%(leads)s) AND l.id = n.lead_id
    AND (l.next_action_at IS NULL OR l.next_action_at > n.due_at AND l.next_action_at <> l.stage_since)
    AND l.id IN (SELECT lead_id FROM laid)
"""


def lay_out(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, pool: str = Pool.SALES, **_facts: Any
) -> None:
    """After a step or a new owner: the stage's actions are tasks of whoever holds the lead; those of the
    stage before are closed as skipped. One statement; safe to run twice.

    ``pool``: told by whoever has just moved these leads; outside the sales pool nobody holds them, and the
    tasks wait for the next holder as they are.
    """
    if pool != Pool.SALES:
        return
    given: dict[str, Any] = {"as_of": as_of, "workspace": current_workspace_id(), "leads": id_array(leads)}
    with over(leads), connection.cursor() as cursor:
        cursor.execute(LAY_OUT if has_actions() else f"{SETTLED} SELECT 1", given)


def has_actions() -> bool:
    return once("playbook_actions", PlaybookAction.objects.exists)


# What laying out will bring nearest, for leads whose stage has not been laid out yet: (lead_id, hours).
PLANNED = """
SELECT l.id AS lead_id, b.hours FROM leads_lead l JOIN (
    SELECT b.stage, min(a.due_hours) AS hours FROM leads_playbook b
    JOIN leads_playbookaction a ON a.workspace_id = b.workspace_id AND a.playbook_id = b.id
    WHERE b.workspace_id = {0} AND b.is_active AND b.step = '' GROUP BY b.stage
) b ON b.stage = l.stage
WHERE l.workspace_id = {0} AND l.id = ANY({1}) AND NOT EXISTS (
    SELECT 1 FROM leads_task t WHERE t.workspace_id = {0} AND t.lead_id = ANY({1}) AND t.lead_id = l.id
        AND t.origin = 'playbook' AND t.created_at >= l.stage_since)
"""
NOTHING = Sql("SELECT NULL::uuid AS lead_id, NULL::integer AS hours WHERE false")


def planned_sql(leads: Sequence[UUID]) -> Sql:
    """Whoever writes these leads anyway, before they are laid out for a new holder, can write their next
    thing to do as well; what this does not know, laying out adds."""
    if not has_actions():
        return NOTHING
    workspace, ids = Sql("%s::uuid", (str(current_workspace_id()),)), Sql("%s::uuid[]", (id_array(leads),))
    return put(PLANNED.replace("{0}", "{}").replace("{1}", "{}"), workspace, workspace, ids, workspace, ids)


def save_playbook(
    values: dict[str, Any], *, book: Playbook | None = None, as_of: datetime, actor: Member | None
) -> Playbook:
    """A playbook, new or changed. ``actions``: [{"id"?, "title", "channel"?, "due_hours"?, "hint"?}] in order;
    those left out go. A playbook without actions is allowed: it makes no tasks. Invalid names each fault."""
    require(actor, "rules")
    book = book or Playbook(stage=values.get("stage", ""), name="")
    for name in ("stage", "step", "position", "is_active", *TEXTS):
        if name in values:
            setattr(book, name, clean_text(values[name]) if name in TEXTS else values[name])
    if "material" in values:
        book.material = [clean_link(one) for one in values["material"] or []]
    check(book)
    book.updated_at = as_of
    book.save()
    if "actions" in values:
        write_actions(book, values["actions"] or [])
    audit("playbook_saved", book, {"stage": book.stage, "name": book.name}, actor=actor, as_of=as_of)
    return book


def check(book: Playbook) -> None:
    errors = []
    if book.stage not in Stage.values:
        known = _("Known values: %(known)s.") % {"known": ", ".join(Stage.values)}
        errors.append({"field": "stage", "code": "unknown_value", "message": known})
    if book.step and (book.stage != Stage.OPPORTUNITY or book.step not in DealStep.values):
        message = _("Only an opportunity has steps: %(known)s.") % {"known": ", ".join(DealStep.values)}
        errors.append({"field": "step", "code": "unknown_value", "message": message})
    if not book.name:
        errors.append({"field": "name", "code": "required", "message": _("Name the playbook.")})
    if errors:
        raise Invalid(errors)


def clean_link(given: Any) -> dict[str, str]:
    """A title and an address that a browser may open: http or https, nothing else."""
    told = given if isinstance(given, dict) else {"title": str(given), "url": str(given)}
    url, title = clean_text(str(told.get("url") or ""))[:1000], clean_text(str(told.get("title") or ""))[:300]
    try:
        fine = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).netloc)
    except ValueError:
        fine = False
    if not fine:
        raise Invalid.field("material", _("An address begins with https://."))
    return {"title": title or url, "url": url}


def write_actions(book: Playbook, given: list[dict[str, Any]]) -> None:
    if len(given) > MOST_ACTIONS:
        raise Invalid.field("actions", _("At most %(most)d actions.") % {"most": MOST_ACTIONS}, "too_many")
    known = {str(one.pk): one for one in book.actions.all()}  # type: ignore[attr-defined]
    kept = []
    for at, told in enumerate(given):
        action = known.get(str(told.get("id") or "")) or PlaybookAction(playbook=book)
        action.title = clean_text(str(told.get("title") or ""))[:300]
        action.channel, action.hint = told.get("channel") or "", clean_text(str(told.get("hint") or ""))
        action.due_hours, action.position = told.get("due_hours") or 24, at
        if not action.title:
            raise Invalid.field(f"actions[{at}].title", _("What is to be done?"), "required")
        if action.channel and action.channel not in FollowUpChannel.values:
            raise Invalid.field(f"actions[{at}].channel", _("There is no such way."), "unknown_value")
        if not 0 < action.due_hours <= LATEST_HOURS:
            raise Invalid.field(f"actions[{at}].due_hours", _("From one hour to a year."))
        action.save()
        kept.append(action.pk)
    book.actions.exclude(pk__in=kept).delete()  # type: ignore[attr-defined]


def drop_playbook(book: Playbook, *, as_of: datetime, actor: Member | None) -> None:
    """The playbook goes; tasks that were made from it stay until the lead leaves the stage."""
    require(actor, "rules")
    audit("playbook_dropped", book, {"stage": book.stage, "name": book.name}, actor=actor, as_of=as_of)
    book.delete()


def take_defaults(*, as_of: datetime, actor: Member | None) -> None:
    """The default playbooks, for a workspace that has none."""
    require(actor, "rules")
    if not Playbook.objects.exists():
        playbooks.create()
