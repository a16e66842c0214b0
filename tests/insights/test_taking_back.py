"""Whatever is done with a lead from its page can be taken back for a while, exactly, and by nobody else."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from leads.actions.undo import belongings, differences, forget_undo
from leads.models import FollowUp, Lead, StageChange, Task, TimelineEntry, Undo
from leads.telling import told
from pools.actions import claim
from pools.models import Assignment, ClaimPolicy
from pools.queries import claim_room
from pools.words import end_reason
from tests.cast import NOW, a_lead, join
from tests.insights.test_lead_page import HTMX, address, held
from tests.pools.cast import a_rep
from workspaces.models import Member

Page = Callable[[Member], Client]


def do(browser: Client, lead: Lead, rest: str, data: dict[str, Any]) -> str:
    """Something from the lead's page; the address that takes it back."""
    answer = browser.post(address(lead, rest), data, headers=HTMX)
    assert answer.status_code == 204, answer.content
    return json.loads(answer["HX-Trigger"])["toast"]["undo"]


ACTIONS: list[tuple[str, dict[str, Any]]] = [
    (
        "follow-up/",
        {"channel": "call", "summary": "Wants a demo", "next_action": "Send slots", "snooze": "3"},
    ),
    ("facts/need/", {"pain": "Orders get lost", "need_level": "clear"}),
    ("facts/who/", {"name": "Li Lei", "email": "other@example.com"}),
    ("people/", {"name": "Wang Fang", "role": "economic_buyer"}),
    ("tags/", {"tags": "hot, later"}),
    ("task/", {"title": "Send slots", "due_at": "2099-03-01T10:00"}),
    ("give-back/", {"reason": "Not my region"}),
    ("step/disqualify/", {"reason_code": "student", "reason": "A student"}),
    ("step/defer/", {"reason_code": "budget_not_granted", "reason": "No budget", "resume_at": "2099-03-01"}),
]


@pytest.mark.parametrize(("rest", "data"), ACTIONS)
def test_everything_is_as_before(ming: Member, page: Page, rest: str, data: dict[str, Any]) -> None:
    lead, browser = held(ming, stage="mql", score=70, grade="B"), page(ming)
    before = belongings(lead.pk)
    undo = do(browser, lead, rest, data)
    assert differences(before, belongings(lead.pk))
    assert browser.post(undo, headers=HTMX).status_code == 204
    assert differences(before, belongings(lead.pk)) == []
    assert Lead.objects.get(pk=lead.pk).version > lead.version
    with override("en"):
        newest = TimelineEntry.objects.filter(lead_id=lead.pk).order_by("-id")[:1]
        assert told(newest)[0]["text"].startswith("Taken back")
    assert browser.post(undo, headers=HTMX).status_code == 404  # once


def test_a_claim_and_a_move_on_the_board_are_taken_back(ming: Member, page: Page) -> None:
    free, browser = a_lead(stage="mql", pain="x", need_level="clear", email="a@b.test", score=70), page(ming)
    before = belongings(free.pk)
    undo = do(browser, free, "claim/", {})
    assert Lead.objects.get(pk=free.pk).owner_id == ming.pk
    moved = browser.post("/w/acme/board/move/", {"lead": free.pk, "transition": "to_sql"}, headers=HTMX)
    back = json.loads(moved["HX-Trigger"])["toast"]["undo"]
    assert browser.post(undo, headers=HTMX).status_code == 409  # something has happened since
    assert browser.post(back, headers=HTMX).status_code == 204
    assert not StageChange.objects.filter(lead=free).exists()
    assert browser.post(undo, headers=HTMX).status_code == 204
    [left] = differences(before, belongings(free.pk))
    assert (left["table"], left["before"]) == (
        "pools_assignment",
        None,
    )  # that it was claimed is not forgotten


def test_a_claim_that_was_taken_back_has_counted(ming: Member, page: Page) -> None:
    ClaimPolicy.objects.update_or_create(defaults={"daily_quota": 2})
    lead, browser = a_lead(email="a@b.test"), page(ming)
    assert browser.post(do(browser, lead, "claim/", {}), headers=HTMX).status_code == 204
    held = Assignment.objects.get()
    assert (held.ended, end_reason(held)) == ("released", "the claim was taken back")
    now = timezone.now()
    assert claim_room(ming, now).quota_left == 1
    assert claim(ming, [lead.pk], as_of=now).refused[lead.pk]["code"] == "cooldown"
    assert "the claim was taken back" in browser.get("/w/acme/assignments/").content.decode()


def test_what_a_manager_gave_to_somebody_else_is_taken_back(alice: Member, ming: Member, page: Page) -> None:
    lead = a_lead()
    claim(ming, [lead.pk], as_of=NOW)
    before, bo = belongings(lead.pk), a_rep("Bo")
    undo = do(page(alice), lead, "hand-to/", {"owner": str(bo.pk)})
    assert Lead.objects.get(pk=lead.pk).owner_id == bo.pk
    assert page(alice).post(undo, headers=HTMX).status_code == 204
    assert differences(before, belongings(lead.pk)) == []


def test_nobody_takes_back_what_somebody_else_did_or_what_changed_since(ming: Member, page: Page) -> None:
    lead, bo = held(ming), join("bo@acme.test", "Bo", "manager")
    undo = do(page(ming), lead, "facts/need/", {"pain": "Orders get lost", "need_level": "clear"})
    assert page(bo).post(undo, headers=HTMX).status_code == 404
    do(page(bo), lead, "facts/need/", {"pain": "Something else", "need_level": "clear"})
    assert page(ming).post(undo, headers=HTMX).status_code == 409
    assert Lead.objects.get(pk=lead.pk).pain == "Something else"


def test_it_is_too_late_after_a_minute_and_then_forgotten(ming: Member, page: Page) -> None:
    lead = held(ming)
    undo = do(
        page(ming), lead, "follow-up/", {"channel": "call", "summary": "x", "next_action": "y", "snooze": "3"}
    )
    row = Undo.objects.get()
    Undo.objects.update(at=row.at - timedelta(minutes=2))
    assert page(ming).post(undo, headers=HTMX).status_code == 409
    assert FollowUp.objects.count() == 1 and Task.objects.count() == 1
    assert forget_undo(row.at + timedelta(minutes=1)) == 1
    assert NOW
