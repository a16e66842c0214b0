"""Nothing goes around the gate; a refusal lists everything; an override is a manager's, and recorded."""

from datetime import timedelta

import pytest

from leads import gates
from leads.actions import add_contact, advance, advance_one, edit, resume_due
from leads.actions.advance import decide
from leads.models import Approval, Gate, Lead, Opportunity, StageChange, TimelineEntry
from tests.cast import NOW, a_lead
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid, NotAllowed, Refused


def held(member: Member, **fields) -> Lead:
    return a_lead(
        **{"email": "a@example.com", "pool": "sales", "owner": member, "held_since": NOW, "score": 65}
        | fields
    )


def test_the_steps_are_those_that_the_lead_declares() -> None:
    assert set(gates.steps()) == {
        "to_mql",
        "to_sql",
        "to_opportunity",
        "win",
        "lose",
        "defer",
        "disqualify",
        "reopen",
        "send_back",
    }


def test_a_rep_is_refused_with_all_that_is_missing_fills_it_in_and_passes(ming: Member) -> None:
    lead = held(ming, stage="mql")
    with pytest.raises(Refused) as refusal:
        advance_one(lead.pk, "to_sql", as_of=NOW, actor=ming)
    assert [one["field"] for one in refusal.value.unmet] == ["pain"]
    edit(lead.pk, {"pain": "Orders get lost"}, as_of=NOW, actor=ming)
    moved, passed = advance_one(lead.pk, "to_sql", as_of=NOW + timedelta(days=2), actor=ming)
    assert (moved.stage, passed) == ("sql", True)
    change = StageChange.objects.get(lead=lead)
    assert (change.actor_id, change.verdict["met"], change.days_in_source) == (ming.pk, ["pain_is_set"], 2)

    with pytest.raises(Refused) as refusal:
        advance_one(lead.pk, "to_opportunity", as_of=NOW, actor=ming)
    assert len(refusal.value.unmet) == 2
    edit(lead.pk, {"budget_status": "estimated", "budget_amount": 1_200_000}, as_of=NOW, actor=ming)
    add_contact(lead.pk, name="Wang", role="decision_maker", as_of=NOW, actor=ming)
    moved, _passed = advance_one(lead.pk, "to_opportunity", as_of=NOW, actor=ming)
    assert moved.stage == "opportunity"
    assert Opportunity.objects.get(lead=lead).amount == 1_200_000


def test_a_step_from_the_wrong_stage_and_an_unknown_step_are_refused(ming: Member) -> None:
    lead = held(ming)
    answer = advance([lead.pk], "win", as_of=NOW, actor=ming)
    assert answer.refused[lead.pk][0]["code"] == "stage"
    with pytest.raises(Invalid):
        advance([lead.pk], "to_the_moon", as_of=NOW, actor=ming)


def test_only_a_manager_overrides_and_the_reason_is_recorded(alice: Member, ming: Member) -> None:
    lead = held(ming, stage="mql")
    with pytest.raises(NotAllowed):
        advance_one(lead.pk, "to_sql", as_of=NOW, actor=ming, override="please")
    moved, _passed = advance_one(lead.pk, "to_sql", as_of=NOW, actor=alice, override="Known customer")
    assert moved.stage == "sql"
    verdict = StageChange.objects.get(lead=lead).verdict
    assert (verdict["override"], verdict["unmet"]) == ("Known customer", ["pain_is_set"])


def test_deferring_wants_a_reason_and_a_day_and_the_lead_comes_back_by_itself(ming: Member) -> None:
    lead = held(ming, stage="mql")
    answer = advance([lead.pk], "defer", as_of=NOW, actor=ming)
    assert {one["field"] for one in answer.refused[lead.pk]} == {"reason", "resume_at"}
    advance_one(
        lead.pk,
        "defer",
        as_of=NOW,
        actor=ming,
        details={"reason": "Budget next year", "resume_at": "2026-05-01", "angle": "New price list"},
    )
    assert resume_due(NOW + timedelta(days=1)) == 0
    assert resume_due(NOW + timedelta(days=90)) == 1
    back = Lead.objects.get(pk=lead.pk)
    assert (back.stage, back.owner_id) == ("lead", ming.pk)
    told = TimelineEntry.objects.get(lead_id=lead.pk, kind="resumed")
    assert told.data["angle"] == "New price list"


def test_a_set_moves_what_may_move_and_says_what_may_not(alice: Member, ming: Member) -> None:
    ready = held(ming, stage="mql", pain="x", email="b@example.com")
    not_ready = held(ming, stage="mql")
    answer = advance([ready.pk, not_ready.pk], "to_sql", as_of=NOW, actor=alice)
    assert answer.moved == [ready.pk]
    assert list(answer.refused) == [not_ready.pk]


@pytest.mark.parametrize("count", [1, 50])
def test_advancing_a_set_costs_a_fixed_number_of_statements(
    workspace: Workspace, alice: Member, ming: Member, count: int, django_assert_max_num_queries
) -> None:
    ids = [held(ming, stage="mql", pain="x", email=f"{i}@example.com").pk for i in range(count)]
    with django_assert_max_num_queries(40):
        assert len(advance(ids, "to_sql", as_of=NOW, actor=alice).moved) == count


def test_approval_waits_for_a_manager_and_the_gate_is_asked_again(alice: Member, ming: Member) -> None:
    Gate.objects.filter(transition="to_sql").update(
        approval_when={"field": "grade", "op": "in", "value": ["A", "B", "C", "D"]}, approval_score=70
    )
    low = held(ming, stage="mql", pain="x")
    answer = advance([low.pk], "to_sql", as_of=NOW, actor=ming)
    assert answer.refused[low.pk][0]["code"] == "approval_score"
    high = held(ming, stage="mql", pain="x", score=75, email="b@example.com")
    lead, moved = advance_one(high.pk, "to_sql", as_of=NOW, actor=ming)
    assert (lead.stage, moved) == ("mql", False)
    decide(Approval.objects.get(), True, "", as_of=NOW, actor=alice)
    assert Lead.objects.get(pk=high.pk).stage == "sql"


def test_two_items_about_the_same_field_are_ticked_each_by_its_own_answer(ming: Member) -> None:
    sizes = [{"field": "employees", "op": "gte", "value": least} for least in (10, 50)]
    Gate.objects.filter(transition="to_sql").update(condition={"all": sizes})
    lead = held(ming, stage="mql", employees=20)
    assert [item["met"] for item in gates.checklist(lead, "to_sql", as_of=NOW)] == [True, False]
