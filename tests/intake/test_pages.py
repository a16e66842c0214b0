"""The pages of imports, exports and channels."""

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from intake.models import Export, Import
from leadcrm.flow import run_due
from leads.models import Channel, CustomField, Lead
from tests.intake.lists import as_csv, begin, bring_in, people
from workspaces.models import Member, Team, Workspace

Page = Callable[[Member], Client]
IMPORTS, EXPORTS, CHANNELS = "/w/acme/imports/", "/w/acme/exports/", "/w/acme/channels/"


def upload(client: Client, data: bytes, **headers: str):
    return client.post(f"{IMPORTS}new/", {"file": SimpleUploadedFile("list.csv", data)}, headers=headers)


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_list_by_page(page: Page, workspace: Workspace, zoe: Member) -> None:
    client = page(zoe)
    assert "No list has come in yet" in words(client.get(IMPORTS))
    assert client.get(f"{IMPORTS}new/").status_code == 200
    rows = [
        ("Ada", "a@x.example", "212-200-0001", "3/4/2018"),
        ("Bo", "", "12", "4/4/2018"),
        ("Cy", "", "", ""),
    ]
    answer = upload(client, as_csv(rows, header=("Name", "Mail", "Phone", "Bought")))
    batch = Import.objects.get()
    assert answer["Location"] == f"{IMPORTS}{batch.pk}/"
    asked = words(client.get(answer["Location"]))
    assert "Is it day or month first?" in asked
    assert "2 can't be taken" in asked
    assert "+12122000001" in asked
    assert Lead.objects.count() == 0

    sent = {"column-0": "name", "column-1": "email", "column-2": "", "column-3": "new:date", "order-3": "dmy"}
    sent |= {"region": "US", "channel": "Fair"}
    undecided = client.post(answer["Location"], sent | {"order-3": ""})
    assert undecided.status_code == 422
    assert "“Bought”: say whether the day (dmy) or the month (mdy) comes first." in words(undecided)
    preview = words(client.post(f"{IMPORTS}{batch.pk}/preview/", sent))
    assert "1 becomes a lead" in preview
    assert not CustomField.objects.filter(key="bought").exists()
    assert client.post(answer["Location"], sent).status_code == 302
    assert "Waiting for its turn" in words(client.get(answer["Location"]))
    run_due(workspace, timezone.now())
    done = words(client.get(answer["Location"]))
    assert "Undo this import" in done
    assert "Rejected rows, to mend" in done
    lead = Lead.objects.select_related("channel").get()
    assert (lead.name, lead.attributes, lead.channel.name) == ("Ada", {"bought": "2018-04-03"}, "Fair")
    rejected = b"".join(client.get(f"{IMPORTS}{batch.pk}/rejected.csv").streaming_content).decode()
    assert "Cy" in rejected
    incomplete = client.get(f"{IMPORTS}{batch.pk}/incomplete.csv")
    assert len(b"".join(incomplete.streaming_content).decode().splitlines()) == 1
    assert client.post(f"{IMPORTS}{batch.pk}/undo/").status_code == 302
    assert "Undone." in words(client.get(answer["Location"]))
    assert Lead.objects.count() == 0


def test_an_import_is_paused_and_goes_on_by_page(page: Page, workspace: Workspace, zoe: Member) -> None:
    client, batch = page(zoe), begin(as_csv(people(3)), actor=zoe)
    address = f"{IMPORTS}{batch.pk}/"
    assert "Pause" in words(client.get(address))
    assert client.post(f"{address}pause/")["Location"] == address
    assert "Go on" in words(client.get(address))
    assert "Paused" in words(client.get(IMPORTS))
    assert client.post(f"{address}resume/")["Location"] == address
    assert run_due(workspace, timezone.now())["rows_imported"] == 3
    assert client.post(f"{address}pause/").status_code == 409


def test_what_is_no_list_is_said_where_it_was_dropped(page: Page, zoe: Member) -> None:
    client = page(zoe)
    answer = upload(client, b"%PDF-1.7 " + bytes(100), **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert "This is not a list but another kind of file" in words(answer)
    assert "<html" not in words(answer)
    assert upload(client, b"%PDF-1.7 " + bytes(100)).status_code == 422
    assert client.post(f"{IMPORTS}new/").status_code == 422
    answer = upload(client, as_csv(people(1)), **{"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith(IMPORTS)


def test_a_file_too_large_is_told_before_it_is_read(page: Page, zoe: Member, settings) -> None:
    settings.IMPORT_MAX_BYTES = 100
    answer = upload(page(zoe), as_csv(people(3000)))
    assert answer.status_code == 413
    assert "Too large" in words(answer)


def test_who_is_known_by_the_number_in_the_list_is_told_beforehand(
    page: Page, workspace: Workspace, zoe: Member
) -> None:
    told = as_csv([("77", "Ada"), ("78", "Bo")], header=("Lead ID", "Name"))
    bring_in(workspace, told, actor=zoe)
    batch = begin(told, confirm=True, actor=zoe)
    assert "2 known already" in words(page(zoe).get(f"{IMPORTS}{batch.pk}/"))


def test_an_unwanted_file_is_discarded(page: Page, workspace: Workspace, zoe: Member) -> None:
    batch = begin(as_csv(people(1)), confirm=True, actor=zoe)
    assert page(zoe).post(f"{IMPORTS}{batch.pk}/discard/")["Location"] == IMPORTS
    assert not Import.objects.exists()


def test_what_was_left_out_is_shown(page: Page, workspace: Workspace, zoe: Member) -> None:
    batch = bring_in(workspace, as_csv([("Ada", "ada@x.example", "12", "", "")]), actor=zoe)
    text = words(page(zoe).get(f"{IMPORTS}{batch.pk}/"))
    assert "Incomplete rows, to mend" in text
    assert "valid in no country" in text


def test_leads_left_by_undoing_are_listed(page: Page, workspace: Workspace, zoe: Member) -> None:
    from intake.actions import undo
    from leads.actions import edit

    batch = bring_in(workspace, as_csv(people(2)), actor=zoe)
    edit(Lead.objects.get(name="Person 1").pk, {"pain": "Slow"}, as_of=timezone.now(), actor=zoe)
    undo(batch, as_of=timezone.now(), actor=zoe)
    client = page(zoe)
    for address in (f"{IMPORTS}{batch.pk}/", f"{IMPORTS}{batch.pk}/left/"):
        text = words(client.get(address))
        assert "Somebody has worked on it since." in text
        assert "Person 1" in text
    assert "See all of them" not in words(client.get(f"{IMPORTS}{batch.pk}/"))


def test_an_export_by_page(page: Page, workspace: Workspace, zoe: Member) -> None:
    bring_in(workspace, as_csv(people(3)), actor=zoe)
    client = page(zoe)
    where = json.dumps({"field": "name", "op": "eq", "value": "Person 1"})
    asked = client.get(f"{EXPORTS}new/", {"where": where})
    assert "1 lead" in words(asked)
    assert client.get(f"{EXPORTS}new/", {"where": "{"}).status_code == 422
    assert client.post(f"{EXPORTS}new/", {"where": where, "columns": ["name"]})["Location"] == EXPORTS
    run_due(workspace, timezone.now())
    assert "Download" in words(client.get(EXPORTS))
    export = Export.objects.get()
    data = b"".join(client.get(f"{EXPORTS}{export.pk}/file").streaming_content)
    assert data.decode("utf-8-sig").split() == ["name", "Person", "1"]


def test_a_channel_is_made_by_clicking(page: Page, workspace: Workspace, zoe: Member) -> None:
    client, team = page(zoe), Team.objects.create(name="Events")
    sent = {"name": "Fair 2026", "kind": "event", "campaign": "Fair", "cost": "1200.50", "tags": "met, fair",
            "is_active": "on", "owner_team": str(team.pk)}  # fmt: skip
    answer = client.post(f"{CHANNELS}new/", sent)
    channel = Channel.objects.get(name="Fair 2026")
    assert answer["Location"] == f"{CHANNELS}{channel.pk}/form/"
    assert (channel.cost_per_month, channel.tags, channel.owner_team) == (120050, ["met", "fair"], team)
    settings = f"{CHANNELS}{channel.pk}/"
    assert client.post(settings, sent | {"name": "API"}).status_code == 422  # the name is taken
    assert client.post(settings, sent | {"name": "Fair"}).status_code == 302
    assert client.get(f"{settings}senders/").status_code == 200


@pytest.mark.parametrize("address", [IMPORTS, f"{IMPORTS}new/", EXPORTS, f"{EXPORTS}new/", CHANNELS])
def test_reps_are_told_no(page: Page, ming: Member, address: str) -> None:
    assert page(ming).get(address).status_code == 403


def test_another_workspaces_rows_are_not_there(page: Page, zoe: Member, mallory: Member) -> None:
    batch = begin(as_csv(people(1)), confirm=True, actor=zoe)
    stranger = page(mallory)
    assert stranger.get(f"{IMPORTS}{batch.pk}/").status_code == 404
    assert stranger.get(f"/w/evil/imports/{batch.pk}/").status_code == 404


def test_pages_cost_the_same_for_one_row_and_three(
    page: Page, workspace: Workspace, zoe: Member, django_assert_num_queries
) -> None:
    client = page(zoe)
    for count in (1, 2):
        for number in range(count):
            begin(as_csv(people(1)), actor=zoe)
            Export.objects.create(member=zoe, columns=["name"])
            Channel.objects.create(
                name=f"C{count}{number}", name_key=f"c{count}{number}", token=f"t{count}{number}"
            )
        progress = f"{IMPORTS}{Import.objects.latest('created_at').pk}/progress/"
        assert client.get(progress).status_code == 200
        for address, queries in ((IMPORTS, 9), (EXPORTS, 9), (CHANNELS, 11)):
            client.get(address)
            with django_assert_num_queries(queries):
                assert client.get(address).status_code == 200
