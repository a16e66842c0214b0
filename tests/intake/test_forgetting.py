"""Files full of contact data are deleted: exports after a week, lists nobody confirmed or that failed after a month."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from intake.actions import drop_export, export_due, forget_files, start_export, start_import
from intake.actions import export as exporting
from intake.models import Export, FileChunk, Import, ImportStatus, StoredFile
from leadcrm.flow import run_due
from leadcrm.waiting import anything_due
from tests.cast import a_lead
from tests.intake.lists import as_csv, people
from workspaces.models import AuditEntry, Member, Workspace

DAY = timedelta(days=1)


def exported(workspace: Workspace, member: Member) -> Export:
    start_export(None, ["name", "email"], as_of=timezone.now(), actor=member)
    assert export_due(workspace, timezone.now()) == 1
    return Export.objects.get()


def uploaded(*, status: str = ImportStatus.UPLOADED) -> Import:
    file = io.BytesIO(as_csv(people(3)))
    batch = start_import(file, "list.csv", confirm=True, as_of=timezone.now(), actor=None)
    Import.objects.filter(pk=batch.pk).update(status=status)
    return batch


def test_an_export_is_deleted_after_a_week(workspace: Workspace, zoe: Member) -> None:
    a_lead(email="a@x.example")
    exported(workspace, zoe)
    now = timezone.now()
    assert forget_files(now + 6 * DAY) == 0
    assert anything_due(now + 8 * DAY)
    assert run_due(workspace, now + 8 * DAY)["files_forgotten"] == 1
    assert not Export.objects.exists()
    assert not StoredFile.objects.exists()
    assert not FileChunk.objects.exists()


def test_one_that_waits_is_not_forgotten(workspace: Workspace, zoe: Member) -> None:
    start_export(None, ["name"], as_of=timezone.now(), actor=zoe)
    assert forget_files(timezone.now() + 8 * DAY) == 0


def test_a_list_that_nobody_confirmed_goes_after_a_month(workspace: Workspace) -> None:
    uploaded()
    now = timezone.now()
    assert forget_files(now + 29 * DAY) == 0
    assert forget_files(now + 31 * DAY) == 1
    assert not Import.objects.exists()
    assert not StoredFile.objects.exists()
    assert not FileChunk.objects.exists()


@pytest.mark.parametrize("status", [ImportStatus.PAUSED, ImportStatus.FAILED])
def test_of_a_failed_list_its_bytes_go_and_its_figures_stay(workspace: Workspace, status: str) -> None:
    uploaded(status=status)
    now = timezone.now()
    failed = status == ImportStatus.FAILED
    assert forget_files(now + 29 * DAY) == 0
    assert forget_files(now + 31 * DAY) == int(failed)  # a paused one goes on by and by
    assert forget_files(now + 31 * DAY) == 0
    assert FileChunk.objects.exists() is not failed
    assert Import.objects.get().file.size > 0


def test_many_cost_as_many_statements_as_one(
    workspace: Workspace, zoe: Member, django_assert_num_queries: Any
) -> None:
    later = timezone.now() + 31 * DAY
    for many in (1, 3):
        for _number in range(many):
            uploaded()
            uploaded(status=ImportStatus.FAILED)
        with django_assert_num_queries(6):
            assert forget_files(later) == 2 * many


def test_an_export_is_deleted_by_page_and_api(
    workspace: Workspace, page: Any, api: Any, zoe: Member, ming: Member
) -> None:
    export = exported(workspace, zoe)
    address = f"/w/acme/exports/{export.pk}/deleted/"
    browser = page(zoe)
    assert address in browser.get("/w/acme/exports/").content.decode()
    assert page(ming).post(address).status_code == 403
    assert browser.post(address)["Location"] == "/w/acme/exports/"
    assert (Export.objects.count(), StoredFile.objects.count(), FileChunk.objects.count()) == (0, 0, 0)
    address = f"/api/v1/exports/{exported(workspace, zoe).pk}/"
    assert api(ming).delete(address).status_code == 403
    assert api(zoe).delete(address).status_code == 204
    assert api(zoe).delete(address).status_code == 404
    assert not StoredFile.objects.exists()
    assert AuditEntry.objects.filter(action="export_deleted").count() == 2


def test_one_deleted_while_it_is_written_leaves_no_file(
    workspace: Workspace, zoe: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = start_export(None, ["name"], as_of=timezone.now(), actor=zoe)
    written = exporting.write_rows

    def meanwhile(*given: Any) -> int:
        rows = written(*given)
        drop_export(export, as_of=timezone.now(), actor=zoe)
        return rows

    monkeypatch.setattr(exporting, "write_rows", meanwhile)
    export_due(workspace, timezone.now())
    assert (Export.objects.count(), StoredFile.objects.count()) == (0, 0)
