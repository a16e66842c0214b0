"""Dashboard, assignments and settings in a browser: who sees what, what changes, what is refused."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from leads.models import CustomField, Gate, Lead, Tag, TagRule
from pools.models import Assignment, AssignmentRule, ClaimPolicy, PoolPolicy
from scoring.models import Rule, Scorecard
from tests.cast import a_lead, join
from workspaces.models import ApiKey, AuditEntry, Member, Role, Team, Workspace
from workspaces.tenancy import enter

HTMX = {"HX-Request": "true"}
Page = Callable[[Member], Client]
SECTIONS = ["members", "teams", "scoring", "gates", "pools", "assignment", "tags", "fields", "workspace"]
PAIN = {"all": [{"field": "pain", "op": "is_set"}]}


def settings(rest: str = "") -> str:
    return f"/w/acme/settings/{rest}"


def given(member: Member, many: int) -> None:
    """Leads that the member got two days ago and has not spoken with."""
    began = timezone.now() - timedelta(days=2)
    for number in range(many):
        lead = a_lead(
            name=f"Lead {number}",
            stage="mql",
            pool="sales",
            owner=member,
            held_since=began,
            captured_at=began,
        )
        Assignment.objects.create(lead=lead, member=member, began_at=began, began="assigned", why={})


@pytest.mark.parametrize(
    ("address", "queries"),
    [("dashboard/", 30), ("assignments/", 12), ("dashboard/overdue/", 11), ("settings/members/", 10)],
)
def test_one_row_costs_as_much_as_three(
    alice: Member, ming: Member, page: Page, django_assert_num_queries, address: str, queries: int
) -> None:  # type: ignore[no-untyped-def]
    browser = page(alice)
    given(ming, 1)
    browser.get(f"/w/acme/{address}")
    for more in (0, 2):
        given(ming, more)
        cache.clear()
        with django_assert_num_queries(queries):
            assert browser.get(f"/w/acme/{address}").status_code == 200


def test_the_dashboard_opens_the_list_behind_each_number(alice: Member, ming: Member, page: Page) -> None:
    given(ming, 2)
    browser = page(alice)
    text = browser.get("/w/acme/dashboard/?days=7").content.decode()
    assert "/w/acme/leads/?where=" in text
    assert "/w/acme/dashboard/contacts/?days=7" in text
    late = browser.get(f"/w/acme/dashboard/overdue/?member={ming.pk}").content.decode()
    assert "Lead 0" in late and "Lead 1" in late
    assert browser.get("/w/acme/dashboard/steps/?target=mql").status_code == 200
    assert browser.get("/w/acme/dashboard/contacts/?answered=never").content.count(b"data-row") == 2
    assert browser.get("/w/acme/reports/reps.csv")["Content-Type"].startswith("text/csv")
    for wrong in (
        "dashboard/none/",
        "dashboard/steps/?target=x",
        "dashboard/overdue/?member=x",
        "reports/x.csv",
    ):
        assert browser.get(f"/w/acme/{wrong}").status_code == 404


def test_a_fresh_workspace_begins_with_three_steps(alice: Member, ming: Member, page: Page) -> None:
    browser = page(alice)
    assert b"Import a list of leads" in browser.get("/w/acme/dashboard/").content
    given(ming, 1)
    assert b"Import a list of leads" not in browser.get("/w/acme/dashboard/").content


def test_assignments_say_who_waits_and_why(alice: Member, ming: Member, page: Page) -> None:
    given(ming, 2)
    Member.objects.filter(pk=ming.pk).update(takes_leads=False)
    a_lead(name="Han Meimei", stage="mql")
    browser = page(alice)
    text = browser.get("/w/acme/assignments/").content.decode()
    assert "Han Meimei" in text and "Lead 1" in text
    assert b"Lead 1" not in browser.get(f"/w/acme/assignments/?member={alice.pk}").content
    assert b"Lead 1" not in browser.get("/w/acme/assignments/?began=claimed").content
    assert b"Lead 1" in browser.get("/w/acme/assignments/?days=3660").content
    last = Assignment.objects.order_by("-began_at", "-id")[0]
    assert browser.get(f"/w/acme/assignments/?before={last.pk}").content.count(b'id="assignment-') == 1
    Assignment.objects.update(began_at=timezone.now() - timedelta(days=9))
    assert b"Lead 1" not in browser.get("/w/acme/assignments/?days=7").content


@pytest.mark.parametrize("section", SECTIONS)
def test_a_rep_reads_the_settings_and_changes_nothing(ming: Member, page: Page, section: str) -> None:
    browser = page(ming)
    text = browser.get(settings(f"{section}/"))
    assert (text.status_code, b"You can read this." in text.content) == (200, True)
    assert b'data-peek="/w/acme/settings' not in text.content
    assert browser.get(settings(f"{section}/new/")).status_code == 403
    assert browser.post(settings(f"{section}/{uuid4()}/"), {}).status_code == 403


def test_keys_are_for_admins_alone(ming: Member, alice: Member, page: Page) -> None:
    browser = page(ming)
    assert browser.get(settings("api-keys/")).status_code == 403
    assert b"API keys" not in browser.get(settings()).content
    assert b"API keys" in page(alice).get(settings()).content


def test_another_workspace_is_not_there(
    alice: Member, mallory: Member, elsewhere: Workspace, page: Page
) -> None:
    with enter(elsewhere):
        rows = [Gate.objects.first(), PoolPolicy.objects.first(), Rule.objects.first(), mallory]
    browser = page(alice)
    for section, row in zip(("gates", "pools", "scoring", "members"), rows, strict=True):
        assert row is not None
        assert browser.get(settings(f"{section}/{row.pk}/")).status_code == 404
    assert browser.post(settings(f"members/{mallory.pk}/deactivate/")).status_code == 404
    assert page(mallory).get("/w/acme/dashboard/").status_code == 404


def test_members_are_invited_changed_and_leave(alice: Member, page: Page) -> None:
    browser = page(alice)
    new = {"email": "rosa@acme.test", "name": "Rosa", "role": "rep", "capacity": 50}
    weak = browser.post(settings("members/new/"), new | {"password": "123"}, headers=HTMX)
    assert (weak.status_code, b"field-error" in weak.content) == (422, True)
    good = browser.post(settings("members/new/"), new | {"password": "correct horse battery"}, headers=HTMX)
    assert (good.status_code, "peek-close" in good["HX-Trigger"]) == (204, True)
    rosa = Member.objects.get(email="rosa@acme.test")
    browser.post(
        settings(f"members/{rosa.pk}/"), {"name": "Rosa L", "role": "manager", "capacity": 5}, headers=HTMX
    )
    rosa.refresh_from_db()
    assert (rosa.name, rosa.role, rosa.capacity, rosa.takes_leads) == ("Rosa L", "manager", 5, False)
    browser.post(settings(f"members/{rosa.pk}/password/"), {"password": "another good staple"}, headers=HTMX)
    assert Member.objects.get(pk=rosa.pk).user.check_password("another good staple")
    assert browser.post(settings(f"members/{rosa.pk}/deactivate/"), headers=HTMX).status_code == 204
    assert not Member.objects.get(pk=rosa.pk).is_active


def test_who_holds_leads_hands_them_over_before_leaving(alice: Member, ming: Member, page: Page) -> None:
    given(ming, 2)
    rosa = join("rosa@acme.test", "Rosa", Role.REP)
    browser = page(alice)
    asked = browser.post(settings(f"members/{ming.pk}/deactivate/"), headers=HTMX)
    assert b"still holds 2 leads" in asked.content and b"/hand-over/" in asked.content
    told = {"to": [rosa.pk], "reason": "Leaves in March"}
    assert browser.post(settings(f"members/{ming.pk}/hand-over/"), told, headers=HTMX).status_code == 204
    assert Lead.objects.filter(owner=rosa).count() == 2
    assert browser.post(settings(f"members/{ming.pk}/deactivate/"), headers=HTMX).status_code == 204


def test_an_admin_cannot_open_the_door_of_another_workspace(
    alice: Member, elsewhere: Workspace, page: Page
) -> None:
    with enter(elsewhere):
        join("both@acme.test", "Both", Role.REP)
    both = join("both@acme.test", "Both", Role.REP)
    answer = page(alice).post(
        settings(f"members/{both.pk}/password/"), {"password": "stolen staple!"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert not Member.objects.get(pk=both.pk).user.check_password("stolen staple!")


def test_gates_are_set_and_faults_are_said(alice: Member, page: Page) -> None:
    gate, browser = Gate.objects.get(transition="win"), page(alice)
    assert b"data-rules" in browser.get(settings(f"gates/{gate.pk}/"), headers=HTMX).content
    told = {"condition": json.dumps(PAIN), "approval": "always", "approval_when": "{}", "approval_score": 75}
    assert browser.post(settings(f"gates/{gate.pk}/"), told, headers=HTMX).status_code == 204
    gate.refresh_from_db()
    assert (gate.condition, gate.approval_when, gate.approval_score) == (PAIN, {}, 75)
    assert AuditEntry.objects.filter(action="gate_set").exists()
    for wrong in ('{"field": "nothing", "op": "eq", "value": 1}', "no json"):
        assert browser.post(settings(f"gates/{gate.pk}/"), told | {"condition": wrong}).status_code == 422
    assert b"A manager approves, from a score of 75." in browser.get(settings("gates/")).content


def test_policies_claiming_and_assignment(alice: Member, page: Page) -> None:
    browser = page(alice)
    policy = {"name": "Hot", "condition": json.dumps(PAIN), "first_contact_hours": 4, "follow_up_days": 2}
    policy |= {"max_hold_days": 30, "warn_percent": 50, "position": 0, "is_active": "on"}
    policy |= {"counts": "clock", "target": "recycle", "nurture_days": 30}
    assert browser.post(settings("pools/new/"), policy, headers=HTMX).status_code == 204
    row = PoolPolicy.objects.get(name="Hot")
    assert (row.first_contact_hours, float(row.warn_share), row.condition) == (4, 0.5, PAIN)
    assert browser.post(settings(f"pools/{row.pk}/"), policy | {"max_hold_days": 1}).status_code == 422
    claim = {"daily_quota": 3, "holding_capacity": 9, "cooldown_days": 1, "freeze_hours": 0}
    browser.post(settings("pools/new/?what=claim"), claim, headers=HTMX)
    assert ClaimPolicy.objects.get().daily_quota == 3
    rule = {
        "name": "North first",
        "condition": "",
        "strategy": "round_robin",
        "overflow": "next_rule",
        "position": 0,
        "is_active": "on",
    }
    assert browser.post(settings("assignment/new/"), rule, headers=HTMX).status_code == 204
    made = AssignmentRule.objects.get(name="North first")
    for section, one in (("pools", row), ("assignment", made)):
        assert browser.get(settings(f"{section}/{one.pk}/drop/")).status_code == 404
        assert browser.post(settings(f"{section}/{one.pk}/drop/"), headers=HTMX).status_code == 204
    assert not PoolPolicy.objects.filter(name="Hot").exists()


def test_teams_fields_tags_and_keys(alice: Member, page: Page) -> None:
    browser = page(alice)
    browser.post(settings("teams/new/"), {"name": "North"}, headers=HTMX)
    team = Team.objects.get(name="North")
    assert browser.post(settings("teams/new/"), {"name": "North"}, headers=HTMX).status_code == 422
    assert browser.post(settings(f"teams/{team.pk}/drop/"), headers=HTMX).status_code == 204
    field = {"label": "Size of fleet", "kind": "choice", "choices": "small\nlarge"}
    browser.post(settings("fields/new/"), field, headers=HTMX)
    assert CustomField.objects.get(key="size_of_fleet").choices == ["small", "large"]
    browser.post(settings("tags/new/"), {"tag": "pained", "condition": json.dumps(PAIN), "is_active": "on"})
    assert TagRule.objects.get(tag__name="pained").condition == PAIN
    tag = Tag.objects.get(name="pained")
    browser.post(settings(f"tags/{tag.pk}/"), {"name": "in pain"}, headers=HTMX)
    assert Tag.objects.get(pk=tag.pk).name == "in pain"
    shown = browser.post(settings("api-keys/new/"), {"name": "site", "member": alice.pk}, headers=HTMX)
    key = ApiKey.objects.get(name="site")
    assert shown.content.count(key.hint.encode()) == 1
    assert b"key-shown" not in browser.get(settings("api-keys/")).content
    browser.post(settings(f"api-keys/{key.pk}/drop/"), headers=HTMX)
    assert not ApiKey.objects.filter(name="site").exists()


def test_the_workspace_is_changed_and_checked(alice: Member, workspace: Workspace, page: Page) -> None:
    browser = page(alice)
    told = {"name": "Acme 2", "region": "cn", "currency": "CNY", "time_zone": "Asia/Shanghai", "locale": "en"}
    assert browser.post(settings("workspace/new/"), told | {"region": "12"}).status_code == 422
    assert browser.post(settings("workspace/new/"), told, headers=HTMX).status_code == 204
    workspace.refresh_from_db()
    assert (workspace.name, workspace.region, workspace.time_zone) == ("Acme 2", "CN", "Asia/Shanghai")


def test_a_changed_rule_makes_a_draft_that_is_put_in_force(alice: Member, page: Page) -> None:
    browser, card = page(alice), Scorecard.objects.get()
    rule = Rule.objects.filter(scorecard=card).order_by("position")[0]
    many = Rule.objects.filter(scorecard=card).count()
    told = {"label": "Any pain", "dimension": rule.dimension, "points": 7, "condition": json.dumps(PAIN)}
    answer = browser.post(settings(f"scoring/{rule.pk}/"), told, headers=HTMX)
    draft = Scorecard.objects.get(status="draft")
    assert str(draft.pk) in answer["HX-Redirect"]
    assert (Rule.objects.filter(scorecard=draft).count(), card.version + 1) == (many, draft.version)
    assert Rule.objects.filter(scorecard=draft, points=7).count() == 1
    assert b"not in force yet" in browser.get(answer["HX-Redirect"]).content
    browser.post(settings(f"scoring/new/?card={draft.pk}"), told | {"points": 3}, headers=HTMX)
    assert Rule.objects.filter(scorecard=draft).count() == many + 1
    extra = Rule.objects.get(scorecard=draft, points=3, condition=PAIN)
    browser.post(settings(f"scoring/{extra.pk}/drop/"), headers=HTMX)
    assert Rule.objects.filter(scorecard=draft).count() == many
    browser.post(settings(f"scoring/{draft.pk}/activate/"), headers=HTMX)
    assert Scorecard.objects.get(status="active").pk == draft.pk
    assert (
        browser.post(settings(f"scoring/{rule.pk}/"), told | {"points": 0}, headers=HTMX).status_code == 422
    )
