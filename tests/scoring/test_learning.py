"""A card learned from outcomes: good on real data, silent on noise, and not fooled by leaks."""

import random
import sys
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from leads.actions import advance, capture, edit, record_touches
from leads.incoming import Incoming, Source
from notices.models import Notice
from scoring.actions import activate
from scoring.cards import read, said
from scoring.learning.actions import start_training, train_due
from scoring.learning.models import Training
from scoring.models import CardStatus, Rule, Scorecard
from scoring.proof.measures import auc
from scoring.proof.outcomes import decided, outcome_of
from scoring.proof.scoring import past_scores
from tests.cast import NOW
from tests.realdata import real
from tests.scoring.cards import in_force, rule
from tests.scoring.learning import DAY, bank, come_in, fields, trained
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid, NotAllowed, Refused
from workspaces.tenancy import leave, step_in

YES = {"field": "attributes.y", "op": "eq", "value": "yes"}


def made_up(
    many: int, seed: int = 7, **columns: Callable[[random.Random, bool], Any]
) -> list[dict[str, Any]]:
    """Rows with an outcome ``y`` in one of four; each column is made from it or in spite of it."""
    chance = random.Random(seed)
    rows = []
    for _at in range(many):
        yes = chance.random() < 0.25
        rows.append(
            {"y": "yes" if yes else "no"} | {name: make(chance, yes) for name, make in columns.items()}
        )
    return rows


def size(chance: random.Random, yes: bool) -> int:
    return max(1, round(chance.gauss(140 if yes else 90, 50)))


def noise(chance: random.Random, yes: bool) -> int:
    return chance.randint(1, 1000)


def left_out(training: Training) -> dict[str, str]:
    return {one["field"]: one["code"] for one in training.found["excluded"]}


@pytest.mark.slow
def test_on_a_real_list_it_comes_near_gradient_boosting(workspace: Workspace) -> None:
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.preprocessing import OrdinalEncoder

    rows = bank(real("scoring/uci_bank.csv"))
    fields(**{key: "number" if isinstance(value, int) else "text" for key, value in rows[0].items()})
    leads = come_in(rows)
    training = trained(workspace, YES, exclude=["duration"])
    assert (training.status, training.verdict) == ("done", "better")
    known = dict(zip(leads, rows, strict=True))
    with decided(outcome_of(YES), NOW + DAY) as many:
        from scoring.learning.reading import decided_rows

        found = decided_rows()
        scores = past_scores([read(training.scorecard)], many)[0]
    cut = round(many * 0.7)
    ours = auc(scores[cut:], found.happened[cut:])
    assert ours is not None and ours.value == pytest.approx(training.found["auc"], abs=1e-4)
    ordered = [known[pk] for pk in found.ids]
    names = [name for name in rows[0] if name not in ("y", "duration")]
    table = OrdinalEncoder().fit_transform([[str(row[name]) for name in names] for row in ordered])
    for at, name in enumerate(names):
        if isinstance(rows[0][name], int):
            table[:, at] = [row[name] for row in ordered]
    boosted = GradientBoostingClassifier(random_state=0).fit(table[:cut], found.happened[:cut])
    theirs = auc(boosted.predict_proba(table[cut:])[:, 1], found.happened[cut:])
    assert theirs is not None
    error = training.found["calibration_error"]
    sys.stdout.write(
        f"the learned card's AUC on the newest 30 %: {ours.value:.4f}, gradient boosting's: {theirs.value:.4f};"
        f" calibration error by decile: {error} points\n"
    )
    assert ours.value >= theirs.value - 0.02
    assert training.found["calibration_error"] <= 5


def test_noise_is_called_noise(workspace: Workspace) -> None:
    fields(y="text", a="number", b="number", c="text")
    come_in(made_up(900, a=noise, b=noise, c=lambda chance, _yes: chance.choice("pqrst")))
    training = trained(workspace, YES)
    assert (training.verdict, training.scorecard) == ("no_signal", None)


def test_a_signal_becomes_rules_that_score_as_judged(workspace: Workspace) -> None:
    fields(y="boolean", size="number", plan="text", b="number")
    rows = made_up(
        900,
        size=size,
        b=noise,
        plan=lambda chance, yes: chance.choice(["pro", "pro", "free"] if yes else ["pro", "free"]),
    )
    come_in([row | {"y": row["y"] == "yes"} for row in rows])
    training = trained(workspace, YES)  # a list says yes where the field holds true
    assert training.verdict == "better" and training.found["auc"] > 0.7
    card = training.scorecard
    assert card.status == CardStatus.DRAFT
    rules = list(Rule.objects.filter(scorecard=card))
    assert {
        rule.condition.get("field", rule.condition.get("all", [{}])[0].get("field")) for rule in rules
    } >= {"attributes.size"}
    assert all(rule.points > 0 and set(rule.label) == {"en", "zh-hans"} for rule in rules)
    activate(card, as_of=NOW + DAY, actor=None)  # as any other card
    assert Scorecard.objects.get(status=CardStatus.ACTIVE) == card


def test_leaks_are_named_and_left_out_unless_a_person_insists(workspace: Workspace) -> None:
    fields(y="text", size="number", copy="text", contract="text")
    come_in(
        made_up(
            800,
            size=size,
            copy=lambda chance, yes: "x" if yes == (chance.random() < 0.97) else "z",
            contract=lambda chance, yes: (
                f"C-{chance.randint(1, 10**6)}" if yes and chance.random() < 0.8 else None
            ),
        )
    )
    training = trained(workspace, YES)
    found = left_out(training)
    assert found["attributes.copy"] == "alone" and found["attributes.contract"] == "only_there"
    assert found["attributes.y"] == "outcome" and found["stage"] == "state"
    assert training.found["auc"] < 0.9
    insisted = trained(workspace, YES, insist=["copy"])
    assert "attributes.copy" not in left_out(insisted) and insisted.found["auc"] > 0.9


def test_what_is_written_after_the_outcome_does_not_count(workspace: Workspace) -> None:
    """Leads that got to MQL have their industry written down only then."""
    fields(size="number")
    leads = come_in([{"size": size(random.Random(at), at % 4 == 0)} for at in range(400)])
    yes = leads[::4]
    record_touches([(pk, "download", None, {}) for pk in leads[::2]], as_of=NOW + DAY, actor=None)
    advance(yes, "to_mql", as_of=NOW + 2 * DAY, actor=None, override="met them")
    for pk in yes:
        edit(pk, {"industry": "Steel"}, as_of=NOW + 3 * DAY, actor=None)
    advance([pk for pk in leads if pk not in set(yes)], "disqualify", as_of=NOW + 4 * DAY, actor=None,
            details={"reason": "student"})  # fmt: skip
    training = start_training({"field": "stage", "op": "eq", "value": "mql"}, as_of=NOW + 5 * DAY, actor=None)
    train_due(workspace, NOW + 5 * DAY)
    training.refresh_from_db()
    assert training.status == "done", training.last_error
    assert left_out(training)["industry"] == "after"
    assert training.found["outcomes"] == 100 and training.found["leads"] == 400


def test_a_worker_learns_from_channels_too(workspace: Workspace) -> None:
    """A worker opens the workspace only where it reads and writes; what is linked is called by its name."""
    fields(y="text")
    chance, items = random.Random(5), []
    for at in range(600):
        yes = chance.random() < 0.3
        key = f"c{at}@acme.example"
        where = chance.choice(["Fair", "Fair", "Website"] if yes else ["Website", "Website", "Fair"])
        items.append(
            Incoming(
                {"email": key, "email_key": key}, attributes={"y": "yes" if yes else "no"}, channel=where
            )
        )
    capture(items, source=Source("import"), as_of=NOW, actor=None)
    training = start_training(YES, as_of=NOW + DAY, actor=None)
    leave()
    train_due(workspace, NOW + DAY)
    step_in(workspace)
    training.refresh_from_db()
    assert training.status == "done", training.last_error
    assert training.scorecard is not None
    assert any("Fair" in str(rule.label) for rule in Rule.objects.filter(scorecard=training.scorecard))


def test_too_few_are_said_to_be_too_few(workspace: Workspace) -> None:
    fields(y="text", size="number")
    come_in(made_up(60, size=size))
    training = trained(workspace, YES)
    assert training.verdict == "too_few" and training.found.get("auc") is None


def test_a_month_later_it_is_learned_again_as_a_draft(workspace: Workspace) -> None:
    fields(y="text", size="number")
    come_in(made_up(600, size=size))
    first = trained(workspace, YES)
    assert first.verdict == "better"
    assert train_due(workspace, first.finished_at + 29 * DAY) == 0
    assert train_due(workspace, first.finished_at + 31 * DAY) == 1
    again = Training.objects.order_by("-created_at").first()
    assert again is not None and again.again and again.scorecard.status == CardStatus.DRAFT
    told = Notice.objects.get(kind="scorecard_learned")
    assert told.data["card"] == again.scorecard.name


def test_what_is_learned_upon_a_card_again_and_again_stays_a_card(workspace: Workspace) -> None:
    """Of few outcomes the card in force is kept beside; its dimensions are told apart, and never outgrow a card."""
    fields(y="text", size="number", other="number")
    in_force(
        rule("fit", 20, "attributes.size", "gte", 50), rule("engagement", 5, "attributes.other", "gte", 0)
    )
    come_in(made_up(300, size=size, other=noise))
    grown = []
    for _ in range(4):
        found = trained(workspace, YES)
        assert found.status == "done" and found.scorecard
        labels = [said(one["label"]) for one in found.scorecard.dimensions]
        assert len(labels) == len(set(labels)) <= 20
        grown.append(len(labels))
        activate(found.scorecard, as_of=found.finished_at, actor=None)
    assert grown[0] > 1, "the first keeps the card before"


def test_neither_another_outcome_nor_a_fault_ends_what_is_learned_every_month(workspace: Workspace) -> None:
    fields(y="text", z="text", size="number")
    come_in(made_up(600, size=size))
    first = trained(workspace, YES)
    start_training({"field": "attributes.z", "op": "eq", "value": "yes"}, as_of=first.finished_at, actor=None)
    train_due(workspace, first.finished_at)  # too few: never again
    month = first.finished_at + 31 * DAY
    train_due(workspace, month)
    repeats = Training.objects.filter(outcome=first.outcome, again=True)
    repeats.update(status="failed", finished_at=None)
    assert train_due(workspace, month + DAY) == 0 and repeats.count() == 1, "not at every look"
    train_due(workspace, month + 31 * DAY)
    assert repeats.filter(status="done").count() == 1


def test_through_the_api(
    workspace: Workspace, alice: Member, ming: Member, api: Callable[[Member], APIClient]
) -> None:
    fields(y="text", size="number", duration="number")
    come_in(made_up(600, size=size, duration=noise))
    client = api(alice)
    address = "/api/v1/scorecards/training/"
    asked = {"outcome": YES, "exclude": ["duration"]}
    begun = client.post(address, asked, format="json")
    assert begun.status_code == 202 and begun.json()["status"] == "queued" and begun.json()["verdict"] is None
    assert client.post(address, asked, format="json").status_code == 409
    assert api(ming).post(address, asked, format="json").status_code == 403
    train_due(workspace, Training.objects.get().due_at)
    told = client.get(f"{address}{begun.json()['id']}/").json()
    assert told["status"] == "done" and told["verdict"] == "better" and "AUC" in told["verdict_text"]
    assert told["auc_low"] < told["auc"] < told["auc_high"] and told["active_auc"] == 0.5
    excluded = {one["field"]: one["reason"] for one in told["excluded"]}
    assert excluded["attributes.duration"] == "Left out on request."
    assert client.get(f"/api/v1/scorecards/{told['scorecard']}/").json()["status"] == "draft"
    assert client.get(address).json()["results"][0]["id"] == told["id"]
    for wrong in ({}, {"outcome": {}}, {"outcome": {"field": "score", "op": "gte", "value": 3}},
                  {"outcome": YES, "exclude": ["nowhere"]}, {"outcome": YES, "exclude": "duration"},
                  {"outcome": {"field": "attributes.none", "op": "is_set"}}):  # fmt: skip
        assert client.post(address, wrong, format="json").status_code == 422, wrong


def test_who_may_and_what_is_refused(workspace: Workspace, ming: Member) -> None:
    fields(y="text")
    with pytest.raises(NotAllowed):
        start_training(YES, as_of=NOW, actor=ming)
    with pytest.raises(Invalid):
        start_training(YES, exclude=["nowhere"], as_of=NOW, actor=None)
    start_training(YES, as_of=NOW, actor=None)
    with pytest.raises(Refused):
        start_training(YES, as_of=NOW, actor=None)
