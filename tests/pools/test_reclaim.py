"""What nobody followed up goes back, keeps its stage, and says why; another rep can claim it."""

import pytest

from leadcrm.flow import run_due
from leads.actions import log_follow_up
from leads.models import Lead, TimelineEntry
from pools.actions import claim, claim_one, reclaim_due
from pools.models import Assignment
from pools.queries import counts, leaving
from tests.cast import NOW, a_lead
from tests.pools.cast import DAY, a_rep, held_truly, kinds, later, some_leads
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db


def test_it_goes_to_the_recycle_pool_and_says_why(ming: Member) -> None:
    lead = a_lead(stage="mql", pool="recycle").pk
    claim_one(ming, lead, as_of=NOW)
    assert reclaim_due(later(hours=23)) == 0
    assert reclaim_due(later(hours=24)) == 1
    gone = Lead.objects.get(pk=lead)
    assert (gone.pool, gone.owner_id, gone.stage, gone.version) == ("recycle", None, "mql", 3)
    entry = TimelineEntry.objects.get(lead_id=lead, kind="reclaimed")
    assert entry.actor_id is None
    assert entry.data["former_owner"] == str(ming.pk)
    assert entry.data["reason"] == "first_contact"
    assert entry.data["due"].startswith("2026-03-03T09:00")
    ended = Assignment.objects.get(lead_id=lead)
    assert (ended.ended, ended.end_reason, ended.ended_at) == ("reclaimed", "first_contact", later(hours=24))
    claim_one(a_rep("Fang"), lead, as_of=later(hours=25))
    held_truly()


def test_exactly_what_nobody_followed_up(workspace: Workspace, ming: Member) -> None:
    leads = some_leads(9)
    claim(ming, leads, as_of=NOW)
    for lead in leads[:3]:
        log_follow_up(lead, channel="call", outcome="reached", as_of=later(hours=1), actor=ming)
        log_follow_up(lead, channel="call", outcome="reached", as_of=later(days=5), actor=ming)
    for lead in leads[3:5]:  # once, and then no more
        log_follow_up(lead, channel="call", outcome="reached", as_of=later(hours=1), actor=ming)
    assert counts(later(days=5))["reclaim_24h"] == 4
    assert counts(later(days=5))["reclaim_7d"] == 9
    assert leaving(later(days=5), 3 * DAY, ming).count() == 6
    done = run_due(workspace, later(days=8))
    assert done["reclaimed"] == 6
    assert set(Lead.objects.filter(pool="sales").values_list("pk", flat=True)) == set(leads[:3])
    reasons = Assignment.objects.filter(lead_id__in=leads[3:]).values_list("lead_id", "end_reason")
    expected = {lead: "follow_up" if lead in leads[:5] else "first_contact" for lead in leads[3:]}
    assert dict(reasons) == expected
    assert run_due(workspace, later(days=8))["reclaimed"] == 0
    held_truly()


def test_in_batches(ming: Member) -> None:
    leads = some_leads(5)
    claim(ming, leads, as_of=NOW)
    assert [reclaim_due(later(days=2), limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert all(sorted(kinds(lead)) == ["claimed", "reclaimed", "response_late"] for lead in leads)


def test_many_cost_what_one_costs(ming: Member, django_assert_max_num_queries) -> None:
    spent = []
    for count in (1, 15):
        claim(ming, some_leads(count), as_of=NOW)
        with django_assert_max_num_queries(30) as queries:
            assert reclaim_due(later(days=2)) == count
        spent.append(len(queries))
    assert spent[0] == spent[1]
