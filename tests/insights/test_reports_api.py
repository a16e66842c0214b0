"""Reports over the API: their shape, their parameters, and nothing of anybody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from insights.reports import REPORTS
from tests.cast import NOW, a_lead
from workspaces.models import Member, Team, Workspace
from workspaces.tenancy import enter

Api = Callable[[Member], APIClient]


@pytest.mark.parametrize("name", list(REPORTS))
def test_every_report_answers(alice: Member, api: Api, name: str) -> None:
    found = api(alice).get(f"/api/v1/reports/{name}/?days=7&as_of=2026-03-02T09:00:00Z").json()
    assert found["name"] == name
    assert found["period"] == {"begins": "2026-02-23T09:00:00Z", "ends": "2026-03-02T09:00:00Z", "days": 7}
    assert {"key", "name", "kind"} == set(found["columns"][0])
    text = api(alice).get(f"/api/v1/reports/{name}/?format=csv")
    assert (text.status_code, text["Content-Type"]) == (200, "text/csv; charset=utf-8")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("nothing/", 404),
        ("funnel/?days=x", 400),
        ("funnel/?days=0", 400),
        ("funnel/?as_of=soon", 400),
        ("funnel/?format=pdf", 400),
        ("funnel/?team=x", 422),
        ("funnel/?team=00000000-0000-7000-8000-000000000000", 404),
    ],
)
def test_what_is_asked_wrongly_is_refused(alice: Member, api: Api, address: str, status: int) -> None:
    assert api(alice).get(f"/api/v1/reports/{address}").status_code == status


def test_another_workspace_is_not_counted_and_its_team_is_unknown(
    alice: Member, mallory: Member, elsewhere: Workspace, api: Api
) -> None:
    with enter(elsewhere):
        a_lead(captured_at=NOW - timedelta(days=1))
        theirs = Team.objects.create(name="Theirs")
    client = api(alice)
    found = client.get("/api/v1/reports/funnel/?as_of=2026-03-02T09:00:00Z").json()
    assert found["total"]["captured"] == 0
    assert client.get(f"/api/v1/reports/funnel/?team={theirs.pk}").status_code == 404
    assert APIClient().get("/api/v1/reports/funnel/").status_code == 401
