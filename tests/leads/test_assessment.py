"""Answers have signs, evidence and a date; their facts are the lead's; what is unknown shows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from leads.actions import assess, log_follow_up
from leads.assessment import assessment_of
from leads.models import Answer, Framework, Lead
from tests.cast import NOW
from tests.insights.test_lead_page import HTMX, address, held
from workspaces.models import Member
from workspaces.refusals import Invalid, NotAllowed, NotThere


def test_an_answer_feeds_the_facts_and_keeps_its_evidence(ming: Member) -> None:
    lead = held(ming, stage="mql")
    talk = log_follow_up(lead.pk, channel="call", summary="Orders get lost", as_of=NOW, actor=ming)
    answer = assess(
        lead.pk, "need", good=["Wants it solved now"], facts={"pain": "Orders get lost", "need_level": "urgent"},
        evidence="follow_up", evidence_id=talk.pk, as_of=NOW, actor=ming,
    )  # fmt: skip
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.pain, lead.need_level, lead.assessment) == ("Orders get lost", "urgent", {"need": "good"})
    assert (answer.verdict, answer.at, answer.evidence_id) == ("good", NOW, talk.pk)
    assess(lead.pk, "need", bad=["Maybe next year"], as_of=NOW + timedelta(days=1), actor=ming)
    asked = {one.question.key: one for one in assessment_of(Lead.objects.get(pk=lead.pk))}
    assert (asked["need"].verdict, asked["need"].times) == ("bad", 2)
    assert asked["budget"].unknown and not asked["need"].unknown


def test_what_makes_no_sense_is_refused(ming: Member, alice: Member) -> None:
    lead, other = held(ming), held(ming, email="b@x.io")
    talk = log_follow_up(other.pk, channel="call", outcome="reached", as_of=NOW, actor=ming)
    wrong = [
        {"question": "weather"},
        {"question": "need"},
        {"question": "need", "verdict": "splendid"},
        {"question": "need", "note": "x", "facts": {"budget_status": "approved"}},
        {"question": "need", "note": "x", "at": NOW + timedelta(days=1)},
        {"question": "need", "note": "x", "evidence": "file"},
    ]
    for given in wrong:
        with pytest.raises(Invalid):
            assess(lead.pk, **given, as_of=NOW, actor=ming)
    with pytest.raises(NotThere):
        assess(lead.pk, "need", note="x", evidence="follow_up", evidence_id=talk.pk, as_of=NOW, actor=ming)
    with pytest.raises(NotAllowed):
        assess(held(alice, email="c@x.io").pk, "need", note="x", as_of=NOW, actor=ming)


def test_on_the_page_and_in_the_api(
    alice: Member, ming: Member, page: Callable[[Member], Client], api: Callable
) -> None:
    lead, browser = held(ming, stage="mql"), page(ming)
    sheet = browser.get(address(lead, "assess/budget/"), headers=HTMX).content.decode()
    assert "Asks for the price directly" in sheet
    told = {
        "good": ["Names a range"],
        "budget_status": "estimated",
        "source": "email",
        "evidence_text": "Mail",
    }
    assert browser.post(address(lead, "assess/budget/"), told, headers=HTMX).status_code == 204
    assert Lead.objects.get().budget_status == "estimated"
    assert b"Nobody asked yet" in browser.get(address(lead)).content
    found = api(ming).get(f"/api/v1/leads/{lead.pk}/assessment/")
    budget = next(one for one in found.data["questions"] if one["key"] == "budget")
    assert (budget["verdict"], budget["answer"]["evidence"]) == ("good", "email")
    body = {"question": "authority", "verdict": "mixed", "note": "Asks the boss"}
    assert api(ming).post(f"/api/v1/leads/{lead.pk}/assessment/", body, format="json").status_code == 201
    assert len(api(ming).get(f"/api/v1/leads/{lead.pk}/answers/").data["results"]) == 2
    assert Answer.objects.count() == 2

    assert (
        api(ming).put("/api/v1/assessment-framework/", {"template": "bant"}, format="json").status_code == 403
    )
    changed = api(alice).put("/api/v1/assessment-framework/", {"template": "meddicc"}, format="json")
    assert [one["key"] for one in changed.data["questions"]][:2] == ["metrics", "economic_buyer"]
    assert api(alice).get("/api/v1/assessment-framework/").data["template"] == "meddicc"
    assert b"Economic buyer" in browser.get(address(lead)).content
    shown = page(alice).get("/w/acme/settings/assessment/new/", headers=HTMX)
    assert b"metrics_good" in shown.content
    assert (
        page(alice)
        .post(
            "/w/acme/settings/assessment/new/", {"template": "five", "metrics_good": "One\nTwo"}, headers=HTMX
        )
        .status_code
        == 204
    )
    row = Framework.objects.get()
    assert (row.template, row.changes["metrics"]["good"]) == ("five", ["One", "Two"])
    assert page(alice).get("/w/acme/settings/assessment/").status_code == 200
