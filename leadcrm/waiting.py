"""Whether anything at all is due in a workspace: one statement, asked before each look.

Most looks find nothing: a thousand quiet workspaces are looked at every few seconds. Each line is true wherever
its work in ``leadcrm/flow.py`` could find something to do; true too often costs a look, false once too often would
lose work, so in doubt it is true.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from intake.actions.again import KEPT as DELIVERIES_KEPT
from intake.actions.enter import KEPT as SENT_KEPT
from intake.actions.enter import KEPT_FAILED
from intake.actions.forgetting import EXPORTS_KEPT, IMPORTS_KEPT
from leads.actions.tags import RETAG_EVERY
from notices.actions.tasks import LATEST
from pools.queries import WAITS
from scoring.learning.actions import MONTH
from scoring.review.actions import month_of
from workspaces.repeats import KEPT as ANSWERS_KEPT
from workspaces.tenancy import current_workspace_id

HERE = "workspace_id = %(workspace)s"
LEADS = f"SELECT FROM leads_lead WHERE {HERE} AND"
LEASED = (
    "intake_submission intake_delivery intake_import intake_export scoring_rescoring"
    " scoring_training scoring_review"
).split()
SENT = ("notices_sending", "leads_matchwork", "intake_enriching", "leads_valuecount")
SIGNS = [
    f"{LEADS} resume_at <= %(as_of)s",
    f"{LEADS} rescore_at <= %(as_of)s",
    f"{LEADS} reclaim_at <= %(as_of)s",
    f"{LEADS} warn_at <= %(as_of)s",
    f"{LEADS} {WAITS}",
    f"SELECT FROM leads_tagrule WHERE {HERE} AND is_active AND (checked_at IS NULL OR checked_at <= %(retag)s)",
    f"SELECT FROM pools_poolpolicy WHERE {HERE} AND is_active AND refit_at <= %(as_of)s",
    f"SELECT FROM pools_responsepolicy WHERE {HERE} AND is_active AND refit_at <= %(as_of)s",
    f"SELECT FROM pools_responseclock WHERE {HERE} AND due_at <= %(as_of)s",
    f"""SELECT FROM workspaces_member m CROSS JOIN LATERAL (
        SELECT FROM leads_task t WHERE t.workspace_id = %(workspace)s AND t.member_id = m.id AND t.done_at IS NULL
            AND t.due_at > %(tasks)s AND t.due_at <= %(as_of)s LIMIT 1) t
        WHERE m.{HERE} AND m.is_active""",
    f"SELECT FROM workspaces_repeatedrequest WHERE {HERE} AND created_at < %(answers)s",
    f"SELECT FROM intake_delivery WHERE {HERE} AND received_at < %(deliveries)s AND status <> 'waiting'",
    f"SELECT FROM intake_submission WHERE {HERE} AND received_at < %(sent)s AND status = 'done'",
    f"SELECT FROM intake_submission WHERE {HERE} AND received_at < %(failed)s AND status = 'failed'",
    f"SELECT FROM intake_export WHERE {HERE} AND created_at < %(exports)s AND status <> 'queued'",
    f"SELECT FROM intake_import WHERE {HERE} AND created_at < %(imports)s AND status = 'uploaded'",
    f"""SELECT FROM intake_import i JOIN intake_filechunk c USING (workspace_id, file_id)
        WHERE i.{HERE} AND i.created_at < %(imports)s AND i.status = 'failed'""",
    f"SELECT FROM leads_lead WHERE {HERE} AND NOT EXISTS (SELECT FROM leads_valuecount v WHERE v.{HERE})",
    f"SELECT FROM scoring_training WHERE {HERE} AND monthly AND finished_at <= %(trained)s",
    f"""SELECT FROM scoring_scorecard c WHERE c.{HERE} AND c.status = 'active' AND NOT EXISTS (
        SELECT FROM scoring_review r WHERE r.{HERE} AND r.month >= %(month)s
            AND r.team_id IS NOT DISTINCT FROM c.team_id)""",
    *(
        f"SELECT FROM {table} WHERE {HERE} AND due_at IS NOT NULL AND (parked_at IS NOT NULL OR due_at <= %(as_of)s "
        "AND (leased_until IS NULL OR leased_until < %(clock)s))"
        for table in LEASED
    ),
    *(
        f"SELECT FROM {table} WHERE {HERE} AND due_at <= %(as_of)s AND parked_at IS NULL "
        "AND (leased_until IS NULL OR leased_until < %(clock)s)"
        for table in SENT
    ),
]
ASKED = "SELECT " + " OR ".join(f"EXISTS ({sign})" for sign in SIGNS)


def anything_due(as_of: datetime) -> bool:
    """In the open workspace, as of that moment."""
    places: dict[str, Any] = {
        "workspace": current_workspace_id(),
        "as_of": as_of,
        "clock": timezone.now(),
        "retag": as_of - RETAG_EVERY,
        "tasks": as_of - LATEST,
        "answers": as_of - ANSWERS_KEPT,
        "deliveries": as_of - DELIVERIES_KEPT,
        "sent": as_of - SENT_KEPT,
        "failed": as_of - KEPT_FAILED,
        "exports": as_of - EXPORTS_KEPT,
        "imports": as_of - IMPORTS_KEPT,
        "trained": as_of - MONTH,
        "month": month_of(as_of),
    }
    with connection.cursor() as cursor:
        cursor.execute(ASKED, places)
        return bool(cursor.fetchone()[0])
