"""Entering a stage lays out its actions; who stands too long is told why, and what to do."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from insights.diagnosis import diagnose
from insights.usual import usual_times
from leads.actions import advance, edit, finish_task, log_follow_up
from leads.actions.catalogue import change_opportunity
from leads.actions.playbooks import save_playbook
from leads.models import Lead, Opportunity, Playbook, StageChange, Task
from tests.cast import NOW, a_lead
from tests.insights.test_lead_page import HTMX, address, held
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid

Page = Callable[[Member], Client]


def day(days: float) -> object:
    return NOW + timedelta(days=days)


def test_entering_a_stage_lays_out_its_actions_and_leaving_it_closes_them(
    alice: Member, ming: Member
) -> None:
    lead = held(ming, stage="mql", pain="Slow", budget_status="approved")
    advance([lead.pk], "to_sql", as_of=NOW, actor=ming)
    tasks = Task.objects.filter(lead=lead).order_by("due_at")
    assert [task.title for task in tasks][:1] == ["Interview: need, budget, authority, timeline"]
    assert {task.member_id for task in tasks} == {ming.pk}
    assert Lead.objects.get(pk=lead.pk).next_action_at == NOW + timedelta(days=3)
    finish_task(tasks[0].pk, as_of=NOW, actor=ming)
    advance([lead.pk], "to_opportunity", as_of=day(1), actor=alice, override="Known")
    first = Task.objects.filter(lead=lead, done_at=None)
    assert {task.title for task in first} == {"Send the proposal", "Invite to a demo"}
    assert Task.objects.filter(lead=lead, skipped=True).count() == 2
    deal = Opportunity.objects.get()
    change_opportunity(deal, {"step": "demo"}, as_of=day(2), actor=ming)
    assert {t.title for t in Task.objects.filter(lead=lead, done_at=None)} == {
        "Give the demo", "Collect questions and answer them in writing",
    }  # fmt: skip


def test_a_playbook_is_written_and_faults_are_said(alice: Member, page: Page, api: Callable) -> None:
    client = api(alice)
    empty = client.post("/api/v1/playbooks/", {"stage": "lead", "name": "Look"}, format="json")
    assert (empty.status_code, empty.data["actions"]) == (201, [])
    assert advance([held(alice).pk], "to_mql", as_of=NOW, actor=alice, override="x").moved
    one = f"/api/v1/playbooks/{empty.data['id']}/"
    body = {"actions": [{"title": "Look them up", "due_hours": 2}], "material": [{"url": "https://x.io/a"}]}
    assert client.patch(one, body, format="json").data["actions"][0]["due_hours"] == 2
    assert client.get(one).status_code == 200
    for wrong in (
        {"stage": "moon"}, {"step": "demo"}, {"material": [{"url": "javascript:alert(1)"}]},
        {"actions": [{"title": ""}]}, {"actions": [{"title": "x", "due_hours": 0}]},
    ):  # fmt: skip
        assert client.patch(one, wrong, format="json").status_code == 422, wrong
    assert len(client.get("/api/v1/playbooks/?stage=opportunity").data["results"]) == 4
    browser = page(alice)
    book = Playbook.objects.get(stage="sql")
    assert b"Interview" in browser.get(f"/w/acme/settings/playbooks/{book.pk}/", headers=HTMX).content
    told = {"name": "Dig", "stage": "sql", "title_0": "Ask", "days_0": "0.5", "is_active": "on"}
    assert browser.post(f"/w/acme/settings/playbooks/{book.pk}/", told, headers=HTMX).status_code == 204
    assert [(a.title, a.due_hours) for a in book.actions.all()] == [("Ask", 12)]
    assert b"Dig" in browser.get("/w/acme/settings/playbooks/").content
    assert client.delete(one).status_code == 204
    with pytest.raises(Invalid):
        save_playbook({"stage": "lead", "name": ""}, as_of=NOW, actor=alice)
    Playbook.objects.all().delete()
    assert browser.post("/w/acme/settings/playbooks/new/?what=defaults", headers=HTMX).status_code == 204
    assert Playbook.objects.count() == 7


def test_the_usual_time_comes_from_history_with_a_stated_fallback(workspace: Workspace) -> None:
    lead = a_lead()
    assert (usual_times(NOW)["sql"].limit, usual_times(NOW)["sql"].thin) == (7, True)
    StageChange.objects.bulk_create(
        [
            StageChange(lead=lead, transition="to_opportunity", source="sql", target="opportunity", at=NOW,
                        days_in_source=days)
            for days in range(1, 41)
        ]
    )  # fmt: skip
    found = usual_times(NOW)["sql"]
    assert (found.median, found.limit, found.thin, found.stays) == (20.5, 31, False, 40)


def test_the_action_is_told_from_the_lead_with_the_next_move(ming: Member, alice: Member) -> None:
    lead = held(ming, stage="mql", stage_since=NOW)
    fresh = diagnose(lead, day(3))
    assert fresh is not None and not fresh.stuck
    silent = diagnose(lead, day(20))
    assert (silent.cause, silent.move, silent.missing[0].what) == ("action", "do", "First contact")
    assert silent.missing[0].whose == "Ming"
    for n in range(3):
        log_follow_up(lead.pk, channel="call", outcome="reached", as_of=day(12 + n), actor=ming)
    lead = Lead.objects.get(pk=lead.pk)
    asked = diagnose(lead, day(20))
    assert (asked.cause, asked.contacts, asked.move) == ("lead", 3, "ask")
    assert asked.suggestion.startswith("Ask: What hurts")
    for n in range(3):
        log_follow_up(lead.pk, channel="call", outcome="reached", as_of=day(16 + n), actor=ming)
    assert diagnose(Lead.objects.get(pk=lead.pk), day(20)).move == "defer"
    edit(lead.pk, {"need_level": "none"}, as_of=day(19), actor=ming)
    assert diagnose(Lead.objects.get(pk=lead.pk), day(20)).move == "disqualify"
    edit(lead.pk, {"pain": "Slow"}, as_of=day(19), actor=ming)
    open_gate = diagnose(Lead.objects.get(pk=lead.pk), day(20))
    assert (open_gate.cause, open_gate.move) == ("action", "step")


def test_pages_and_api_tell_the_same(alice: Member, ming: Member, page: Page, api: Callable) -> None:
    lead = held(ming, stage="mql", stage_since=NOW - timedelta(days=40), held_since=NOW - timedelta(days=40))
    found = api(ming).get(f"/api/v1/leads/{lead.pk}/diagnosis/").data
    assert (found["stuck"], found["cause"]) == (True, "action")
    won = a_lead(stage="won")
    assert api(ming).get(f"/api/v1/leads/{won.pk}/diagnosis/").data["stuck"] is False
    assert b"Stuck: the action is missing" in page(ming).get(address(lead)).content
    shown = page(alice).get("/w/acme/stuck/").content.decode()
    assert "Past the usual time" in shown and str(lead) in shown
    row = next(r for r in api(alice).get("/api/v1/reports/stuck/").data["rows"] if r["stage"] == "mql")
    assert (row["late"], row["limit_days"]) == (1, 7)
    stage = api(alice).get("/api/v1/stages/mql/").data
    assert stage["playbooks"][0]["actions"][0]["made"] == 0
    assert api(alice).get("/api/v1/stages/moon/").status_code == 404
    assert b"Where leads leave" in page(alice).get("/w/acme/stages/mql/").content
