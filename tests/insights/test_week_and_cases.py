"""The week, the calendar feed, and the library of examples."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from rest_framework.test import APIClient

from leads.models import CalendarFeed, Case, Lead, Opportunity, Task
from tests.cast import a_lead
from tests.insights.test_lead_page import HTMX, held
from workspaces.models import Member

Page = Callable[[Member], Client]
Api = Callable[[Member], APIClient]


def a_task(member: Member, lead: Lead | None, hours: float = 1, title: str = "Send the offer; now") -> Task:
    return Task.objects.create(
        member=member, lead=lead, title=title, due_at=timezone.now() + timedelta(hours=hours)
    )


def test_the_feed_tells_a_members_open_tasks_to_whoever_has_its_address(ming: Member, page: Page) -> None:
    a_task(ming, held(ming))
    browser = page(ming)
    shown = browser.post("/w/acme/week/calendar/", headers=HTMX).content.decode()
    address = shown.split('value="http://testserver')[1].split('"')[0]
    answer = Client().get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["SUMMARY"] == "Send the offer; now · Li Lei" and "/leads/" in event["URL"]
    assert b"lilei@example.com" not in answer.content
    browser.post("/w/acme/week/calendar/", headers=HTMX)  # renewed
    assert Client().get(address).status_code == 404
    browser.post("/w/acme/week/calendar/", {"close": "1"})
    assert not CalendarFeed.objects.exists()
    assert Client().get("/calendar/nonsense.ics").status_code == 404


def test_the_feed_of_a_member_who_left_is_closed(ming: Member, api: Api) -> None:
    address = api(ming).post("/api/v1/calendar-feed/").json()["address"].removeprefix("http://testserver")
    assert api(ming).get("/api/v1/calendar-feed/").json()["address"] is None
    assert Client().get(address).status_code == 200
    Member.objects.filter(pk=ming.pk).update(is_active=False)
    assert Client().get(address).status_code == 404


def test_a_task_moves_a_day_and_back(ming: Member, page: Page) -> None:
    task = a_task(ming, held(ming))
    browser = page(ming)
    week = f"/w/acme/week/?from={task.due_at:%Y-%m-%d}"  # tomorrow may be another week
    assert b"Send the offer; now" in browser.get(week).content
    moved = browser.post(f"/w/acme/tasks/{task.pk}/move/", {"days": "1"}, headers=HTMX)
    assert Task.objects.get().due_at == task.due_at + timedelta(days=1)
    import json

    browser.post(json.loads(moved["HX-Trigger"])["toast"]["undo"], headers=HTMX)
    assert Task.objects.get().due_at == task.due_at
    for data in ({}, {"days": "70"}, {"days": "x"}):
        assert browser.post(f"/w/acme/tasks/{task.pk}/move/", data, headers=HTMX).status_code == 422


@pytest.mark.parametrize("asked", ["2026-13-99", "x", "0001-01-01", "9999-12-31", "2026-03-04"])
def test_any_week_may_be_asked_for(ming: Member, page: Page, asked: str) -> None:
    assert page(ming).get("/w/acme/week/", {"from": asked}).status_code == 200


@pytest.mark.parametrize("many", [1, 3])
def test_the_week_takes_a_fixed_number_of_statements(
    ming: Member, page: Page, api: Api, many: int, django_assert_num_queries: Any
) -> None:
    for number in range(many):
        lead = held(ming, email=f"{number}@x.test", email_key=f"{number}@x.test", stage="opportunity")
        a_task(ming, lead)
        Opportunity.objects.create(lead=lead, name="Deal", expected_close=timezone.now().date())
    browser = page(ming)
    browser.get("/w/acme/week/")
    with django_assert_num_queries(14):
        browser.get("/w/acme/week/")
    told = api(ming).get("/api/v1/week/").json()
    assert sum(len(day["closes"]) for day in told["days"]) == many


def test_the_api_moves_a_task(ming: Member, api: Api) -> None:
    task = a_task(ming, None)
    told = api(ming).patch(f"/api/v1/tasks/{task.pk}/", {"due_at": "2099-01-01T00:00:00Z"}, format="json")
    assert told.json()["due_at"].startswith("2099-01-01") and not told.json()["done"]
    assert api(ming).get("/api/v1/week/", {"from": "x"}).status_code == 400


def test_a_manager_marks_an_example_and_everybody_finds_it(
    alice: Member, ming: Member, page: Page, api: Api
) -> None:
    lead = a_lead(stage="sql", industry="manufacturing")
    story = {
        "title": "From no budget to signed",
        "lesson": "Ask who grants it.",
        "stage": "sql",
        "industry": "saas",
    }
    assert page(ming).post(f"/w/acme/leads/{lead.pk}/case/", story, headers=HTMX).status_code == 403
    assert page(alice).get(f"/w/acme/leads/{lead.pk}/case/", headers=HTMX).status_code == 200
    assert page(alice).post(f"/w/acme/leads/{lead.pk}/case/", story, headers=HTMX).status_code == 204
    assert page(alice).post(f"/w/acme/leads/{lead.pk}/case/", story, headers=HTMX).status_code == 422
    for where in ("cases/", "cases/?stage=sql&industry=saas", "stages/sql/"):
        assert b"From no budget to signed" in page(ming).get(f"/w/acme/{where}").content
    assert b"From no budget to signed" not in page(ming).get("/w/acme/cases/?stage=mql").content
    case = Case.objects.get()
    assert page(alice).get(f"/w/acme/cases/{case.pk}/", headers=HTMX).status_code == 200
    changed = page(alice).post(f"/w/acme/cases/{case.pk}/", story | {"title": "Another"}, headers=HTMX)
    assert changed.status_code == 204 and Case.objects.get().title == "Another"
    assert page(alice).post(f"/w/acme/cases/{case.pk}/drop/", headers=HTMX).status_code == 204


def test_cases_in_the_api(alice: Member, ming: Member, api: Api) -> None:
    lead = a_lead(stage="won", industry="saas")
    body = {"lead": str(lead.pk), "title": "Won on the third try", "lesson": "Come back."}
    assert api(ming).post("/api/v1/cases/", body, format="json").status_code == 403
    made = api(alice).post("/api/v1/cases/", body, format="json")
    assert (made.status_code, made.json()["stage"], made.json()["industry"]) == (201, "won", "saas")
    assert api(alice).post("/api/v1/cases/", body, format="json").status_code == 409
    assert api(alice).post("/api/v1/cases/", body | {"lesson": " "}, format="json").status_code == 422
    assert len(api(ming).get("/api/v1/cases/", {"stage": "won", "industry": "saas"}).json()["results"]) == 1
    address = f"/api/v1/cases/{made.json()['id']}/"
    assert api(alice).patch(address, {"title": "x"}, format="json").json()["title"] == "x"
    assert api(alice).get(address).json()["lesson"] == "Come back."
    assert api(alice).delete(address).status_code == 204


def test_the_tier_shows_in_the_list_on_the_board_in_the_peek_and_in_the_api(
    ming: Member, page: Page, api: Api
) -> None:
    lead = held(ming, grade="A", score=90, stage="mql", moved_at=timezone.now(), stage_since=timezone.now())
    old = timezone.now() - timedelta(days=200)
    held(
        ming, grade="D", score=5, stage="mql", name="Old", stage_since=old, captured_at=old,
        email="o@x.test", email_key="o@x.test",
    )  # fmt: skip
    for where in ("leads/", "board/", f"leads/{lead.pk}/peek/", f"leads/{lead.pk}/"):
        assert b"tier-focus" in page(ming).get(f"/w/acme/{where}", headers=HTMX).content, where
    assert api(ming).get(f"/api/v1/leads/{lead.pk}/").json()["tier"] == "focus"
    found = api(ming).get("/api/v1/leads/", {"tier": "let_go"}).json()["results"]
    assert [(one["name"], one["tier"]) for one in found] == [("Old", "let_go")]
    assert api(ming).get("/api/v1/leads/", {"tier": "some"}).status_code == 422
    assert b"Old" in page(ming).get("/w/acme/let-go/").content


def test_texts_are_written_in_the_settings(alice: Member, page: Page) -> None:
    browser, home = page(alice), "/w/acme/settings/texts/"
    assert browser.get(f"{home}new/", headers=HTMX).status_code == 200
    text = {"name": "First call", "channel": "call", "text": "Hello {name}, {secret}"}
    assert browser.post(f"{home}new/", text, headers=HTMX).status_code == 422  # no lead has such a field
    assert browser.post(f"{home}new/", text | {"text": "Hello {name}"}, headers=HTMX).status_code < 400
    assert b"Hello {name}" in browser.get(home).content
