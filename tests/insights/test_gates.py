"""Gates are clicked together, foreseen, obeyed everywhere, filled in on the spot, and passed over on record."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from insights.reports import REPORTS, Scope
from leads.actions import advance, edit
from leads.actions.advance import decide
from leads.gate_parts import Parts, put_together, take_apart
from leads.models import Approval, CustomField, FollowUp, Gate, Lead
from tests.cast import NOW, a_lead
from tests.insights.test_lead_page import HTMX, address, held
from workspaces.models import Member
from workspaces.refusals import Refused

Page = Callable[[Member], Client]
REACHABLE = {"any": [{"field": "email", "op": "is_set"}, {"field": "phone", "op": "is_set"}]}


def test_a_gate_is_taken_apart_for_clicking_and_put_together_again() -> None:
    written = {
        "all": [
            {"field": "score", "op": "gte", "value": 60},
            {"field": "pain", "op": "is_set"},
            {"field": "contacts.champion", "op": "is_set"},
            {"field": "follow_ups.call", "op": "gte", "value": 2},
            REACHABLE,
        ]
    }
    apart = take_apart(written)
    assert apart == Parts(["pain"], ["contacts.champion"], 60, ("follow_ups.call", 2), {"all": [REACHABLE]})
    assert put_together(apart) == written
    assert put_together(take_apart({})) == {}


def clicked(**more: object) -> dict[str, object]:
    return {"condition": "{}", "approval": "never", "approval_when": "{}", "approval_score": 70} | more


def test_a_gate_is_clicked_together_previewed_and_never_takes_anybody_back(
    alice: Member, ming: Member, page: Page
) -> None:
    ready, beyond = held(ming, stage="mql", pain="Slow"), a_lead(stage="sql", email="b@x.io")
    gate, browser = Gate.objects.get(transition="to_sql"), page(alice)
    told = clicked(
        fields_set=["pain", "industry"], roles=["contacts"], follow_up_kind="follow_ups.call",
        follow_up_count=2, score=40,
    )  # fmt: skip
    foreseen = browser.post(f"/w/acme/settings/gates/{gate.pk}/preview/", told, headers=HTMX)
    said = foreseen.content.decode()
    assert "1 lead that could pass now would be stopped." in said
    assert str(ready) in said
    assert "1 lead is past this gate already and would not meet it." in said
    gate.refresh_from_db()
    assert gate.condition == {"all": [{"field": "pain", "op": "is_set"}]}

    assert browser.post(f"/w/acme/settings/gates/{gate.pk}/", told, headers=HTMX).status_code == 204
    gate.refresh_from_db()
    assert take_apart(gate.condition).follow_ups == ("follow_ups.call", 2)
    assert Lead.objects.get(pk=beyond.pk).stage == "sql"
    assert "at least 2 calls" in browser.get("/w/acme/settings/gates/").content.decode()
    shown = browser.get(f"/w/acme/settings/gates/{gate.pk}/", headers=HTMX).content.decode()
    assert re.search(r'value="industry"[^>]* checked', shown)


def test_each_item_is_filled_in_right_where_the_gate_says_no(ming: Member, page: Page) -> None:
    CustomField.objects.create(key="plant", label="Plant size", kind="number")
    items = [
        {"field": "pain", "op": "is_set"},
        {"field": "attributes.plant", "op": "gte", "value": 10},
        {"field": "contacts.economic_buyer", "op": "is_set"},
        {"field": "follow_ups.visit", "op": "gte", "value": 1},
    ]
    Gate.objects.filter(transition="to_sql").update(condition={"all": items})
    lead, browser = held(ming, stage="mql"), page(ming)
    sheet = browser.get(address(lead, "step/to_sql/"), headers=HTMX).content.decode()
    for name in ("pain", "own-plant", "person-name", "talk-summary"):
        assert f'name="{name}"' in sheet
    told = {
        "pain": "Orders get lost", "need_level": "clear", "own-plant": "25", "person-name": "Wang",
        "person-role": "economic_buyer", "talk-channel": "visit", "talk-summary": "Saw the plant",
    }  # fmt: skip
    assert browser.post(address(lead, "step/to_sql/"), told, headers=HTMX).status_code == 204
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.stage, lead.attributes) == ("sql", {"plant": 25.0})
    assert FollowUp.objects.get().channel == "visit"


def test_a_gate_that_asks_for_a_field_that_is_gone_says_so(alice: Member, ming: Member, page: Page) -> None:
    asked = {"all": [{"field": "attributes.gone", "op": "is_set"}]}
    Gate.objects.filter(transition="to_sql").update(condition=asked)
    lead = held(ming, stage="mql")
    refused = advance([lead.pk], "to_sql", as_of=NOW, actor=ming).refused[lead.pk]
    assert "a custom field that is no more" in refused[0]["message"].lower()
    assert page(ming).get(address(lead, "step/to_sql/"), headers=HTMX).status_code == 200
    assert b"asks for a custom field that is no more" in page(alice).get("/w/acme/settings/gates/").content
    gate = Gate.objects.get(transition="to_sql")
    assert page(alice).get(f"/w/acme/settings/gates/{gate.pk}/", headers=HTMX).status_code == 200


def test_the_api_foresees_and_moves_many(alice: Member, ming: Member, api: Callable) -> None:
    ready, painless = held(ming, stage="mql", pain="Slow"), held(ming, stage="mql", email="c@x.io")
    proposed = {"condition": {"field": "industry", "op": "is_set"}}
    found = api(alice).post("/api/v1/gates/to_sql/preview/", proposed, format="json")
    assert found.status_code == 200, found.data
    assert (found.data["standing"], found.data["before"], found.data["stopped"]) == (2, 1, 1)
    assert api(ming).post("/api/v1/gates/to_sql/preview/", proposed, format="json").status_code == 403
    wrong = {"condition": {"field": "nothing", "op": "is_set"}}
    assert api(alice).post("/api/v1/gates/to_sql/preview/", wrong, format="json").status_code == 422

    asked = {"leads": [str(ready.pk), str(painless.pk)], "name": "to_sql"}
    moved = api(ming).post("/api/v1/leads/transitions/", asked, format="json")
    assert moved.status_code == 200
    assert moved.data["text"].startswith("1 moved, 1 not, because: Needed: Pain is filled in")
    assert moved.data["reasons"][0]["leads"] == [str(painless.pk)]
    assert api(alice).get("/api/v1/gates/to_sql/").data["checklist"] == ["Pain is filled in"]


def test_an_override_shows_in_a_report(alice: Member, ming: Member, page: Page) -> None:
    lead = held(ming, stage="mql", name="Anna")
    advance([lead.pk], "to_sql", as_of=NOW, actor=alice, override="Known customer")
    report = REPORTS["overrides"](Scope(NOW + timedelta(days=1)))
    [row] = report.rows
    assert (row["name"], row["reason"], row["member"], row["missing"]) == (
        "Anna", "Known customer", "Alice", "pain_is_set",
    )  # fmt: skip
    lead2 = held(ming, stage="mql", email="z@x.io")
    told = {"override": "Board decision"}
    assert page(alice).post(address(lead2, "step/to_sql/"), told, headers=HTMX).status_code == 204
    assert b"Board decision" in page(alice).get("/w/acme/reports/overrides/").content


def test_an_approval_after_the_facts_changed_is_refused_and_stays_waiting(
    alice: Member, ming: Member
) -> None:
    Gate.objects.filter(transition="to_sql").update(approval_when={})
    lead = held(ming, stage="mql", pain="Slow", score=75)
    assert advance([lead.pk], "to_sql", as_of=NOW, actor=ming).waiting == [lead.pk]
    row = Approval.objects.get()
    edit(lead.pk, {"pain": ""}, as_of=NOW, actor=ming)
    with pytest.raises(Refused) as refusal:
        decide(row, True, "", as_of=NOW, actor=alice)
    assert refusal.value.unmet[0]["field"] == "pain"


def test_a_request_is_overtaken_when_the_lead_goes_another_way(alice: Member, ming: Member) -> None:
    Gate.objects.filter(transition="to_sql").update(approval_when={})
    lead = held(ming, stage="mql", pain="Slow", score=75)
    advance([lead.pk], "to_sql", as_of=NOW, actor=ming)
    advance([lead.pk], "disqualify", as_of=NOW, actor=ming, details={"reason_code": "student"})
    row = Approval.objects.get()
    assert row.status == "overtaken"
    with pytest.raises(Refused):
        decide(row, True, "", as_of=NOW, actor=alice)


def test_the_sheet_of_a_gate_speaks_chinese(alice: Member, page: Page) -> None:
    lead = held(alice, stage="mql")
    browser = page(alice)
    sheet = browser.get(address(lead, "step/defer/"), headers=HTMX | {"Accept-Language": "zh-hans"})
    assert "预算未批" in sheet.content.decode()
    assert json.loads(json.dumps(put_together(Parts()))) == {}
