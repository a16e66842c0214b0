"""A real list, from the file to the card in force: imported, learned from, drafted, activated, every lead scored."""

import pytest
from django.utils import timezone

from leadcrm.flow import run_due
from leads.conditions import vocabulary
from leads.models import Lead
from scoring.actions import activate
from scoring.learning.actions import start_training
from scoring.models import CardStatus, Scorecard
from tests.intake.lists import begin
from tests.realdata import real
from workspaces.actions import create_workspace
from workspaces.models import Workspace
from workspaces.tenancy import enter


@pytest.fixture
def bank(transactional_db: None) -> Workspace:
    return create_workspace("Bank", slug="bank", email="b@example.com", password="as long as it is").workspace


@pytest.mark.slow
def test_from_the_file_to_the_card_in_force(bank: Workspace) -> None:
    with enter(bank):
        batch = begin(real("scoring/uci_bank.csv").read_bytes(), name="uci_bank.csv")
    run_due(bank, timezone.now())
    with enter(bank):
        batch.refresh_from_db()
        assert (batch.status, batch.created, batch.rejected) == ("done", 4521, 0)
        assert {"attributes.y", "attributes.duration"} <= set(vocabulary(bank).names)
        outcome = {"field": "attributes.y", "op": "eq", "value": "yes"}
        training = start_training(outcome, exclude=["duration"], as_of=timezone.now(), actor=None)
    run_due(bank, timezone.now())
    with enter(bank):
        training.refresh_from_db()
        assert (training.status, training.verdict) == ("done", "better"), training.last_error
        assert training.found["auc"] > 0.7
        draft = Scorecard.objects.get(pk=training.scorecard_id)
        assert draft.status == CardStatus.DRAFT
        activate(draft, as_of=timezone.now(), actor=None)
    run_due(bank, timezone.now())
    with enter(bank):
        scored = Lead.objects.filter(scorecard_id=draft.pk)
        assert scored.count() == 4521 and len(set(scored.values_list("grade", flat=True))) == 4
