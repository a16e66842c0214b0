"""Values offered while somebody types one: over the whole workspace, the most frequent first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leadcrm.flow import run_due
from leads.actions import values_due
from leads.looking_ahead import MOST, values_like
from leads.models import Channel, Company, CustomField, FieldValue, Lead, Tag, ValueCount
from leads.pages import building
from tests.cast import NOW, a_lead
from workspaces.models import Member, Team, Workspace
from workspaces.tenancy import enter

HOUR = timedelta(hours=1)
ADDRESS = "/api/v1/leads/values/"


def counted(workspace: Workspace, hours: int = 0) -> int:
    return values_due(workspace, NOW + hours * HOUR)


def leads(**industries: int) -> None:
    for name, many in industries.items():
        for _at in range(many):
            a_lead(industry=name.replace("_", " "))


@pytest.fixture
def old_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a workspace whose newest leads are not those in question."""
    monkeypatch.setattr("leads.looking_ahead.NEWEST", 0)


def test_what_begins_with_the_text_comes_first_then_what_contains_it(
    workspace: Workspace, old_only: None
) -> None:
    leads(Steel=1, Stone=2, Cast_steel=3, Textiles=1, STEEL=2)
    assert values_like("industry", "ste") == []
    counted(workspace)
    assert values_like("industry", "ste") == ["STEEL", "Cast steel"]  # in its usual spelling
    assert values_like("industry", "ＳＴ") == ["STEEL", "Stone", "Cast steel"]
    assert values_like("industry", "") == ["Cast steel", "STEEL", "Stone", "Textiles"]
    assert values_like("industry", "%") == values_like("nowhere", "s") == values_like("email", "a") == []


def test_what_was_written_since_is_offered_too(workspace: Workspace) -> None:
    leads(Steel=2)
    counted(workspace)
    leads(Stone=1, STEEL=1)
    assert values_like("industry", "st") == ["Steel", "Stone"]


def test_fields_of_the_workspaces_own_and_no_longer_than_there_are_any(
    workspace: Workspace, old_only: None
) -> None:
    model = CustomField.objects.create(key="model", label="Model", kind="text")
    CustomField.objects.create(key="size", label="Size", kind="number")
    a_lead(attributes={"model": "X-200 %s", "size": 3})
    counted(workspace)
    assert values_like("attributes.model", "200") == ["X-200 %s"]
    assert values_like("attributes.size", "3") == []
    model.delete()
    a_lead()
    counted(workspace, 1)
    assert not FieldValue.objects.filter(field="attributes.model").exists()


def test_values_are_counted_again_when_leads_have_changed(workspace: Workspace, old_only: None) -> None:
    leads(Steel=1, Stone=1)
    assert (fields := counted(workspace)) >= 5
    assert counted(workspace) == 0  # not due yet
    before = FieldValue.objects.get(key="stone").updated_at
    assert counted(workspace, 2) == 0  # nothing has changed
    Lead.objects.get(industry="Steel").delete()
    assert counted(workspace, 4) == fields
    assert values_like("industry", "st") == ["Stone"]
    assert FieldValue.objects.get(key="stone").updated_at == before  # what is as it was is not written


def test_it_is_due_work(workspace: Workspace, old_only: None) -> None:
    leads(Steel=1)
    done = run_due(workspace, NOW)
    assert done["values_counted"] >= 1
    assert values_like("industry", "st") == ["Steel"]
    work = ValueCount.objects.get()
    assert (work.counted_at, work.due_at) == (NOW, NOW + HOUR)


def test_names_of_people_teams_companies_channels_and_tags(workspace: Workspace, alice: Member) -> None:
    for model in (Team, Channel):
        model.objects.create(name="Northern Lights")
    Tag.objects.create(name="Northern", name_key="northern")
    Company.objects.create(name="Northern Steel Ltd", name_key="northern steel")
    assert values_like("owner", "ali") == ["Alice"]
    assert values_like("team", "north") == values_like("channel", "light") == ["Northern Lights"]
    assert values_like("tags", "NORTH") == ["Northern"]
    assert values_like("company", "Northern S") == ["Northern Steel Ltd"]


def test_it_costs_the_same_however_many_there_are(
    workspace: Workspace, django_assert_num_queries: Any
) -> None:
    counted(workspace)
    for many in (1, 3):
        leads(Steel=many)
        counted(workspace, many)
        with django_assert_num_queries(3):  # the own fields, what was counted, what is new
            assert values_like("industry", "st") == ["Steel"]


def test_by_page_and_api(
    workspace: Workspace,
    alice: Member,
    mallory: Member,
    elsewhere: Workspace,
    page: Callable[[Member], Client],
    api: Callable[[Member], APIClient],
) -> None:
    leads(**{f"Steel {at:02}": 1 for at in range(MOST + 5)})
    counted(workspace)
    asked = {"field": "industry", "q": "steel"}
    told = page(alice).get("/w/acme/leads/values/", asked).json()["values"]
    assert len(told) == MOST and told[0] == "Steel 00"
    assert api(alice).get(ADDRESS, asked).json() == {"values": told}
    with enter(elsewhere):
        values_due(elsewhere, NOW)
    assert api(mallory).get(ADDRESS, asked).json() == {"values": []}
    built = building.builder()
    assert built["values"] == "/w/acme/leads/values/" and "industry" in built["answered"]
