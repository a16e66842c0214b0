"""A step of the due work that fails stops none of the others, of no workspace, and nobody overlooks it."""

import logging
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from leadcrm import flow
from leads.models import Lead
from pools.actions import claim
from pools.models import Assignment
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, later
from workspaces.models import Workspace
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def a_lead_in_two_hands(workspace: Workspace) -> Lead:
    """What can't be assigned: nobody holds it, but a record says that somebody still does."""
    ann, bo = a_rep("Ann"), a_rep("Bo")
    lead = a_lead(stage="mql")
    Assignment.objects.create(lead=lead, member=bo, began_at=NOW, began="given")
    claim(ann, [a_lead().pk], as_of=NOW)
    return lead


def test_the_others_go_on_and_the_fault_is_told(
    workspace: Workspace, a_lead_in_two_hands: Lead, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    long = [("notices_sent", lambda *_given, **_more: looked.append("sent") or 0), *flow.long_work()]
    monkeypatch.setattr(flow, "long_work", lambda: long)
    with caplog.at_level(logging.ERROR), pytest.raises(ExceptionGroup, match="acme: assigned failed") as told:
        flow.run_due(workspace, later(hours=25))
    assert isinstance(told.value.exceptions[0], IntegrityError)
    assert looked == ["sent"], "what stands behind it was done"
    with enter(workspace):
        assert Assignment.objects.filter(ended="reclaimed").count() == 1, "what stands before it stays done"
    [line] = [one for one in caplog.records if one.name == "leadcrm.apart"]
    assert "“assigned”" in line.getMessage() and line.exc_info is not None


def test_a_workspace_that_fails_stops_no_other(
    workspace: Workspace, elsewhere: Workspace, a_lead_in_two_hands: Lead, capsys: Any
) -> None:
    with pytest.raises(ExceptionGroup, match=workspace.slug):
        call_command("run_due", as_of=later(hours=25).isoformat())
    said = capsys.readouterr().out
    assert f"{elsewhere.slug}: resumed 0" in said
