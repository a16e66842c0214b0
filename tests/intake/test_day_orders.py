"""Columns of days that don't tell whether the day or the month comes first: asked by API and command, never guessed."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from intake.actions import confirm_columns
from intake.models import Import
from leadcrm.flow import run_due
from leads.models import Lead
from tests.cast import PASSWORD
from tests.intake.lists import as_csv, begin
from tests.intake.test_api import IMPORTS, Api, send
from tests.intake.test_pages import Page, words
from tests.programs import Manage
from workspaces.actions import create_workspace
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid

ROWS = [("Ada", "a@x.example", "3/4/2018"), ("Bo", "b@x.example", "5/6/2018")]
LIST = as_csv(ROWS, header=("Name", "Email", "Purchase Date"))
MAPPING = {"Name": "name", "Email": "email", "Purchase Date": "timeline_date"}


def days() -> set[str]:
    return {str(day) for day in Lead.objects.values_list("timeline_date", flat=True)}


def test_a_plain_list_comes_in_and_says_what_it_asks(
    api: Api, page: Page, workspace: Workspace, zoe: Member
) -> None:
    client = api(zoe)
    made = send(client, LIST)
    assert made.status_code == 202
    [asked] = made.json()["questions"]
    assert (asked["column"], asked["answers"]) == ("Purchase Date", ["dmy", "mdy"])
    run_due(workspace, timezone.now())
    done = client.get(f"{IMPORTS}{made.json()['id']}/").json()
    assert (done["status"], done["created"], done["incomplete"]) == ("done", 2, 2)
    assert (done["questions"], days()) == ([asked], {"None"})
    assert asked["message"] in words(page(zoe).get(f"/w/acme/imports/{done['id']}/"))
    again = send(client, LIST, date_order="dmy").json()
    run_due(workspace, timezone.now())
    assert (again["questions"], days()) == ([], {"2018-04-03", "2018-06-05"})
    assert Lead.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"mapping": MAPPING | {"Purchase Date": "timeline_date:mdy"}},
        {"mapping": MAPPING, "date_order": {"Purchase Date": "mdy"}},
        {"mapping": MAPPING, "date_order": "mdy"},
        {"date_order": '"mdy"'},
    ],
)
def test_whoever_maps_a_column_says_its_order(
    api: Api, workspace: Workspace, zoe: Member, said: dict
) -> None:
    client = api(zoe)
    refused = send(client, LIST, mapping=json.dumps(MAPPING))
    assert refused.status_code == 422
    [fault] = refused.json()["errors"]
    assert (fault["field"], fault["code"]) == ("date_order.Purchase Date", "ambiguous_date")
    assert "dmy" in fault["message"] and not Import.objects.exists()
    sent = {name: given if isinstance(given, str) else json.dumps(given) for name, given in said.items()}
    assert send(client, LIST, **sent).status_code == 202
    run_due(workspace, timezone.now())
    assert days() == {"2018-03-04", "2018-05-06"}


def test_days_may_be_left_blank_and_an_order_must_be_one(api: Api, workspace: Workspace, zoe: Member) -> None:
    client = api(zoe)
    left = send(client, LIST, mapping=json.dumps(MAPPING), date_order="ambiguous")
    assert (left.status_code, left.json()["questions"]) == (202, [])
    wrong = send(client, LIST, date_order="[1]")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "date_order")


def test_confirming_columns_asks_too(workspace: Workspace, zoe: Member) -> None:
    rows = [(*row, "13/4/2018") for row in ROWS]
    header = ("Name", "Email", "Purchase Date", "Seen")
    batch = begin(as_csv(rows, header=header), confirm=True, actor=zoe)
    assert batch.settings["undecided"] == ["Purchase Date"]
    mapping = MAPPING | {"Seen": "new:date"}
    with pytest.raises(Invalid):
        confirm_columns(batch, mapping, as_of=timezone.now(), actor=zoe)
    orders = {"date_order": {"Purchase Date": "mdy"}}
    done = confirm_columns(batch, mapping, settings=orders, as_of=timezone.now(), actor=zoe)
    assert done.settings["date_order"] == {"Purchase Date": "mdy", "Seen": "dmy"}
    aside = begin(LIST, confirm=True, actor=zoe)
    mapping = MAPPING | {"Purchase Date": None}
    assert confirm_columns(aside, mapping, as_of=timezone.now(), actor=zoe).settings["undecided"] == []


@pytest.fixture
def acme(transactional_db: None) -> Workspace:
    """A committed workspace, which other processes see."""
    return create_workspace("Acme", slug="acme", email="alice@acme.test", password=PASSWORD).workspace


@pytest.mark.slow
def test_the_command_asks(acme: Workspace, manage: Manage, tmp_path: Path) -> None:
    file, mapping = tmp_path / "leads.csv", tmp_path / "mapping.json"
    file.write_bytes(LIST)
    mapping.write_text(json.dumps(MAPPING))
    into = (str(file), "--workspace", "acme")
    dry = json.loads(manage("import_leads", *into, "--dry-run", "--json").stdout)
    assert [one["column"] for one in dry["questions"]] == ["Purchase Date"]
    plain = json.loads(manage("import_leads", *into, "--json").stdout)
    assert (plain["status"], plain["questions"]) == ("done", dry["questions"])
    refused = manage("import_leads", *into, "--mapping", str(mapping))
    assert refused.returncode == 1
    assert "“Purchase Date”: say whether the day (dmy)" in refused.stderr
    told = manage("import_leads", *into, "--mapping", str(mapping), "--date-order", "dmy")
    assert "2 merged" in told.stdout
