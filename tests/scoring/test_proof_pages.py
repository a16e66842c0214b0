"""The pages of proof, learning and review."""

import json
import re
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from leads.models import Lead
from scoring.learning.actions import train_due
from scoring.learning.models import Review, Training
from scoring.review.actions import review_due, start_review
from tests.cast import NOW
from tests.scoring.cards import in_force
from tests.scoring.learning import DAY, come_in, fields, trained
from tests.scoring.test_learning import left_out, made_up, size
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


def test_of_many_leads_the_page_is_there_before_its_figures(
    workspace: Workspace, alice: Member, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    come()
    a_card()
    monkeypatch.setattr("scoring.pages.proof.AT_ONCE", 100)
    asked, browser = {"outcome": "field:attributes.y", "value": "yes"}, page(alice)
    first = browser.get(f"{HOME}proof/", asked).content.decode()
    assert 'aria-busy="true"' in first and "proof-grades" not in first
    told = browser.get(f"{HOME}proof/", asked, headers={"HX-Request": "true"}).content.decode()
    assert "proof-grades" in told and "aria-busy" not in told
    assert browser.get(f"{HOME}proof/", {"outcome": "field:nowhere"}).status_code == 422


def test_grades_say_how_many_leads_they_speak_of(
    workspace: Workspace, alice: Member, page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two leads who both got there are no promise."""
    fields(y="text", size="number")
    come_in([{"size": 150, "y": "yes"}] * 2 + [{"size": 50, "y": ("yes", "no")[at % 2]} for at in range(60)])
    a_card()
    asked = {"outcome": "field:attributes.y", "value": "yes"}
    told = words(page(alice).get(f"{HOME}proof/", asked), "Grades")
    assert "A few 2 100% 34%–100%" in told and "D 60 50% 38%–62%" in told and "B 0 – –" in told
    call_command("backtest", "--workspace", "acme", "--outcome", json.dumps(YES))
    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("few") for line in lines if " leads " in line] == [True, False, False, False]


def test_two_versions_stand_side_by_side_everywhere(workspace: Workspace, alice: Member, page: Page) -> None:
    come()
    Lead.objects.update(industry="Steel")
    other = a_card()
    card = in_force(rule("fit", 20, "attributes.size", "lt", 100))
    asked = {"card": str(card.pk), "compare": str(other.pk), "outcome": "field:attributes.y", "value": "yes"}
    answer = page(alice).get(f"{HOME}proof/", asked)
    told = words(answer, "Where it works")
    for one in (card, other):
        assert f"AUC, version {one.version}" in told
        assert f"Version {one.version}, expected" in answer.content.decode()
    assert re.search(r"Steel 400 50% 0\.25 \S+ 0\.75 ", told)
    assert f"{NOW:%Y-%m-%d} – {NOW:%Y-%m-%d} 100 " in told and "Quarter" not in told


def words(answer: HttpResponse, heading: str) -> str:
    """What the section of that heading says, without its marks."""
    section = answer.content.decode().split(f"{heading}</h2>")[1].split("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).replace("Grade ", "").split())


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


def test_a_leak_is_insisted_on_with_one_click(
    workspace: Workspace, alice: Member, page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    fields(y="text", size="number", copy="text")
    copied = {"copy": lambda chance, yes: "x" if yes == (chance.random() < 0.97) else "z"}
    come_in(made_up(300, size=size, **copied))
    training = trained(workspace, YES, exclude=["region"], monthly=False)
    browser, address = page(alice), f"{HOME}learning/{training.pk}/"
    told = browser.get(address).content.decode()
    assert "Use it anyway" in told and 'value="attributes.copy"' in told
    begun = browser.post(f"{HOME}learning/", {"like": str(training.pk), "insist": "attributes.copy"})
    again = Training.objects.latest("created_at")
    assert (begun.status_code, begun["Location"]) == (302, f"{HOME}learning/{again.pk}/")
    assert (again.outcome, again.insist) == (training.outcome, ["attributes.copy"])
    assert (again.exclude, again.monthly) == (["region"], False)
    train_due(workspace, again.due_at)
    assert "attributes.copy" not in left_out(Training.objects.get(pk=again.pk))
    assert browser.post(f"{HOME}learning/", {"like": "x", "insist": "copy"}).status_code == 422
    call_command(
        "backtest", "--workspace", "acme", "--outcome", json.dumps(YES), "--train", "--insist", "copy"
    )
    assert Training.objects.latest("created_at").insist == ["attributes.copy"]


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
