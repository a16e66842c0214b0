"""Pages of the sales floor: what leaves and why, extending, locking, marking, and the settings of it all."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from pools.actions import claim_one
from pools.actions.rules import save_claim_rule, save_rule
from pools.models import AssignmentRule, ClaimPolicy, ClaimRule, InvalidMark, PoolPolicy, Protection, RepTerms
from tests.cast import a_lead, join
from tests.pools.cast import a_manager, a_rep
from workspaces.calendar.actions import add_absence, set_day
from workspaces.models import Absence, CalendarDay, Member, Role, WorkCalendar

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]


@pytest.fixture
def lead(ming: Member) -> Lead:
    found = a_lead(name="Han Meimei", wechat="hanmeimei", captured_at=timezone.now())
    claim_one(ming, found.pk, as_of=timezone.now())
    return found


def test_what_leaves_by_tomorrow_and_why(page: Page, lead: Lead, alice: Member, ming: Member) -> None:
    for member in (alice, ming):
        text = page(member).get("/w/acme/pools/leaving/").content.decode()
        assert "Han Meimei" in text and "not contacted in time" in text
    answer = page(alice).post(
        "/w/acme/pools/extend/", {"ids": [str(lead.pk)], "days": 3, "reason": "On holiday"}
    )
    assert answer.status_code in (204, 302) and Protection.objects.get().reason == "On holiday"
    assert b"Han Meimei" not in page(ming).get("/w/acme/pools/leaving/").content
    assert page(ming).post("/w/acme/pools/extend/", {"ids": [str(lead.pk)]}).status_code == 403


def going(owner: Member, many: int, hours: int) -> None:
    for number in range(many):
        a_lead(
            name=f"Within {hours} h, number {number}",
            owner=owner,
            pool="sales",
            held_since=timezone.now(),
            reclaim_at=timezone.now() + timedelta(hours=hours),
            reclaim_reason="follow_up",
        )


def test_what_leaves_is_shown_page_by_page_and_counted_whole(page: Page, ming: Member) -> None:
    going(ming, 51, hours=1)
    going(ming, 2, hours=200)
    manager = page(a_manager())
    first = manager.get("/w/acme/pools/leaving/?within=day").content.decode()
    assert first.count("data-row ") == 50
    assert '<span class="tab-count num">51</span>' in first
    onward = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert onward
    more = manager.get("/w/acme/pools/leaving/" + html.unescape(onward[1])).content.decode()
    assert more.count("data-row ") == 1
    assert manager.get("/w/acme/pools/leaving/?cursor=x").status_code == 302


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER, Role.MANAGER])
def test_who_watches_the_floor_sees_what_leaves_everybody(page: Page, ming: Member, role: str) -> None:
    going(ming, 1, hours=1)
    watching = page(join("someone@acme.test", "Someone", role))
    assert b"Within 1 h" in watching.get("/w/acme/pools/leaving/").content
    assert b"Within 1 h" in watching.get("/w/acme/pools/").content


def test_who_is_away_is_marked_for_those_who_can_extend(page: Page, ming: Member) -> None:
    today = timezone.localdate()
    add_absence(ming, today - timedelta(days=2), today + timedelta(days=4), as_of=timezone.now(), actor=None)
    going(ming, 1, hours=1)
    assert b"away until" in page(a_manager()).get("/w/acme/pools/leaving/").content
    assert b"away until" not in page(ming).get("/w/acme/pools/leaving/").content


def test_a_rep_sees_what_leaves_them_alone(page: Page, ming: Member) -> None:
    going(a_rep("Ann"), 1, hours=1)
    assert b"Within 1 h" not in page(ming).get("/w/acme/pools/leaving/").content
    assert re.search(rb"within=day\">0<", page(ming).get("/w/acme/pools/").content)


def test_a_dry_run_shows_who_would_get_what_and_stores_nothing(page: Page, ming: Member) -> None:
    manager, at = page(a_manager()), "/w/acme/assignments/dry-run/"
    leads = [a_lead(stage="mql", score=60 + n, industry="saas").pk for n in range(3)]
    held = a_lead(stage="mql", owner=ming, pool="sales", held_since=timezone.now()).pk
    AssignmentRule.objects.all().delete()
    assert b"No assignment rule fits this lead." in manager.get(at).content
    rule = save_rule(AssignmentRule(name="All", position=1), {ming: None}, as_of=timezone.now(), actor=None)
    said = manager.get(at).content.decode()
    assert "Of 3 leads 3 would go to somebody, 0 would wait." in said
    assert "It was their turn by the rule “All”." in said
    some = {"where": '{"field": "score", "op": "gte", "value": 61}'}
    assert "Of 2 leads 2 would go" in manager.get(at, some).content.decode()
    assert "Of 3 leads 3 would go" in manager.get(at, {"rule": rule.pk}).content.decode()
    chosen = manager.get(at, {"ids": [leads[0], held]}, headers={"HX-Target": "peek-body"}).content.decode()
    assert "Of 1 leads 1 would go" in chosen
    assert "1 lead is left out" in chosen
    assert (
        "The condition is not complete yet." in manager.get(at, {"where": '{"all": [{}]}'}).content.decode()
    )
    assert not Lead.objects.filter(pk__in=leads).exclude(owner=None).exists()
    assert page(ming).get(at).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_a_dry_run_costs_as_many_queries_for_three_leads_as_for_one(
    page: Page, ming: Member, rows: int
) -> None:
    for _ in range(rows):
        a_lead(stage="mql")
    save_rule(AssignmentRule(name="All", position=0), {ming: None}, as_of=timezone.now(), actor=None)
    manager = page(a_manager())
    manager.get("/w/acme/assignments/dry-run/")
    with CaptureQueriesContext(connection) as made:
        manager.get("/w/acme/assignments/dry-run/")
    asked = [one["sql"] for one in made if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) == 33, asked


def test_from_the_page_of_a_lead(page: Page, lead: Lead, alice: Member, ming: Member) -> None:
    at, admin, rep = f"/w/acme/leads/{lead.pk}/", page(alice), page(ming)
    assert b"extension/" in admin.get(at).content and b"extension/" not in rep.get(at).content
    assert admin.get(f"{at}extension/").status_code == 200
    assert admin.post(f"{at}extension/", {"days": 3, "reason": "x"}).status_code in (204, 302)
    until = (timezone.now() + timedelta(days=20)).date()
    assert admin.post(f"{at}lock/", {"until": until, "reason": "Fair"}).status_code in (204, 302)
    assert Protection.objects.filter(ended_at=None).count() == 2
    assert admin.post(f"{at}unlock/").status_code in (204, 302)
    assert rep.post(f"{at}lock/", {"until": until, "reason": "x"}).status_code == 403
    assert rep.post(f"{at}invalid/", {"reason": "no such person"}).status_code in (204, 302)
    assert InvalidMark.objects.count() == 1
    assert rep.post(f"{at}valid/").status_code in (204, 302) and not InvalidMark.objects.exists()


POLICY = {
    "name": "Key",
    "first_contact_hours": 2,
    "follow_up_days": 3,
    "max_hold_days": 30,
    "warn_percent": 75,
    "counts": "working",
    "target": "nurture",
    "nurture_days": 30,
    "position": 0,
    "is_active": "on",
}


def test_a_policy_with_its_preview(page: Page, lead: Lead, alice: Member) -> None:
    admin = page(alice)
    assert admin.post("/w/acme/settings/pools/new/", POLICY).status_code in (204, 302)
    policy = PoolPolicy.objects.get(name="Key")
    assert (policy.counts, policy.exemption, policy.facts) == ("working", None, None)
    found = admin.post(f"/w/acme/settings/pools/{policy.pk}/preview/", POLICY | {"first_contact_hours": 1})
    assert b"would speak for 1" in found.content
    assert b"Han Meimei" in found.content  # the leads themselves, not their number alone
    before = PoolPolicy.objects.count()
    new = admin.post(
        "/w/acme/settings/pools/new/?what=preview", POLICY | {"first_contact_hours": 1, "position": 0}
    )
    assert "It would speak for" in new.content.decode() and PoolPolicy.objects.count() == before
    without = admin.get(f"/w/acme/settings/pools/{policy.pk}/without/")
    assert "Without it" in without.content.decode()
    wrong = admin.post(f"/w/acme/settings/pools/{policy.pk}/preview/", POLICY | {"max_hold_days": 1})
    assert wrong.status_code == 200 and b"longest hold" in wrong.content
    assert b"Key" in admin.get("/w/acme/settings/pools/").content


def test_claiming_and_its_rules(page: Page, alice: Member, ming: Member) -> None:
    admin = page(alice)
    limits = {"daily_quota": 9, "holding_capacity": 90, "cooldown_days": 5, "freeze_hours": 2, "most_a": 4}
    assert admin.post("/w/acme/settings/pools/new/?what=claim", limits).status_code in (204, 302)
    assert ClaimPolicy.objects.get().capacity_by_grade == {"A": 4}
    body = {"name": "Ours", "members": [str(ming.pk)], "position": 1, "is_active": "on"}
    assert admin.post("/w/acme/settings/pools/new/?what=claim-rule", body).status_code in (204, 302)
    rule = ClaimRule.objects.get()
    assert rule.members == [ming.pk]
    at = f"/w/acme/settings/pools/{rule.pk}/"
    assert admin.get(f"{at}claim-rule/").status_code == 200
    assert admin.post(f"{at}drop-claim-rule/").status_code in (204, 302) and not ClaimRule.objects.exists()
    save_claim_rule(ClaimRule(name="Nobody's"), as_of=timezone.now(), actor=alice)
    assert b"Nobody" in admin.get("/w/acme/settings/pools/").content


def test_assignment(page: Page, alice: Member, ming: Member) -> None:
    admin = page(alice)
    body = {
        "name": "Key",
        "strategy": "by_level",
        "overflow": "next_rule",
        "position": 0,
        "members": [ming.pk],
    }
    assert admin.post("/w/acme/settings/assignment/new/", body).status_code in (204, 302)
    rule = AssignmentRule.objects.get(name="Key")
    assert [one["member"] for one in rule.members] == [ming.pk]
    at = f"/w/acme/settings/assignment/{rule.pk}/"
    assert b"Weight of Ming" in admin.get(at).content
    weighted = body | {"strategy": "weighted", f"weight_{ming.pk}": 3}
    assert admin.post(at, weighted).status_code in (204, 302)
    assert admin.post(at, body).status_code in (204, 302), "what the form does not say stays"
    assert [one["weight"] for one in rule.members] == [3]
    assert b"(weight 3)" in admin.get("/w/acme/settings/assignment/").content
    chosen = {"default_assignee": str(alice.pk)}
    assert admin.post("/w/acme/settings/assignment/new/?what=default", chosen).status_code in (204, 302)
    terms = {"level": "senior", "weight": 2, "per_day": 5}
    at = f"/w/acme/settings/assignment/{ming.pk}/terms/"
    assert admin.get(at).status_code == 200 and admin.post(at, terms).status_code in (204, 302)
    assert RepTerms.objects.get().per_day == 5
    text = admin.get("/w/acme/settings/assignment/").content.decode()
    assert "Seniors for A" in text and "It goes to Alice" in text


def test_the_calendar(page: Page, alice: Member, ming: Member) -> None:
    admin = page(alice)
    week = {"country": "CN"} | {f"day{n}": "09:00-12:00, 13:00-18:00" for n in range(5)}
    named = admin.get("/w/acme/settings/calendar/new/").content.decode()
    assert '<option value="CN">China</option>' in named and '<option value="DE">Germany</option>' in named
    assert admin.post("/w/acme/settings/calendar/new/", week).status_code in (204, 302)
    assert WorkCalendar.objects.get().hours[0] == [["09:00", "12:00"], ["13:00", "18:00"]]
    wrong = admin.post("/w/acme/settings/calendar/new/", week | {"day0": "9 to 6"})
    assert wrong.status_code == 422
    far = date(2098, 1, 1)
    assert admin.post("/w/acme/settings/calendar/new/?what=day", {"day": far}).status_code in (204, 302)
    away: Any = {"member": ming.pk, "starts_on": far, "ends_on": far}
    assert admin.post("/w/acme/settings/calendar/new/?what=absence", away).status_code in (204, 302)
    text = admin.get("/w/acme/settings/calendar/").content.decode()
    assert "Ming" in text and "09:00-12:00" in text
    for row, act in ((CalendarDay.objects.get(), "drop-day"), (Absence.objects.get(), "drop-absence")):
        assert admin.post(f"/w/acme/settings/calendar/{row.pk}/{act}/").status_code in (204, 302)
    set_day(far, True, as_of=timezone.now(), actor=alice)
    add_absence(ming, far, far, as_of=timezone.now(), actor=alice)
    assert page(ming).get("/w/acme/settings/calendar/").status_code == 200
