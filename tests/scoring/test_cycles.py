"""Rules that would feed on their own result, directly or through the tier or a tag."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from leads.actions.rules import add_tag_rule, change_tag_rule
from leads.models import Lead, LeadTag, TagRule
from scoring.actions import rescore, rules_of, write_rules
from scoring.models import Rule, Scorecard
from tests.cast import NOW, a_lead
from tests.scoring.cards import SETTINGS, in_force, rule
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid

V1 = "/api/v1/scorecards/"
TIER = rule("fit", -9, "tier", "eq", "focus")
HOT = {"field": "score", "op": "gte", "value": 10}
SAAS = rule("fit", 15, "industry", "eq", "saas")
ON_HOT = rule("engagement", 5, "tags", "has_any", ["Hot"])


@pytest.fixture
def client(api: Any, alice: Member) -> APIClient:
    return api(alice)


def add(name: str, condition: Any, **more: Any) -> TagRule:
    return add_tag_rule(name, condition, as_of=NOW, actor=None, **more)


def test_a_rule_on_the_tier_is_refused(client: APIClient) -> None:
    answer = client.post(V1, {**SETTINGS, "rules": [SAAS, TIER]}, format="json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "rules[1].condition"
    assert answer.json()["errors"][0]["code"] == "cycle"


def test_a_stored_rule_on_the_tier_scores_on_and_is_named_when_it_is_to_be_put_in_force(
    client: APIClient,
) -> None:
    card = in_force(SAAS)
    about = {"dimension": "fit", "points": -9, "label": "Focused", "position": 1}
    Rule.objects.create(scorecard=card, condition=TIER["condition"], **about)
    lead = a_lead(industry="saas")
    assert rescore([lead.pk], as_of=NOW) == 1 and Lead.objects.get(pk=lead.pk).score == 15
    draft = write_rules(card, [*rules_of(card), SAAS | {"points": 1}], as_of=NOW, actor=None)
    answer = client.post(f"{V1}{draft.pk}/activate/")
    (wrong,) = answer.json()["errors"]
    assert (answer.status_code, wrong["field"], wrong["code"]) == (422, "rules[1].condition", "cycle")
    assert "Focused" in wrong["message"]
    assert Scorecard.objects.get(status="active").pk == card.pk


def test_a_rule_on_a_tag_that_comes_with_the_score_is_refused(client: APIClient) -> None:
    add("hot", HOT)
    add("Very warm", {"field": "tags", "op": "has_any", "value": ["hot"]})
    for names in (["Hot"], ["very warm"]):
        rules = [SAAS, rule("engagement", 5, "tags", "has_any", names)]
        answer = client.post(V1, {**SETTINGS, "rules": rules}, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cycle"), names
    fine = rule("engagement", 5, "tags", "has_any", ["cold"])
    assert client.post(V1, {**SETTINGS, "rules": [SAAS, fine]}, format="json").status_code == 201
    TagRule.objects.update(is_active=False)
    assert client.post(V1, {**SETTINGS, "rules": [SAAS, ON_HOT]}, format="json").status_code == 201


def test_a_tag_that_gives_points_cannot_come_with_the_score(workspace: Workspace) -> None:
    in_force(SAAS, ON_HOT)
    with pytest.raises(Invalid) as refused:
        add("HOT", HOT)
    assert refused.value.errors[0]["code"] == "cycle"
    with pytest.raises(Invalid):
        add("hot", {"field": "tier", "op": "eq", "value": "focus"})
    resting = add("hot", HOT, is_active=False)
    with pytest.raises(Invalid):
        change_tag_rule(resting, {"is_active": True}, as_of=NOW, actor=None)
    large = add("hot", {"field": "employees", "op": "gte", "value": 500})
    with pytest.raises(Invalid):
        change_tag_rule(large, {"condition": HOT}, as_of=NOW, actor=None)
    other = add("other", HOT)
    with pytest.raises(Invalid):
        change_tag_rule(other, {"tag": "Hot"}, as_of=NOW, actor=None)


def test_a_draft_made_before_the_tags_rule_is_refused_when_it_is_to_be_put_in_force(
    client: APIClient,
) -> None:
    card = client.post(V1, {**SETTINGS, "rules": [SAAS, ON_HOT]}, format="json").json()
    add("hot", HOT)
    answer = client.post(f"{V1}{card['id']}/activate/")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "rules[1].condition")


def test_a_tag_on_the_tier_follows_the_score(workspace: Workspace) -> None:
    in_force(SAAS, grades={"A": 15, "B": 10, "C": 5})
    focus = add("focus", {"field": "tier", "op": "eq", "value": "focus"})
    lead = a_lead(industry="saas", moved_at=NOW)
    rescore([lead.pk], as_of=NOW)
    assert Lead.objects.get(pk=lead.pk).grade == "A"
    assert LeadTag.objects.filter(lead=lead, rule=focus).exists()
