"""What a person can get wrong about scoring: each has a readable refusal or a defined result, by page and by API."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leads.actions.rules import add_tag_rule
from leads.models import CustomField, Lead
from scoring.actions import anew, rescore
from scoring.cards import said
from scoring.models import Rescoring, Rule, Scorecard
from tests.cast import NOW, a_lead
from tests.scoring.cards import SETTINGS, in_force, rule
from workspaces.models import Member

pytestmark = pytest.mark.django_db
Page, Api = Callable[[Member], Client], Callable[[Member], APIClient]
V1, SCORING, HTMX = "/api/v1/scorecards/", "/w/acme/settings/scoring/", {"HX-Request": "true"}
FIELDS = "/api/v1/custom-fields/"
SAAS = rule("fit", 20, "industry", "eq", "saas")
FORMULA = {"dimension": "fit", "label": "Size", "condition": {}, "kind": "formula"}
ITSELF = "A rule can't ask about the score or the grade: it would feed on itself."


def tried(page: Page, api: Api, alice: Member, given: dict[str, Any], code: str, text: str) -> None:
    """Refused by both with the same words; nothing is stored."""
    card = Scorecard.objects.get()
    answer = api(alice).put(f"{V1}{card.pk}/rules/", [given], format="json")
    assert answer.status_code == 422
    assert code in [one["code"] for one in answer.json()["errors"]]
    assert any(text in one["message"] for one in answer.json()["errors"]), answer.json()
    told = given | {"condition": json.dumps(given["condition"])}
    shown = page(alice).post(f"{SCORING}new/?card={card.pk}", told, headers=HTMX)
    assert shown.status_code == 422 and text in shown.content.decode().replace("&#x27;", "'")
    assert Scorecard.objects.count() == 1


@pytest.mark.parametrize(
    ("formula", "code", "text"),
    [
        ("employees / 0", "divides_by_zero", "divides by zero"),
        ("9" * 40, "too_large", ""),
        ("employes * 2", "unknown_field", "employes"),
        ("-" * 100 + "1", "too_deep", ""),
        ("max(" * 30 + "1" + ")" * 30, "too_deep", ""),
        ("score + 1", "cycle", ""),
    ],
)
def test_a_formula_that_can_not_work(
    page: Page, api: Api, alice: Member, formula: str, code: str, text: str
) -> None:
    tried(page, api, alice, FORMULA | {"formula": formula}, code, text)


@pytest.mark.parametrize(("name", "value"), [("score", 50), ("grade", "A")])
def test_a_rule_on_the_score_itself(page: Page, api: Api, alice: Member, name: str, value: Any) -> None:
    tried(page, api, alice, rule("fit", 5, name, "eq", value), "cycle", ITSELF)


def test_a_formula_that_meets_zero_or_a_giant_among_the_leads(api: Api, alice: Member) -> None:
    """What only the facts of a lead break gives that rule nothing, and every other lead its score."""
    client = api(alice)
    CustomField.objects.create(key="size", label="Size", kind="number")
    rules = [
        FORMULA | {"formula": "100 / employees", "label": "By zero"},
        FORMULA | {"formula": " * ".join(["{attributes.size}"] * 20), "label": "Too large"},
        SAAS | {"points": 10},
    ]
    card = client.post(V1, {**SETTINGS, "rules": rules}, format="json").json()
    zero = a_lead(employees=0, industry="saas", attributes={"size": 1e300})
    fine = a_lead(employees=50, industry="saas", attributes={"size": 1})
    assert client.post(f"{V1}{card['id']}/activate/").status_code == 200
    assert Lead.objects.get(pk=zero.pk).score == 10 < Lead.objects.get(pk=fine.pk).score
    parts = client.get(f"/api/v1/leads/{zero.pk}/score/").json()["parts"]
    assert sum(one["points"] for one in parts) == 10
    assert sum("Can't be worked out" in one["evidence"] for one in parts) == 2


def test_a_rule_on_a_custom_field_since_deleted(page: Page, api: Api, alice: Member) -> None:
    client = api(alice)
    field = CustomField.objects.create(key="plan", label="Plan", kind="text")
    gold = rule("fit", 10, "attributes.plan", "eq", "gold")
    card = client.post(V1, {**SETTINGS, "rules": [gold, SAAS | {"points": 5}]}, format="json").json()
    lead = a_lead(industry="saas", attributes={"plan": "gold"})
    assert client.post(f"{V1}{card['id']}/activate/").status_code == 200
    assert Lead.objects.get(pk=lead.pk).score == 15
    assert client.delete(f"/api/v1/custom-fields/{field.pk}/").status_code == 204
    assert Lead.objects.get(pk=lead.pk).score == 5, "what it gave is gone with it"
    rules = client.get(f"{V1}{card['id']}/rules/").json()["results"]
    assert "plan" in rules[0]["condition_text"].lower(), "it still reads as a sentence"
    assert page(alice).get(f"{SCORING}?card={card['id']}").status_code == 200
    assert client.get(f"{V1}{card['id']}/preview/").status_code == 200


def test_what_a_custom_field_gave_comes_and_goes_with_it(api: Api, alice: Member) -> None:
    client = api(alice)
    made = client.post(FIELDS, {"key": "size", "label": "Size", "kind": "choice", "choices": ["L", "S"]})
    gold = rule("fit", 10, "attributes.size", "eq", "L")
    in_force(gold, SAAS | {"points": 5})
    add_tag_rule("large", gold["condition"], as_of=NOW, actor=None)
    lead = a_lead(industry="saas", attributes={"size": "L"})
    rescore([lead.pk], as_of=NOW)

    def now() -> tuple[int, int]:
        return Lead.objects.get(pk=lead.pk).score, lead.lead_tags.count()

    assert client.patch(f"{FIELDS}{made.json()['id']}/", {"choices": ["XL", "S"]}).status_code == 200
    assert now() == (5, 0)
    assert client.patch(f"{FIELDS}{made.json()['id']}/", {"choices": ["L", "S"]}).status_code == 200
    assert now() == (15, 1)
    assert client.delete(f"{FIELDS}{made.json()['id']}/").status_code == 204
    assert now() == (5, 0)
    client.post(FIELDS, {"key": "size", "label": "Size", "kind": "text"})
    assert now() == (15, 1)


def test_a_threshold_above_the_maximum(page: Page, api: Api, alice: Member) -> None:
    client, card = api(alice), Scorecard.objects.get()
    most = sum(one["cap"] for one in card.dimensions)
    answer = client.post(V1, {"name": "High", "threshold": most + 1}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "threshold")
    assert str(most) in answer.json()["errors"][0]["message"]
    kept = [one["key"] for one in card.dimensions]
    told = {"name": "High", "threshold": str(most + 1), "a": "80", "b": "60", "c": "40", "team": ""}
    told |= {
        "dimensions_key": kept,
        "dimensions_label": kept,
        "dimensions_cap": [str(one["cap"]) for one in card.dimensions],
        "dimensions_weight": ["1"] * len(kept),
    }
    shown = page(alice).post(f"{SCORING}{card.pk}/", told, headers=HTMX)
    assert shown.status_code == 422 and str(most) in shown.content.decode()
    assert Scorecard.objects.count() == 1


def test_activation_while_another_runs(
    page: Page, api: Api, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later one is in force, and the earlier one's rescoring is replaced, not left half done."""
    monkeypatch.setattr(anew, "AT_ONCE", 2)
    for _ in range(5):
        a_lead(industry="saas")
    client = api(alice)
    first, second = (
        client.post(V1, {**SETTINGS, "rules": [SAAS | {"points": points}]}, format="json").json()["id"]
        for points in (7, 9)
    )
    assert client.post(f"{V1}{first}/activate/").json()["rescoring"]["status"] == "running"
    assert page(alice).post(f"{SCORING}{second}/activate/", headers=HTMX).status_code in (200, 204, 302)
    assert list(Rescoring.objects.order_by("id").values_list("status", flat=True)) == ["replaced", "running"]
    assert client.get(f"{V1}rescoring/").json()["status"] == "running"
    assert client.post(f"{V1}{second}/activate/").status_code == 200, "again is no fault"


def lost_field(api: Api, alice: Member) -> Scorecard:
    """A card in force, one rule of which asks for a custom field that has gone since."""
    field = CustomField.objects.create(key="plan", label="Plan", kind="text")
    size = CustomField.objects.create(key="size", label="Size", kind="number")
    bands = {"kind": "bands", "measure": {"field": "attributes.size"}, "bands": [{"from": 1, "points": 4}]}
    rules = [
        rule("fit", 10, "attributes.plan", "eq", "gold"),
        SAAS | {"points": 5},
        {"dimension": "fit", "label": "Large", "condition": {}, **bands},
        FORMULA | {"formula": "2 * attributes.size", "label": "Twice", "cap": 5},
    ]
    client = api(alice)
    card = client.post(V1, {**SETTINGS, "rules": rules}, format="json").json()
    assert client.post(f"{V1}{card['id']}/activate/").status_code == 200
    CustomField.objects.filter(pk__in=[field.pk, size.pk]).delete()
    return Scorecard.objects.get(pk=card["id"])


def test_beside_a_rule_on_a_lost_field_the_others_are_changed(page: Page, api: Api, alice: Member) -> None:
    """The page marks it; another rule, the card's settings, a copy and the rule itself can still be saved."""
    card = lost_field(api, alice)
    browser, client = page(alice), api(alice)
    shown = browser.get(f"{SCORING}?card={card.pk}").content.decode()
    assert shown.count("asks for a custom field that is no more") == 3
    chinese = browser.get(f"{SCORING}?card={card.pk}", headers={"Accept-Language": "zh-hans"})
    assert chinese.content.decode().count("按未知处理") == 3
    first, second, third = Rule.objects.filter(scorecard=card).order_by("position")[:3]
    told = {"label": "SaaS", "dimension": "fit", "kind": "points", "points": "7"}
    told |= {"condition": json.dumps(second.condition)}
    assert browser.post(f"{SCORING}{second.pk}/", told, headers=HTMX).status_code == 204
    told = {"label": "Plan", "dimension": "fit", "points": "8", "condition": json.dumps(first.condition)}
    assert browser.post(f"{SCORING}{first.pk}/", told, headers=HTMX).status_code == 204
    opened = browser.get(f"{SCORING}{third.pk}/").content.decode()
    assert "attributes.size (no longer there)" in opened
    assert browser.post(f"{SCORING}{card.pk}/copy/", headers=HTMX).status_code == 204
    assert client.post(V1, {"name": "Again", "copy_of": str(card.pk)}, format="json").status_code == 201
    rules = client.get(f"{V1}{card.pk}/rules/").json()["results"]
    assert client.put(f"{V1}{card.pk}/rules/", rules, format="json").status_code == 200
    new = SAAS | {"condition": {"field": "attributes.plan", "op": "eq", "value": "silver"}}
    refused = client.post(f"{V1}{card.pk}/rules/", new, format="json")
    assert refused.status_code == 422, "nothing new is asked of a field that is no more"


def test_a_fault_of_a_rule_stands_at_its_field(page: Page, alice: Member) -> None:
    card = Scorecard.objects.get()
    told = {"label": "Size", "dimension": "fit", "kind": "formula", "formula": "employes * 2", "cap": "0"}
    shown = page(alice).post(f"{SCORING}new/?card={card.pk}", told | {"cap": "5"}, headers=HTMX)
    form = shown.context["form"]
    assert shown.status_code == 422 and "employes" in form.errors["formula"][0]
    assert not form.non_field_errors() and "employes * 2" in shown.content.decode(), "what was typed stays"


def test_a_fault_of_another_rule_is_told_with_its_name(page: Page, alice: Member) -> None:
    """A dimension that still has rules is taken away: the page says which rules."""
    card = Scorecard.objects.get()
    kept = [one for one in card.dimensions if one["key"] != "need"]
    told = {"name": "Less", "threshold": "10", "a": "80", "b": "60", "c": "40", "team": ""}
    told |= {f"dimensions_{name}": [str(one.get(name) or "") for one in kept] for name in ("key", "cap")}
    told |= {"dimensions_label": [one["key"] for one in kept], "dimensions_weight": ["1"] * len(kept)}
    shown = page(alice).post(f"{SCORING}{card.pk}/", told, headers=HTMX)
    lost = Rule.objects.filter(scorecard=card, dimension="need").order_by("position")
    assert shown.status_code == 422
    faults = shown.context["form"].non_field_errors()
    assert [fault.split("”")[0] for fault in faults] == ["“" + said(one.label) for one in lost]
