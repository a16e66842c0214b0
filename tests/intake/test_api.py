"""imports/ and exports/ of the API."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from intake.actions import undo
from intake.cells_out import harmless
from intake.models import Import
from intake.prefixes import unguarded
from leadcrm.flow import run_due
from leads.actions import edit
from leads.models import CustomField, Lead
from tests.intake.lists import as_csv, bring_in, people
from workspaces import bell
from workspaces.models import Member, Workspace

Api = Callable[[Member], APIClient]
IMPORTS, EXPORTS = "/api/v1/imports/", "/api/v1/exports/"


def send(client: APIClient, data: bytes, name: str = "list.csv", **fields: object):
    return client.post(IMPORTS, {"file": SimpleUploadedFile(name, data), **fields}, format="multipart")


def run_all(workspace: Workspace) -> dict:
    return run_due(workspace, timezone.now())


def rows_of(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_list_comes_in_and_goes_out_again(api: Api, workspace: Workspace, zoe: Member) -> None:
    client = api(zoe)
    made = send(client, as_csv([*people(3), ("Nobody", "", "", "", "")]), channel="Fair 2026")
    assert made.status_code == 202
    assert made.json()["status"] == "queued"
    assert run_all(workspace)["rows_imported"] == 4
    address = f"{IMPORTS}{made.json()['id']}/"
    done = client.get(address).json()
    want = {"status": "done", "total": 4, "processed": 4, "created": 3, "merged": 0, "rejected": 1}
    assert want.items() <= done.items()
    assert (done["file"], done["channel"]) == ("list.csv", "Fair 2026")
    rejected = client.get(f"{address}rejected.csv")
    assert rejected["Content-Type"] == "text/csv; charset=utf-8"
    header, row = rows_of(rejected)
    assert header[:5] == ["Name", "Email", "Phone", "Company", "Lead Source"]
    assert row[0] == "Nobody"
    assert row[5] == "5"
    assert "way to reach" in row[6]
    assert (done["incomplete"], len(rows_of(client.get(f"{address}incomplete.csv")))) == (0, 1)
    undone = client.post(f"{address}undo/")
    assert (undone.status_code, undone.json()["status"]) == (200, "undone")
    assert undone.json()["undone"] == {"deleted": 3, "restored": 0, "left": 0}
    assert Lead.objects.count() == 0
    assert client.post(f"{address}undo/").status_code == 409


def test_names_of_columns_are_as_harmless_as_cells(api: Api, workspace: Workspace, zoe: Member) -> None:
    client = api(zoe)
    header = ("Name", "=HYPERLINK(1)", "Email")
    made = send(client, as_csv([("@Bo", "=1+1", "")], header=header)).json()
    run_all(workspace)
    names, row = rows_of(client.get(f"{IMPORTS}{made['id']}/rejected.csv"))
    assert names[:3] == ["Name", "'=HYPERLINK(1)", "Email"]
    assert row[:2] == ["'@Bo", "'=1+1"]


def test_an_import_is_paused_and_goes_on(api: Api, workspace: Workspace, zoe: Member, ming: Member) -> None:
    client = api(zoe)
    address = f"{IMPORTS}{send(client, as_csv(people(3))).json()['id']}/"
    assert client.post(f"{address}resume/").status_code == 409
    assert api(ming).post(f"{address}pause/").status_code == 403
    paused = client.post(f"{address}pause/")
    assert (paused.status_code, paused.json()["status"]) == (200, "paused")
    assert client.post(f"{address}pause/").json()["code"] == "not_running"
    assert run_all(workspace)["rows_imported"] == 0
    resumed = client.post(f"{address}resume/")
    assert (resumed.status_code, resumed.json()["status"]) == (202, "queued")
    assert run_all(workspace)["rows_imported"] == 3
    assert client.get(address).json()["status"] == "done"


def test_columns_may_be_confirmed_first(api: Api, workspace: Workspace, zoe: Member) -> None:
    client = api(zoe)
    made = send(client, as_csv([("Ada", "a@x.example")], header=("Who", "Mail")), confirm="true").json()
    assert made["status"] == "uploaded"
    wrong = client.post(f"{IMPORTS}{made['id']}/columns/", {"mapping": {"Who": "owner"}})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "mapping.Who"
    mapping = {"Who": "name", "Mail": "email"}
    started = client.post(f"{IMPORTS}{made['id']}/columns/", {"mapping": mapping, "channel": "Fair"})
    assert (started.status_code, started.json()["status"]) == (202, "queued")
    other = send(client, as_csv(people(1)), confirm="true").json()
    assert client.delete(f"{IMPORTS}{other['id']}/").status_code == 204
    assert client.delete(f"{IMPORTS}{made['id']}/").status_code == 409


@pytest.mark.parametrize(
    ("mapping", "field"),
    [("{", "mapping"), ("[1]", "mapping"), (json.dumps({"Name": "grade"}), "mapping.Name")],
)
def test_a_wrong_mapping_is_said(api: Api, zoe: Member, mapping: str, field: str) -> None:
    answer = send(api(zoe), as_csv(people(1)), mapping=mapping)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("data", "name", "status"),
    [
        (b"%PDF-1.7 " + bytes(100), "leads.csv", 415),
        (b"", "leads.csv", 422),
        (b'Name,Email\n"Ada,a@x.example\n', "leads.csv", 422),
    ],
)
def test_no_list(api: Api, zoe: Member, data: bytes, name: str, status: int) -> None:
    answer = send(api(zoe), data, name)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert not Import.objects.exists()


def test_too_large(api: Api, zoe: Member, settings) -> None:
    settings.IMPORT_MAX_BYTES = 1000
    answer = send(api(zoe), as_csv(people(5000)))
    assert answer.status_code == 413
    answer = send(api(zoe), as_csv(people(50)))  # the envelope has room of its own: counted as it comes
    assert answer.status_code == 413


def test_who_may(api: Api, zoe: Member, ming: Member, mallory: Member, workspace: Workspace) -> None:
    assert send(api(ming), as_csv(people(1))).status_code == 403
    assert api(ming).post(EXPORTS, {}).status_code == 403
    theirs = send(api(zoe), as_csv(people(1))).json()["id"]
    stranger = api(mallory)
    for address in ("", "undo/", "rejected.csv", "incomplete.csv", "columns/"):
        answer = stranger.generic(
            "POST" if address in ("undo/", "columns/") else "GET",
            f"{IMPORTS}{theirs}/{address}",
            "{}",
            content_type="application/json",
        )
        assert answer.status_code in (404, 422)
    assert stranger.get(f"{IMPORTS}{theirs}/").status_code == 404


def test_an_export_writes_what_meets_the_condition(api: Api, workspace: Workspace, zoe: Member) -> None:
    risky = ("=cmd|' /C calc'!A0", "evil@x.example", "+1 212-200-9999", "@SUM(1)", "-Fair")
    bring_in(workspace, as_csv([*people(3), risky]), actor=zoe)
    client = api(zoe)
    made = client.post(
        EXPORTS,
        {
            "filter": {"field": "name", "op": "ne", "value": "Person 1"},
            "columns": ["name", "phone", "company", "channel", "score"],
        },
    )
    assert made.status_code == 202
    address = f"{EXPORTS}{made.json()['id']}/"
    assert client.get(f"{address}file").status_code == 409
    assert run_all(workspace)["exported"] == 1
    assert {"status": "done", "rows": 3}.items() <= client.get(address).json().items()
    answer = client.get(f"{address}file")
    header, *rows = rows_of(answer)
    assert header == ["name", "phone", "company", "channel", "score"]
    assert {row[0] for row in rows} == {"Person 0", "Person 2", "'" + risky[0]}
    evil = next(row for row in rows if row[0].startswith("'"))
    assert evil[1:4] == ["+1 212-200-9999", "'@SUM(1)", "'-Fair"]


def test_what_was_made_harmless_comes_back_as_it_was(api: Api, workspace: Workspace, zoe: Member) -> None:
    risky = ("=1+1", "r@x.example", "+1 212-200-9999", "@SUM(1)", "-Fair", "@someone")
    header = ("Name", "Email", "Phone", "Company", "Channel", "WeChat")
    batch = bring_in(workspace, as_csv([risky], header=header), actor=zoe)
    client = api(zoe)
    columns = ["name", "email", "phone", "company", "channel", "wechat"]
    made = client.post(EXPORTS, {"columns": columns}).json()
    run_all(workspace)
    _header, row = rows_of(client.get(f"{EXPORTS}{made['id']}/file"))
    assert row == ["'=1+1", "r@x.example", "+1 212-200-9999", "'@SUM(1)", "'-Fair", "'@someone"]
    undo(batch, as_of=timezone.now(), actor=zoe)
    again = bring_in(workspace, as_csv([row], header=columns), actor=zoe)
    assert again.created == 1
    lead = Lead.objects.select_related("company", "channel").get()
    assert lead.company and lead.channel
    assert (lead.name, lead.company.name, lead.channel.name, lead.wechat) == (
        "=1+1",
        "@SUM(1)",
        "-Fair",
        "@someone",
    )


def test_an_export_with_its_usual_columns_finds_each_lead_again(
    api: Api, workspace: Workspace, zoe: Member
) -> None:
    header = ("Name", "Email", "Lead ID", "Channel")
    bring_in(
        workspace,
        as_csv([("Ada", "a@x.example", "", "Fair"), ("", "", "77", "Fair")], header=header),
        actor=zoe,
    )
    client, fields = api(zoe), CustomField.objects.count()
    made = client.post(EXPORTS, {"columns": []}).json()
    run_all(workspace)
    names, *rows = rows_of(client.get(f"{EXPORTS}{made['id']}/file"))
    again = bring_in(workspace, as_csv(rows, header=names), actor=zoe)
    assert (again.created, again.merged, again.rejected) == (0, 2, 0)
    assert CustomField.objects.count() == fields
    assert set(Lead.objects.values_list("external_id", flat=True)) == {"", "77"}


@pytest.mark.parametrize("text", ["＝1+1", "＋1+1", "－Fair", "＠SUM(1)", "\n=1", "\t=1"])
def test_signs_that_other_spreadsheets_take_for_formulas(text: str) -> None:
    """OWASP, "CSV injection": full-width signs count where Chinese and Japanese settings do."""
    assert harmless(text) == f"'{text}"
    assert unguarded(harmless(text)) == text


def test_a_wrong_export_is_refused(api: Api, zoe: Member) -> None:
    client = api(zoe)
    assert client.post(EXPORTS, {"columns": ["name", "salary"]}).json()["errors"][0]["field"] == "columns"
    answer = client.post(EXPORTS, {"filter": {"field": "salary", "op": "eq", "value": 1}})
    assert answer.status_code == 422


def test_lists_cost_the_same_for_one_row_and_three(
    api: Api, workspace: Workspace, zoe: Member, django_assert_num_queries
) -> None:
    client = api(zoe)
    for count in (1, 2):
        for _ in range(count):
            send(client, as_csv(people(1)))
            client.post(EXPORTS, {})
        client.get(IMPORTS)
        for address in (IMPORTS, EXPORTS):
            with django_assert_num_queries(7):
                assert len(client.get(address).json()["results"]) == (1 if count == 1 else 3)


def test_what_undoing_left_is_listed_with_what_has_changed(
    api: Api, workspace: Workspace, zoe: Member, ming: Member, mallory: Member
) -> None:
    client = api(zoe)
    bring_in(workspace, as_csv([(f"P{n}", f"p{n}@x.example", "", "", "") for n in range(12)]), actor=zoe)
    header = ("Email", "Title", "Industry")
    batch = bring_in(
        workspace, as_csv([(f"p{n}@x.example", "CEO", "Steel") for n in range(12)], header=header), actor=zoe
    )
    for lead in Lead.objects.exclude(name="P0"):
        edit(lead.pk, {"title": "CTO"}, as_of=timezone.now(), actor=zoe)
    undo(batch, as_of=timezone.now(), actor=zoe)
    address = f"{IMPORTS}{batch.pk}/left/"
    first = client.get(address, {"limit": 5}).json()
    assert len(first["results"]) == 5 and first["next"]
    rows = client.get(address).json()["results"]
    assert len(rows) == 11
    assert all((row["reason"], row["facts"]) == ("changed", ["title"]) for row in rows)
    assert rows[0]["why"] and rows[0]["name"].startswith("P")
    page = Client()
    page.force_login(zoe.user)
    shown = page.get(f"/w/acme/imports/{batch.pk}/").content.decode()
    assert "See all of them" in shown and "Changed since: title." in shown
    assert page.get(f"/w/acme/imports/{batch.pk}/left/").status_code == 200
    assert set(Lead.objects.values_list("title", "industry")) == {("", ""), ("CTO", "")}
    assert api(ming).get(address).status_code == 403
    assert api(mallory).get(address).status_code == 404


def test_a_bell_that_cannot_be_rung_fails_nothing(
    api: Api, zoe: Member, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    monkeypatch.setattr(bell, "bells", [broken])
    with django_capture_on_commit_callbacks(execute=True) as rung:
        assert send(api(zoe), as_csv(people(1))).status_code == 202
    assert rung


def broken(workspace_id: object) -> None:
    raise OSError("no broker")
