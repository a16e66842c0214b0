"""The builder offers what saving takes: nothing that would feed on itself."""

import json
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from leads.actions.rules import add_tag_rule
from scoring.models import Rule, Scorecard
from tests.cast import NOW
from tests.scoring.cards import in_force, rule
from workspaces.models import Member

Page = Callable[[Member], Client]
SETTINGS = "/w/acme/settings/"
OWN = {"score", "grade", "tier"}
LARGE = {"field": "employees", "op": "gte", "value": 50}


def offered(answer: HttpResponse) -> set[str]:
    """The fields of the builder in a panel."""
    scripts = re.findall(
        r'<script id="[^"]*" type="application/json">(.*?)</script>', answer.content.decode(), re.S
    )
    told: dict[str, Any] = next(one for text in scripts if "groups" in (one := json.loads(text)))
    return {field["name"] for group in told["groups"] for field in group["fields"]}


def test_a_score_rule_is_not_offered_its_own_result(alice: Member, page: Page) -> None:
    card = in_force(rule("fit", 5, "industry", "eq", "saas"))
    score_rule = Rule.objects.get(scorecard=card)
    panel = page(alice).get(f"{SETTINGS}scoring/{score_rule.pk}/")
    fields = offered(panel)
    assert "employees" in fields and not OWN & fields
    numbers = re.search(r'<select[^>]*name="measure".*?</select>', panel.content.decode(), re.S)
    assert numbers and 'value="employees"' in numbers[0] and 'value="tier"' not in numbers[0]


def test_a_tag_rule_is_unless_its_tag_earns_points(alice: Member, page: Page) -> None:
    browser = page(alice)
    assert offered(browser.get(f"{SETTINGS}tags/new/")) >= OWN
    tag_rule = add_tag_rule("large", LARGE, as_of=NOW, actor=None)
    assert offered(browser.get(f"{SETTINGS}tags/{tag_rule.pk}/")) >= OWN
    in_force(rule("fit", 5, "tags", "has_any", ["Large"]))
    assert not OWN & offered(browser.get(f"{SETTINGS}tags/{tag_rule.pk}/"))
    assert Scorecard.objects.filter(status="active").count() == 1


def test_elsewhere_they_stay(alice: Member, page: Page) -> None:
    browser = page(alice)
    for address in (f"{SETTINGS}assignment/new/", "/w/acme/leads/filter/"):
        assert offered(browser.get(address)) >= OWN, address
