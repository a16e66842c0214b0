"""No qualified lead waits for a holder in silence, at whatever stage it came back into the lead pool."""

from typing import Any

import pytest
from django.db import connection

from leadcrm.flow import run_due
from leadcrm.waiting import anything_due
from leads.actions import advance
from leads.models import Lead
from pools.actions import claim_one
from pools.models import AssignmentRule, PoolPolicy, Waiting
from pools.queries import WAITS, counts, waiting
from tests.cast import NOW, a_lead
from tests.pools.cast import DAY, a_rep, held_truly
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", ["sql", "opportunity"])
def test_what_goes_back_with_its_stage_is_given_to_somebody_else(
    workspace: Workspace, ming: Member, stage: str
) -> None:
    PoolPolicy.objects.update(target="lead", spares_opportunities=False)
    bo = a_rep("Bo")
    lead = a_lead(stage=stage)
    claim_one(ming, lead.pk, as_of=NOW)
    assert run_due(workspace, NOW + 2 * DAY)["assigned"] == 1
    lead.refresh_from_db()
    assert (lead.stage, lead.pool, lead.owner) == (stage, "sales", bo)
    held_truly()


@pytest.mark.parametrize("stage", ["mql", "sql", "opportunity"])
def test_what_nobody_can_take_is_listed_with_the_reason(
    workspace: Workspace, api: Any, page: Any, alice: Member, stage: str
) -> None:
    lead = a_lead(name="Han Meimei", stage=stage)
    others = [a_lead(name=f"Other {n}", **fields) for n, fields in enumerate(({}, {"stage": "won"}))]
    assert anything_due(NOW)
    assert run_due(workspace, NOW)["assigned"] == 0
    assert Waiting.objects.get().lead_id == lead.pk and counts(NOW)["unassigned"] == 1
    (told,) = api(alice).get("/api/v1/assignments/waiting/").json()
    assert (told["lead"], told["code"]) == (str(lead.pk), "nobody")
    assert api(alice).get(f"/api/v1/assignments/waiting/{lead.pk}/").status_code == 200
    text = page(alice).get("/w/acme/assignments/").content.decode()
    assert "Han Meimei" in text and "has nobody who takes leads" in text
    assert not Waiting.objects.filter(lead__in=others).exists()
    a_rep("Ann")
    assert run_due(workspace, NOW)["assigned"] == 1
    assert not Waiting.objects.exists() and not waiting().exists()


@pytest.mark.parametrize("step", ["defer", "disqualify"])
def test_what_comes_back_waits_since_then(workspace: Workspace, alice: Member, step: str) -> None:
    lead = a_lead(stage="mql")
    assert run_due(workspace, NOW)["assigned"] == 0 and Waiting.objects.get().since == NOW
    details = {"reason": "budget", "resume_at": NOW + 9 * DAY}
    how: dict[str, Any] = {"actor": alice, "override": "test"}
    advance([lead.pk], step, as_of=NOW + DAY, details=details, **how)
    assert not Waiting.objects.exists()
    again = NOW + 90 * DAY
    advance([lead.pk], "reopen", as_of=again, details={}, **how)
    advance([lead.pk], "to_mql", as_of=again, details={}, **how)
    assert Waiting.objects.get().since == again


def test_what_waits_is_found_by_its_own_index(workspace: Workspace) -> None:
    AssignmentRule.objects.all().delete()
    a_lead(stage="sql")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'lead_waits_for_holder'")
        assert "opportunity" in cursor.fetchone()[0]
        here = f"workspace_id = '{workspace.pk}' AND {WAITS}"
        cursor.execute(f"EXPLAIN SELECT id FROM leads_lead WHERE {here} ORDER BY score DESC LIMIT 1")
        assert "lead_waits_for_holder" in str(cursor.fetchall())
        cursor.execute(f"SELECT count(*) FROM leads_lead WHERE {here}")
        assert cursor.fetchone()[0] == waiting().count() == 1
    assert "lead_waits_for_holder" in waiting().explain()
    assert Lead.objects.count() == 1
