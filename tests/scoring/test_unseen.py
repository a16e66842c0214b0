"""A card whose points were worked out from leads is judged on others, whatever the outcome and the day."""

from datetime import timedelta

import pytest

from leads.models import Lead
from scoring.actions.cards import copy_card
from scoring.learning.models import Studied
from scoring.models import Scorecard
from scoring.proof.backtest import backtest
from scoring.proof.outcomes import outcome_of
from scoring.proof.studied import remember
from scoring.review.actions import make_draft, review_due, start_review
from tests.cast import NOW
from tests.scoring.cards import rule
from tests.scoring.learning import DAY, come_in, fields, trained
from tests.scoring.test_learning import made_up, size
from tests.scoring.test_proof import YES, a_card, come
from workspaces.models import Workspace


def tried(card: Scorecard, outcome: dict | None = None, days: int = 1) -> tuple[int, int]:
    """(judged on, left out)"""
    found = backtest(card, outcome_of(outcome or YES), as_of=NOW + days * DAY)
    return found["leads"], found["left_out"]


def test_what_a_version_has_seen_the_versions_made_from_it_have_seen(workspace: Workspace) -> None:
    leads = come(40)
    card = a_card()
    assert tried(card) == (40, 0)
    remember(leads[:30], NOW, card=card)
    edited = copy_card(copy_card(card, as_of=NOW, actor=None), as_of=NOW, actor=None)
    for one in (card, edited):
        assert tried(one) == (10, 30), "exactly those it has not seen"
    assert backtest(edited, outcome_of(YES), as_of=NOW + DAY)["since"] == NOW.isoformat()


def test_another_outcome_makes_no_lead_unseen(workspace: Workspace) -> None:
    leads = come(40)
    card = a_card()
    remember(leads[:30], NOW, card=card)
    Lead.objects.filter(pk__in=leads[::2]).update(industry="Steel")
    assert tried(card, {"field": "industry", "op": "eq", "value": "Steel"}) == (10, 30)
    other = backtest(copy_card(card, as_of=NOW, actor=None, name="Other"), outcome_of(YES), as_of=NOW + DAY,
                     other=card)  # fmt: skip
    assert other["leads"] == 10 and other["other"]["leads"] == 10


def test_a_learned_card_is_tried_on_what_only_judged_it(workspace: Workspace) -> None:
    fields(y="text", size="number")
    come_in(made_up(600, size=size))
    training = trained(workspace, YES)
    assert training.scorecard is not None
    assert tried(training.scorecard) == (180, 420)
    assert training.found["judged"] == 180
    come_in(made_up(100, size=size, seed=8), NOW + timedelta(hours=30))
    assert tried(training.scorecard, days=3) == (280, 420), "and on those that came since"


def test_a_reviews_draft_is_tried_on_what_its_points_do_not_come_from(workspace: Workspace) -> None:
    come()
    a_card(rule("fit", 15, "attributes.size", "lt", 100))
    review = start_review(as_of=NOW + DAY, actor=None, outcome=YES)
    assert review is not None and review_due(workspace, NOW + DAY) == 1
    review.refresh_from_db()
    draft = make_draft(review, as_of=NOW + DAY, actor=None)
    assert tried(draft) == (120, 280)
    again = start_review(as_of=NOW + 2 * DAY, actor=None, outcome=YES)
    assert again is not None and review_due(workspace, NOW + 2 * DAY) == 1
    assert tried(draft) == (120, 280), "a review that is written anew takes nothing from it"
    assert Studied.objects.filter(review=review).count() == 1


@pytest.mark.parametrize("many", [0, 3])
def test_whoever_saw_nothing_is_tried_on_all(workspace: Workspace, many: int) -> None:
    leads = come(40)
    remember(leads[:many], NOW, card=a_card())
    assert tried(Scorecard.objects.get(status="active")) == (40 - many, many)


def test_a_card_that_goes_takes_with_it_what_it_has_seen(workspace: Workspace) -> None:
    leads = come(40)
    copy = copy_card(a_card(), as_of=NOW, actor=None)
    remember(leads, NOW, card=copy)
    Scorecard.objects.filter(pk=copy.pk).delete()
    assert not Studied.objects.exists()
