"""What a month's look at a card suggests."""

from collections.abc import Callable
from typing import Any

import pytest

from leads.actions import edit, record_touches
from scoring.actions import activate, rescore
from scoring.actions.cards import rules_of, write_rules
from scoring.learning.actions import start_training, train_due
from scoring.learning.models import Review, Training
from scoring.models import Rule, Scorecard
from scoring.review.actions import make_draft, review_due, start_review, usual_outcome
from scoring.review.changes import real, times
from tests.cast import NOW
from tests.scoring.cards import in_force, rule
from tests.scoring.learning import DAY, come_in, fields
from tests.scoring.test_proof import a_card, come
from workspaces.models import Member, Workspace

YES = {"field": "attributes.y", "op": "eq", "value": "yes"}


def written(**rule: Any) -> dict[str, Any]:
    """A rule as it is stored."""
    blank: dict[str, Any] = {
        "kind": "points",
        "points": 0,
        "measure": {},
        "bands": [],
        "formula": "",
        "cap": None,
    }
    return blank | {"half_life": None} | rule


def reviewed(workspace: Workspace, as_of: Any, outcome: dict[str, Any] = YES) -> Review:
    review = start_review(as_of=as_of, actor=None, outcome=outcome)
    assert review is not None and review_due(workspace, as_of) == 1
    review.refresh_from_db()
    assert review.status == "done", review.last_error
    return review


def test_a_rule_that_fades_or_counts_gets_so_many_times_as_much(workspace: Workspace) -> None:
    """Who downloaded got there nearly always, at a third of the points; the other rule says nothing."""
    fields(y="text", size="number")
    leads = come_in([{"size": (50, 150)[at // 2 % 2], "y": "no"} for at in range(400)], NOW - 60 * DAY)
    loaded = leads[::2]
    record_touches([(pk, "download", None, {}) for pk in loaded], as_of=NOW - 60 * DAY, actor=None)
    record_touches([(pk, "webinar", None, {}) for pk in loaded], as_of=NOW - 60 * DAY, actor=None)
    outcome = {"field": "touches.inquiry", "op": "gte", "value": 1}
    got = [pk for at, pk in enumerate(leads) if (at % 2 == 0) != (at % 10 in (4, 7))]
    record_touches([(pk, "inquiry", NOW, {}) for pk in got], as_of=NOW, actor=None)
    in_force(
        rule("engagement", 9, "touches.download", "gte", 1, half_life=30),
        rule("engagement", 2, "touches.webinar", "gte", 1, kind="per_unit", measure={"field": "touches.webinar"},
             cap=10),
        rule("fit", 20, "attributes.size", "gte", 100),
    )  # fmt: skip
    review = reviewed(workspace, NOW + 90 * DAY, outcome)
    changes = {one["position"]: one for one in review.found["changes"]}
    fading = changes[0]
    assert fading["points"] == 2 < fading["better"], "what it usually gives, two half-lives on"
    assert fading["own"] == 9 and fading["own_better"] == round(9 * fading["factor"]) > 9
    draft = make_draft(review, as_of=NOW + 91 * DAY, actor=None)
    rules = {one.position: one for one in Rule.objects.filter(scorecard=draft)}
    assert rules[0].points == fading["own_better"] and rules[0].half_life == 30
    assert rules[1].points == changes[1]["own_better"] > 2 and rules[1].cap > 10


@pytest.mark.parametrize(
    ("stored", "change", "new"),
    [
        (written(points=20, half_life=30), {"points": 5, "better": 8, "factor": 1.6}, {"points": 32}),
        (written(points=20), {"points": 20, "better": 8}, {"points": 8}),
        (written(kind="per_unit", points=3, cap=15), {"points": 6, "better": 12, "factor": 2.0},
         {"points": 6, "cap": 30}),
        (written(kind="per_unit", points=1, cap=10), {"points": 5, "better": 7, "factor": 1.4}, None),
        (written(kind="bands", bands=[{"from": 1, "points": 1}]), {"points": 1, "better": 1, "factor": 1.4}, None),
        (written(kind="bands", bands=[{"from": 1, "points": 1}, {"from": 9, "points": 9}]),
         {"points": 5, "better": 7, "factor": 1.4}, {"bands": [{"from": 1, "points": 1}, {"from": 9, "points": 13}]}),
        (written(kind="formula", formula="employees" + " + 1" * 122), {"points": 9, "better": 18, "factor": 2.0}, None),
        (written(kind="formula", formula="employees"), {"points": 9, "better": 18, "factor": 2.0},
         {"formula": "(employees) * 2"}),
    ],
)  # fmt: skip
def test_a_change_that_changes_nothing_is_none(
    stored: dict[str, Any], change: dict[str, Any], new: dict[str, Any] | None
) -> None:
    found = real([stored], [change | {"position": 0}])
    assert [times(stored, one) for one in found] == ([] if new is None else [stored | new])


def test_points_are_told_before_the_weight_of_their_dimension(workspace: Workspace) -> None:
    """A dimension that counts half needs twice the points for the same effect."""
    fields(y="text", size="number", plan="text")
    rows = [
        {"size": (50, 150)[at % 2], "plan": "xz"[at // 2 % 2], "y": "yes" if at % 8 in (1, 3, 5, 6) else "no"}
        for at in range(400)
    ]
    come_in(rows)
    halved = [
        {"key": "fit", "label": "Fit", "cap": 100, "weight": 0.5},
        {"key": "engagement", "label": "Other", "cap": 100},
    ]
    in_force(
        rule("fit", 2, "attributes.size", "gte", 100), rule("engagement", 20, "attributes.plan", "eq", "z"),
        dimensions=halved, grades={"A": 20, "B": 10, "C": 5},
    )  # fmt: skip
    review = reviewed(workspace, NOW + DAY)
    better = {one["position"]: one["better"] for one in review.found["changes"]}
    assert better[0] > 30, "nearly all of the 21 points that count, and twice that written"


def test_a_rule_that_is_too_new_is_not_called_dead(workspace: Workspace) -> None:
    """No decided lead meets it: those that do came this week, and a rule that is met by nobody is dead only in time."""
    fields(y="text", size="number")
    rows = [{"size": (50, 150)[at % 2], "y": "yes" if at % 8 in (1, 3, 5, 0) else "no"} for at in range(400)]
    leads = come_in([{"size": row["size"]} for row in rows], NOW - 200 * DAY)
    for pk, row in zip(leads, rows, strict=True):
        edit(pk, {"attributes": {"y": row["y"]}}, as_of=NOW - 100 * DAY, actor=None)
    first = in_force(
        rule("fit", 20, "attributes.size", "gte", 100), rule("fit", 9, "region", "eq", "nowhere")
    )
    Scorecard.objects.filter(pk=first.pk).update(activated_at=NOW - 150 * DAY)
    later = [*rules_of(first), *rules_of(in_force(rule("fit", 7, "industry", "eq", "new")))]
    card = write_rules(first, [*later, rules_of(in_force(rule("fit", 5, "title", "eq", "none")))[0]], as_of=NOW,
                       actor=None)  # fmt: skip
    activate(card, as_of=NOW - DAY, actor=None, follow=False)
    fresh = come_in([{"size": 10}] * 3, NOW)
    for pk in fresh:
        edit(pk, {"industry": "New"}, as_of=NOW, actor=None)
    review = reviewed(workspace, NOW + DAY)
    states = {one["points"]: one["state"] for one in review.found["rules"]}
    assert states == {20: "works", 9: "dead", 7: "new", 5: "new"}
    assert [one["points"] for one in review.found["changes"] if one["state"] == "dead"] == [9]


def test_each_change_says_what_it_would_do(workspace: Workspace, alice: Member, page: Callable) -> None:
    come()
    a_card(rule("fit", 15, "attributes.size", "lt", 100), rule("fit", 5, "industry", "eq", "nowhere"))
    rescore(None, as_of=NOW, actor=None)
    found = reviewed(workspace, NOW + DAY).found
    alone = {one["points"]: one for one in found["changes"]}
    assert alone[5]["auc_alone"] == found["auc"] and alone[5]["regraded"] == 0
    assert alone[15]["auc_alone"] == found["auc"] == found["auc_after"], "large ones stay above small ones"
    assert 40 < alone[15]["regraded"] < 80, "the small ones, of the newest"
    effect = found["effect"]
    assert (effect["leads"], effect["sample"]) == (400, 1)
    assert {"from": "B", "to": "D", "leads": 200} in effect["moves"] and effect["falling"] == 200
    told = page(alice).get("/w/acme/scoring/review/").content.decode()
    assert "200 leads from B to D" in told and "200 fewer above the MQL line" in told


def test_the_outcome_is_chosen_on_the_page_and_stays(
    workspace: Workspace, alice: Member, page: Callable
) -> None:
    come()
    a_card()
    review = reviewed(workspace, NOW + DAY, {"field": "stage", "op": "eq", "value": "won"})
    browser = page(alice)
    told = browser.get("/w/acme/scoring/review/").content.decode()
    assert "All decided leads ended alike" in told and "Promised" not in told
    asked = {"outcome": "field:attributes.y", "value": "yes"}
    assert browser.post("/w/acme/scoring/review/anew/", asked).status_code == 302
    review = Review.objects.exclude(pk=review.pk).get()  # of the month it really is
    assert review.outcome == YES and review.status == "queued"
    review_due(workspace, review.due_at)
    told = browser.get("/w/acme/scoring/review/").content.decode()
    assert '<option value="field:attributes.y" selected>' in told and "Promised" in told
    assert browser.post("/w/acme/scoring/review/anew/", {"outcome": "field:x"}).status_code == 422


def test_what_was_learned_last_is_reviewed_next(workspace: Workspace) -> None:
    come()
    a_card()
    reviewed(workspace, NOW, {"field": "stage", "op": "eq", "value": "won"})
    training = start_training(YES, as_of=NOW + DAY, actor=None)
    train_due(workspace, NOW + DAY)
    assert usual_outcome(None) == YES
    reviewed(workspace, NOW + 2 * DAY, {"field": "stage", "op": "eq", "value": "won"})
    assert usual_outcome(None)["value"] == "won", "a person asked for it since"
    Training.objects.filter(pk=training.pk).update(again=True, started_at=NOW + 9 * DAY)
    assert usual_outcome(None)["value"] == "won", "what repeats by itself is nobody's wish"
