"""Whatever is thrown at the program: a readable reason by page and API, nothing kept, nothing slowed down."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from intake.models import FileChunk, Import
from leads.models import Lead
from tests.intake.lists import bring_in
from tests.intake.test_reading import FAR_CELLS, SHEET, hostile, sheet_of
from workspaces.models import Member, Workspace

HOSTILE = {
    "17 billion cells": lambda: hostile(sheet_of(FAR_CELLS["in order"])),
    "unpacks to 300 MB": lambda: hostile(SHEET + b" " * (300 << 20)),
    "one line": lambda: b"Name,Email,Phone\n",
    "one endless line": lambda: b"Name,Email\n" + b"x" * (3 << 20),
    "10,000 columns": lambda: (
        ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n" + b"1," * 9_999 + b"1\n"
    ),
    "nulls": lambda: b"Name,Email\nA\x00da,a@x.io\n",
    "nothing": lambda: b"",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_readable_reason_by_page_and_api(kind: str, page: Any, api: Any, zoe: Member) -> None:
    data = HOSTILE[kind]()
    answer = page(zoe).post("/w/acme/imports/new/", {"file": SimpleUploadedFile("list.xlsx", data)})
    assert answer.status_code == 422
    file = BytesIO(data)
    file.name = "list.xlsx"
    told = api(zoe).post("/api/v1/imports/", {"file": file}, format="multipart")
    assert told.status_code in (400, 413, 415, 422)
    reason = told.json()["detail"]
    assert len(reason) > 20 and "Traceback" not in reason
    if data:  # an empty upload is refused before it is looked at
        assert reason[:30] in answer.content.decode().replace("&quot;", '"').replace("&#x27;", "'")
    assert not Import.objects.exists() and not FileChunk.objects.exists()


def test_a_header_twice_and_formulas_do_no_harm(workspace: Workspace, zoe: Member) -> None:
    data = b"Name,Email,Email,Name\nAda,a@x.io,b@x.io,=1+1\nName,Email,Email,Name\n=cmd(),c@x.io,,\n"
    batch = bring_in(workspace, data, actor=zoe)
    assert (batch.status, batch.created, batch.rejected) == ("done", 2, 1)
    assert set(Lead.objects.values_list("name", flat=True)) == {"Ada", "=cmd()"}
