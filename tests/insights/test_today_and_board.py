"""Today says what to do next and why; the board moves what the gate lets through."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from insights.today import MOST, day
from leads.actions import add_task, log_follow_up
from leads.agenda import week_of
from leads.models import Lead, Task
from leads.queries import to_do
from notices.actions import tell_tasks_due
from pools.actions import give, release
from tests.cast import NOW, a_lead, join
from tests.insights.test_lead_page import HTMX, held
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

Page = Callable[[Member], Client]


def test_the_day_is_ordered_by_urgency_with_a_reason_each(ming: Member) -> None:
    late = held(ming, name="Late", reclaim_at=NOW - timedelta(hours=1), reclaim_reason="first_contact")
    soon = held(
        ming, name="Soon", reclaim_at=NOW + timedelta(hours=3), reclaim_reason="follow_up", email="b@x.io"
    )
    hot = held(ming, name="Hot", grade="A", email="c@x.io")
    add_task(member_id=ming.pk, title="Call back", due_at=NOW + timedelta(days=3), as_of=NOW, actor=ming)
    found = day(ming, NOW)
    assert [item.lead.id for item in found.groups["late"] if item.lead] == [late.pk]
    assert [item.lead.id for item in found.groups["now"] if item.lead] == [hot.pk, soon.pk]
    assert [item.why for item in found.groups["later"]] == ["Call back"]
    assert all(item.why for items in found.groups.values() for item in items)


def test_a_long_list_shows_its_first_rows_and_the_others_when_asked(ming: Member, page: Page) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    for number in range(28):
        add_task(member_id=ming.pk, title=f"Task {number}", due_at=yesterday, as_of=NOW, actor=ming)
    client = page(ming)
    first, whole = (client.get(f"/w/acme/{asked}").content.decode() for asked in ("", "?all=1"))
    assert (first.count(">Task "), whole.count(">Task ")) == (25, 28)
    assert "Show 3 more" in first and "more</a>" not in whole


def test_a_lead_with_two_reasons_stands_once(ming: Member) -> None:
    held(ming, grade="A", reclaim_at=NOW + timedelta(hours=2), reclaim_reason="first_contact")
    found = day(ming, NOW)
    (item,) = found.groups["now"]
    assert item.also


def test_the_tasks_of_a_lead_stand_in_one_row_until_the_first_is_done(ming: Member) -> None:
    lead = held(ming, grade="D")
    due = NOW - timedelta(days=1)
    for number, title in enumerate(("Call back", "Send the offer", "Ask who decides")):
        at = due + timedelta(hours=number)
        add_task(member_id=ming.pk, title=title, due_at=at, lead_id=lead.pk, as_of=NOW, actor=ming)
    (item,) = day(ming, NOW).groups["late"]
    assert (item.why, item.also) == ("Call back", ["Send the offer", "Ask who decides"])
    Task.objects.filter(pk=item.task).update(done_at=NOW)
    (item,) = day(ming, NOW).groups["late"]
    assert (item.why, item.also) == ("Send the offer", ["Ask who decides"])


def test_what_was_to_be_done_for_a_lead_leaves_with_it(alice: Member, ming: Member) -> None:
    """The next step belongs to whoever holds the lead; what somebody else was asked to do stays theirs."""
    rosa, lead, due = join("rosa@acme.test", "Rosa", "rep"), held(ming, grade="D"), NOW + timedelta(hours=1)
    log_follow_up(
        lead.pk,
        channel="call",
        outcome="reached",
        next_action="Send the offer",
        next_at=due,
        as_of=NOW,
        actor=ming,
    )
    add_task(member_id=rosa.pk, title="Check the price", due_at=due, lead_id=lead.pk, as_of=NOW, actor=ming)
    monday = NOW.date()
    assert todo(ming) == ["Send the offer"]
    release([lead.pk], "no time", as_of=NOW + timedelta(minutes=1), actor=ming)
    assert todo(ming) == []
    assert week_of(ming, monday, as_of=NOW).total == 0
    assert tell_tasks_due(due) == 1  # rosa alone
    give([lead.pk], rosa, as_of=NOW + timedelta(minutes=2), actor=alice)
    assert todo(rosa) == ["Send the offer", "Check the price"] and todo(ming) == []


def todo(member: Member) -> list[str]:
    return [task.title for task in to_do(member).exclude(origin="playbook").order_by("created_at")]


def test_what_leaves_tonight_is_said_in_one_sentence(ming: Member, alice: Member, page: Page) -> None:
    tonight = timezone.now() + timedelta(seconds=1)
    for number, reason in enumerate(["first_contact", "first_contact", "follow_up"]):
        held(ming, email=f"{number}@x.io", reclaim_at=tonight, reclaim_reason=reason)
    held(ming, email="later@x.io", reclaim_at=tonight + timedelta(days=5), reclaim_reason="follow_up")
    said = page(ming).get("/w/acme/").content.decode()
    assert "Tonight 3 leads leave you: 2 not contacted in time; 1 not followed up in time." in said
    assert "/w/acme/pools/leaving/" in said
    assert "Go back by tomorrow night" in page(alice).get("/w/acme/").content.decode()


def test_more_leave_tonight_than_the_list_shows(ming: Member) -> None:
    for number in range(MOST + 2):
        held(ming, email=f"{number}@x.io", reclaim_at=NOW + timedelta(minutes=1), reclaim_reason="follow_up")
    assert day(ming, NOW).tonight == [("not followed up in time", MOST + 2)]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("/w/acme/", 14), ("/w/acme/board/?whose=all", 9)])
def test_pages_cost_the_same_with_one_row_and_with_three(
    ming: Member, page: Page, path: str, queries: int, count: int, django_assert_num_queries
) -> None:
    for number in range(count):
        held(ming, email=f"{number}@x.io", reclaim_at=timezone.now(), reclaim_reason="follow_up")
    browser = page(ming)
    browser.get(path)
    with django_assert_num_queries(queries):
        answer = browser.get(path)
    assert answer.content.count(b"data-row") == count


def test_a_refused_drop_answers_the_checklist_and_a_met_one_moves(ming: Member, page: Page) -> None:
    lead = held(ming, stage="mql")
    drop = {"lead": str(lead.pk), "transition": "to_sql", "to": "sql"}
    refused = page(ming).post("/w/acme/board/move/", drop, headers=HTMX)
    assert (refused.status_code, b'name="pain"' in refused.content) == (409, True)
    Lead.objects.filter(pk=lead.pk).update(pain="Slow")
    assert page(ming).post("/w/acme/board/move/", drop, headers=HTMX).status_code == 204
    assert Lead.objects.get(pk=lead.pk).stage == "sql"


def test_a_drop_of_another_workspace_s_lead_is_not_there(
    ming: Member, elsewhere: Workspace, page: Page
) -> None:
    with enter(elsewhere):
        theirs = a_lead(stage="mql", pain="x")
    drop = {"lead": str(theirs.pk), "transition": "to_sql"}
    assert page(ming).post("/w/acme/board/move/", drop, headers=HTMX).status_code == 404
    with enter(elsewhere):
        assert Lead.objects.get(pk=theirs.pk).stage == "mql"


def test_only_managers_see_approvals(alice: Member, ming: Member, page: Page) -> None:
    assert page(alice).get("/w/acme/approvals/").status_code == 200
    assert page(ming).get("/w/acme/approvals/").status_code == 403
