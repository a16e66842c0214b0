"""The figures of a proof: tenths, weeks, industries, and what is said of a training."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.utils import translation

from leads.actions import record_touches
from scoring.learning.actions import start_training, train_due
from scoring.learning.models import Review, Training
from scoring.learning.words import verdict_in_words
from scoring.proof.backtest import backtest
from scoring.proof.figures import alike, by_decile, week_of
from scoring.proof.outcomes import outcome_of
from scoring.review.actions import review_due, start_review
from tests.cast import NOW
from tests.scoring.cards import in_force, rule
from tests.scoring.learning import DAY, come_in, fields
from tests.scoring.test_learning import made_up, size
from tests.scoring.test_proof import YES, a_card, come
from workspaces.models import Workspace


def test_fewer_than_ten_leads_are_no_tenths() -> None:
    found = by_decile(np.array([5.0, 4, 3, 2, 1]), np.array([1, 1, 0, 0, 0], bool))
    assert [one["worked"] for one in found] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert [one["caught"] for one in found] == [0.5, 1.0, 1.0, 1.0, 1.0]


def test_leads_of_one_score_share_their_rate_whichever_tenth_they_stand_in() -> None:
    """The older ones got there, the newer did not: that says nothing about the score."""
    scores = np.array([9.0] * 20 + [1.0] * 20)
    happened = np.array([1] * 10 + [0] * 10 + [0] * 20, bool)
    found = by_decile(scores, happened)
    assert [one["rate"] for one in found] == [0.5] * 5 + [0.0] * 5
    assert [one["caught"] for one in found][:5] == [0.2, 0.4, 0.6, 0.8, 1.0]


def test_one_industry_however_it_is_written() -> None:
    assert alike(["saas", "SaaS", "SaaS", "ＳaaS ", "", "Steel"]) == ["SaaS"] * 4 + ["", "Steel"]


def test_weeks_begin_on_monday_where_the_workspace_is(workspace: Workspace) -> None:
    workspace.time_zone = "Asia/Shanghai"
    sunday_evening = datetime(2026, 3, 8, 15, 0, tzinfo=UTC)
    assert week_of(sunday_evening).isoformat() == "2026-03-02"
    assert week_of(datetime(2026, 3, 8, 16, 0, tzinfo=UTC)).isoformat() == "2026-03-09"


def test_the_best_of_a_week_are_chosen_by_what_was_known_in_it(workspace: Workspace) -> None:
    """Whoever got there had downloaded something by then, but two weeks after reps had to choose."""
    leads = come_in([{} for _at in range(40)])
    yes = leads[20:]
    record_touches([(pk, "download", None, {}) for pk in yes], as_of=NOW + 14 * DAY, actor=None)
    record_touches([(pk, "inquiry", None, {}) for pk in yes], as_of=NOW + 20 * DAY, actor=None)
    card = in_force(rule("engagement", 20, "touches.download", "gte", 1))
    outcome = outcome_of({"field": "touches.inquiry", "op": "gte", "value": 1})
    found = backtest(card, outcome, as_of=NOW + 60 * DAY, capacity=20)
    assert found["auc"] == 1.0
    assert found["precision"]["rate"] < 0.8, "all alike on their first day: it says little"
    assert (found["precision"]["came"], found["precision"]["weeks"], found["leads"]) == (40, 1, 40)


def test_a_draft_has_the_day_of_the_workspace(workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="Asia/Shanghai")
    workspace.time_zone = "Asia/Shanghai"
    fields(y="text", size="number")
    come_in(made_up(600, size=size))
    evening = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)
    training = start_training(YES, as_of=evening, actor=None)
    train_due(workspace, evening)
    training.refresh_from_db()
    assert training.scorecard is not None and "2026-04-01" in training.scorecard.name
    assert training.found["difference_low"] < training.found["difference"] < training.found["difference_high"]


def test_a_review_at_work_says_so(workspace: Workspace) -> None:
    come(40)
    a_card()
    review = start_review(as_of=NOW, actor=None, outcome=YES)
    assert review is not None and review.status == "queued"
    Review.objects.filter(pk=review.pk).update(scorecard=None)  # it fails on its way, and will be tried again
    assert review_due(workspace, NOW) == 0
    review.refresh_from_db()
    assert review.status == "running" and review.last_error


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.02, 0.1, "Not surely better than the active card: AUC 0.78 (between 0.70 and 0.86) against 0.74"),
        (-0.2, -0.1, "Worse than the active card (AUC 0.78 against 0.74"),
    ],
)
def test_not_surely_better_is_not_worse(workspace: Workspace, low: float, high: float, words: str) -> None:
    found: dict[str, Any] = {"auc": 0.78, "auc_low": 0.7, "auc_high": 0.86, "active_auc": 0.74}
    found |= {"active_auc_low": 0.65, "active_auc_high": 0.83, "difference_low": low, "difference_high": high}
    with translation.override("en"):
        assert verdict_in_words(Training(status="done", verdict="worse", found=found)).startswith(words)
