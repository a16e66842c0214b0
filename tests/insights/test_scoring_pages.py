"""The scorecard's page: templates, the five questions, rules of every kind, previews; the score of another day."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.actions.rules import set_gate
from leads.models import Lead
from scoring.actions import copy_card, rescore
from scoring.cards import read
from scoring.models import Rescoring, Rule, Scorecard
from scoring.preview import preview
from tests.cast import a_lead
from workspaces.models import Member

Page = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}
SCORING = "/w/acme/settings/scoring/"
PLAIN = {"label": "Size", "dimension": "fit", "condition": json.dumps({})}
BANDS = {
    "kind": "bands",
    "measure": "employees",
    "bands_from": ["0", "50", ""],
    "bands_to": ["49", "", ""],
    "bands_points": ["2", "6", ""],
    "unknown": "1",
}


def draft() -> Scorecard:
    return Scorecard.objects.filter(status="draft").latest("version")


def test_a_template_becomes_a_draft(alice: Member, page: Page) -> None:
    browser = page(alice)
    assert b"MEDDICC" in browser.get(f"{SCORING}new/?template=").content
    answer = browser.post(f"{SCORING}new/?template=bant", headers=HTMX)
    assert str(draft().pk) in answer["HX-Redirect"]
    assert draft().origin == "template:bant"
    assert b"five" not in browser.get(f"{SCORING}new/?template=nothing").content


def test_five_questions_make_a_draft(alice: Member, page: Page) -> None:
    browser, address = page(alice), f"{SCORING}new/?template=ideal_customer"
    assert b"industries" in browser.get(address).content
    assert browser.post(address, {}, headers=HTMX).status_code == 422
    told = {"industries": "SaaS，制造业", "size_from": "50", "size_to": "500", "titles": "CTO\nhead"}
    assert browser.post(address, told, headers=HTMX).status_code == 204
    rules = Rule.objects.filter(scorecard=draft())
    assert rules.get(kind="bands").measure == {"field": "employees"}
    assert {"field": "industry", "op": "in", "value": ["SaaS", "制造业"]} in [one.condition for one in rules]


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        (
            BANDS,
            {
                "bands": [
                    {"from": 0, "to": 49, "points": 2},
                    {"from": 50, "points": 6},
                    {"unset": True, "points": 1},
                ]
            },
        ),
        (
            {"kind": "formula", "formula": "employees / 50", "cap": "9"},
            {"formula": "employees / 50", "cap": 9},
        ),
        (
            {
                "kind": "per_unit",
                "points": "3",
                "measure": "touches.download",
                "days": "30",
                "half_life": "14",
            },
            {"measure": {"field": "touches.download", "days": 30}, "half_life": 14, "points": 3},
        ),
        ({"kind": "disqualifier"}, {"points": 0}),
    ],
)
def test_rules_of_every_kind(alice: Member, page: Page, told: dict[str, Any], stored: dict[str, Any]) -> None:
    browser, card = page(alice), Scorecard.objects.get()
    answer = browser.post(f"{SCORING}new/?card={card.pk}", PLAIN | told, headers=HTMX)
    assert answer.status_code == 204, answer.content
    rule = Rule.objects.filter(scorecard=draft(), kind=told["kind"]).get()
    assert {name: getattr(rule, name) for name in stored} == stored
    assert browser.get(f"{SCORING}{rule.pk}/").status_code == 200
    assert browser.get(f"{SCORING}?card={draft().pk}").status_code == 200


def test_faults_stand_at_their_field(alice: Member, page: Page) -> None:
    browser, card = page(alice), Scorecard.objects.get()
    told = PLAIN | {"kind": "formula", "formula": "employees / 0"}
    answer = browser.post(f"{SCORING}new/?card={card.pk}", told, headers=HTMX)
    assert (answer.status_code, b"divides by zero" in answer.content) == (422, True)
    assert Scorecard.objects.count() == 1


def test_dimensions_are_renamed_weighed_and_added(alice: Member, page: Page) -> None:
    browser, card = page(alice), Scorecard.objects.get()
    kept = [one["key"] for one in card.dimensions]
    told = {
        "name": "Mine",
        "threshold": "50",
        "a": "80",
        "b": "60",
        "c": "40",
        "team": "",
        "dimensions_key": [*kept, ""],
        "dimensions_label": [*kept, "Partner fit"],
        "dimensions_cap": ["20"] * len(kept) + ["10"],
        "dimensions_weight": ["1.5"] + ["1"] * len(kept),
    }
    assert browser.post(f"{SCORING}{card.pk}/", told, headers=HTMX).status_code == 204
    found = draft()
    assert (found.name, found.threshold, found.dimensions[0]["weight"]) == ("Mine", 50, 1.5)
    assert found.dimensions[-1] == {"key": "partner_fit", "label": "Partner fit", "cap": 10}


def test_what_a_draft_would_change_and_its_way(alice: Member, page: Page) -> None:
    browser, card = page(alice), Scorecard.objects.get()
    a_lead(industry="saas")
    browser.post(f"{SCORING}{card.pk}/copy/", headers=HTMX)
    copied = draft()
    assert copied.based_on == card.pk
    foreseen = browser.get(f"{SCORING}{copied.pk}/foresee/")
    assert b"foreseen-chart" in foreseen.content
    assert browser.get(f"{SCORING}{copied.pk}/progress/").status_code == 204
    Rescoring.objects.create(scorecard=card, total=10, done=3)
    assert b"<progress" in browser.get(f"{SCORING}{copied.pk}/progress/").content
    browser.post(f"{SCORING}{copied.pk}/archive/", headers=HTMX)
    assert Scorecard.objects.get(pk=copied.pk).status == "archived"


def test_the_score_of_another_day(alice: Member, mallory: Member, page: Page) -> None:
    now = timezone.now()
    lead = a_lead(industry="saas", captured_at=now - timedelta(days=9))
    rescore([lead.pk], as_of=now)
    address, browser = f"/w/acme/leads/{lead.pk}/score/", page(alice)
    assert f"{Lead.objects.get(pk=lead.pk).score}".encode() in browser.get(address).content
    assert browser.get(f"{address}?day={(now - timedelta(days=3)).date()}").status_code == 200
    assert browser.get(f"{address}?day=2001-01-01").status_code == 422
    assert page(mallory).get(address).status_code == 404


def test_rules_are_put_in_another_order(alice: Member, ming: Member, page: Page) -> None:
    active, browser = Scorecard.objects.get(status="active"), page(alice)

    def order(card: Scorecard) -> list[tuple[int, str]]:
        rows = Rule.objects.filter(scorecard=card).order_by("position")
        return [(row.points, row.dimension) for row in rows]

    def move(card: Scorecard, who: Client = browser, **told: Any) -> Any:
        return who.post(f"{SCORING}{card.pk}/move/", told, headers=HTMX)

    was = order(active)
    answer = move(active, **{"from": "2", "before": "0"})
    assert answer.status_code == 204 and answer["HX-Redirect"].endswith("&moved=0")
    made = draft()
    assert order(made) == [was[2], *was[:2], *was[3:]] and order(active) == was
    answer = move(made, **{"from": "0", "before": str(len(was)), "dimension": "engagement"})
    assert answer.status_code == 204 and "HX-Redirect" not in answer
    assert order(made) == [*was[:2], *was[3:], (was[2][0], "engagement")]
    for wrong in ({"from": "99", "before": "0"}, {"from": "x", "before": "0"}, {"from": "0"},
                  {"from": "0", "before": "1", "dimension": "nowhere"}):  # fmt: skip
        assert move(made, **wrong).status_code == 422, wrong
    assert move(made, page(ming), **{"from": "0", "before": "1"}).status_code == 403
    assert b"data-rule-at" in browser.get(f"{SCORING}?card={made.pk}").content


def test_every_version_is_reached_however_many_there_are(alice: Member, page: Page) -> None:
    """Drafts made since don't hide the version in force, nor an old one that is asked for."""
    active = Scorecard.objects.get()
    browser, how = page(alice), {"as_of": timezone.now(), "actor": None}
    copies = [copy_card(active, **how) for _n in range(45)]
    shown = browser.get(SCORING)
    assert shown.context["card"] == active
    assert [one.version for one in shown.context["cards"]] == [*range(46, 26, -1), 1]
    old = browser.get(f"{SCORING}?card={copies[3].pk}")
    assert old.context["card"] == copies[3] and copies[3] in old.context["cards"]
    more = browser.get(f"{SCORING}?before={shown.context['oldest']}")
    assert [one.version for one in more.context["cards"]] == [*range(26, 6, -1), 1]
    last = browser.get(f"{SCORING}?before={more.context['oldest']}")
    assert [one.version for one in last.context["cards"]] == [6, 5, 4, 3, 2, 1]
    assert (last.context["oldest"], "Earlier versions" in last.content.decode()) == (None, False)
    proof = browser.get(f"/w/acme/scoring/proof/?card={copies[3].pk}")
    assert proof.context["card"] == copies[3] and active in proof.context["cards"]


def test_a_gate_above_the_threshold_is_told(alice: Member, page: Page) -> None:
    """Between the two no lead moves, and nobody would know why."""
    told, browser, how = "The gate to MQL asks for 60 points", page(alice), {"as_of": timezone.now()}
    active = Scorecard.objects.get()
    assert told not in browser.get(SCORING).content.decode()
    draft = copy_card(active, actor=None, threshold=40, **how)
    for shown in (f"{SCORING}?card={draft.pk}", f"{SCORING}{draft.pk}/foresee/"):
        assert told in browser.get(shown).content.decode(), shown
    assert preview(read(draft), **how)["gate"] == 60
    set_gate("to_mql", condition={}, actor=None, **how)
    assert told not in browser.get(f"{SCORING}?card={draft.pk}").content.decode()
    assert preview(read(draft), **how)["gate"] is None
