"""The pages of proof, learning and review."""

from collections.abc import Callable

import pytest
from django.test import Client

from scoring.learning.actions import train_due
from scoring.learning.models import Review, Training
from scoring.review.actions import review_due, start_review
from tests.cast import NOW
from tests.scoring.learning import DAY
from tests.scoring.test_proof import YES, a_card, come, rule
from workspaces.models import Member, Workspace

Page = Callable[[Member], Client]
HOME = "/w/acme/scoring/"


def test_a_version_is_tried_on_the_page(workspace: Workspace, alice: Member, page: Page) -> None:
    browser = page(alice)
    empty = browser.get(f"{HOME}proof/")
    assert empty.status_code == 200 and b"Nothing tried yet" in empty.content
    come()
    card = a_card()
    assert b"Nothing tried yet" not in browser.get(f"{HOME}proof/").content  # few leads: answered unasked
    asked = {"card": str(card.pk), "outcome": "field:attributes.y", "value": "yes", "capacity": "50"}
    told = browser.get(f"{HOME}proof/", asked).content.decode()
    assert "0.75" in told and "proof-grades" in told and "Version" in told
    wrong = browser.get(f"{HOME}proof/", asked | {"outcome": "field:nowhere"})
    assert wrong.status_code == 422


def test_a_training_from_start_to_draft(
    workspace: Workspace, alice: Member, ming: Member, page: Page
) -> None:
    come()
    browser = page(alice)
    begun = browser.post(
        f"{HOME}learning/", {"outcome": "field:attributes.y", "value": "yes", "exclude": "", "monthly": "on"}
    )
    training = Training.objects.get()
    assert begun.status_code == 302 and begun["Location"] == f"{HOME}learning/{training.pk}/"
    assert b"Waiting for its turn" in browser.get(begun["Location"]).content
    train_due(workspace, training.due_at)
    told = browser.get(begun["Location"]).content.decode()
    assert (
        "Better than the active card" in told
        and "Open the draft" in told
        and "It is the outcome itself" in told
    )
    assert "Better than the active card" in browser.get(f"{HOME}learning/").content.decode()
    refused = browser.post(
        f"{HOME}learning/", {"outcome": "field:attributes.y", "value": "yes", "exclude": "nowhere"}
    )
    assert refused.status_code == 422 and "nowhere" in refused.content.decode()
    assert page(ming).get(f"{HOME}learning/").status_code == 403


def test_a_review_is_read_and_made_a_draft(workspace: Workspace, alice: Member, page: Page) -> None:
    browser = page(alice)
    assert b"No review yet" in browser.get(f"{HOME}review/").content
    come()
    a_card(rule("fit", 15, "attributes.size", "lt", 100))
    start_review(as_of=NOW + DAY, actor=None, outcome=YES)
    review_due(workspace, NOW + DAY)
    told = browser.get(f"{HOME}review/").content.decode()
    assert "Suggested changes" in told and "Says the opposite of its points" in told
    review = Review.objects.get()
    made = browser.post(f"{HOME}review/{review.pk}/draft/")
    review.refresh_from_db()
    assert made.status_code == 302 and str(review.draft_id) in made["Location"]
    assert browser.get(made["Location"]).status_code == 200
    assert browser.post(f"{HOME}review/anew/").status_code == 302


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_however_long(
    workspace: Workspace, alice: Member, page: Page, many: int, django_assert_max_num_queries: Callable
) -> None:
    for _at in range(many):
        Training.objects.create(outcome=YES, status="done", verdict="no_signal", found={})
    browser = page(alice)
    browser.get(f"{HOME}learning/")
    with django_assert_max_num_queries(14):
        assert browser.get(f"{HOME}learning/").status_code == 200
