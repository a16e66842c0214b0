"""Follow-ups in seconds: what moved, files of the kind they say, texts with places, the next step; letting go."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leads.actions import log_follow_up
from leads.attachments import clean_name, kind_of
from leads.models import Attachment, FollowUp, Lead, TextTemplate
from tests.cast import NOW
from tests.insights.test_lead_page import HTMX, address, held
from workspaces.models import Member
from workspaces.refusals import Invalid

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def test_what_moved_is_kept_and_makes_the_lead_move(ming: Member, api: Callable) -> None:
    lead = held(ming)
    log_follow_up(lead.pk, channel="call", outcome="no_answer", as_of=NOW, actor=ming)
    assert Lead.objects.get().moved_at is None
    body = {"channel": "call", "moved": ["price_asked", "document_sent"]}
    made = api(ming).post(f"/api/v1/leads/{lead.pk}/follow-ups/", body, format="json")
    assert (made.status_code, made.data["moved"]) == (201, ["price_asked", "document_sent"])
    assert Lead.objects.get().moved_at is not None
    with pytest.raises(Invalid):
        log_follow_up(lead.pk, channel="call", moved=["mountains"], as_of=NOW, actor=ming)
    huge = {"channel": "call", "summary": "<p>" * 40_000}
    assert api(ming).post(f"/api/v1/leads/{lead.pk}/follow-ups/", huge, format="json").status_code == 422


@pytest.mark.parametrize("told", [{}, {"summary": "", "outcome": ""}, {"summary": " \u200b\n", "moved": []}])
def test_a_talk_of_which_nothing_is_said_moves_no_clock(
    ming: Member, api: Callable, page: Callable, told: dict[str, Any]
) -> None:
    """The record asks for what was said or what came of it, by the API as by the page's form."""
    lead = held(ming)
    before = Lead.objects.get().reclaim_at
    made = api(ming).post(f"/api/v1/leads/{lead.pk}/follow-ups/", {"channel": "call"} | told, format="json")
    assert made.status_code == 422 and made.data["errors"][0]["field"] == "summary", made.data
    sheet = page(ming).post(
        address(lead, "follow-up/"), {"channel": "call", "snooze": "3"} | told, headers=HTMX
    )
    assert sheet.status_code == 422 and "what came of it" in sheet.content.decode()
    assert not FollowUp.objects.exists() and Lead.objects.get().reclaim_at == before


def a_document(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("offer.pdf", PNG, "lying_type"),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>", "unsupported"),
        ("picture.svg", b"<svg onload=alert(1)>", "unsupported"),
        ("run.exe", b"MZ\x00\x01\x02", "unsupported"),
        ("plan.docx", a_document("anything"), "unsupported"),
        (
            "plan.xlsx",
            a_document("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
            "unsupported",
        ),
        ("empty.pdf", b"", "empty"),
    ],
)
def test_a_file_that_lies_about_its_kind_is_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        kind_of(content, name)
    assert refusal.value.errors[0]["code"] == code


def test_a_file_is_what_its_content_says() -> None:
    assert kind_of(PNG, "a.png") == "image/png"
    assert kind_of(b"a,b\n1,2", "list.csv") == "text/csv"
    assert kind_of(a_document("[Content_Types].xml", "word/document.xml"), "a.docx").endswith("document")
    assert clean_name("../../etc/pass\nwd.pdf") == "passwd.pdf"


def test_files_come_in_and_go_out_as_downloads(
    ming: Member, page: Callable, api: Callable, mallory: Member
) -> None:
    lead = held(ming)
    files = f"/api/v1/leads/{lead.pk}/attachments/"
    lying = api(ming).post(files, {"file": SimpleUploadedFile("offer.pdf", PNG)}, format="multipart")
    assert lying.status_code == 422
    made = api(ming).post(files, {"file": SimpleUploadedFile("plan.png", PNG)}, format="multipart")
    assert made.status_code == 201, made.data
    one = f"/api/v1/attachments/{made.data['id']}/"
    got = api(ming).get(one)
    assert (got.content, got["Content-Type"], got["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert got["Content-Disposition"].startswith("attachment")
    assert api(mallory).get(one).status_code == 404
    assert len(api(ming).get(files).data["results"]) == 1
    told = {
        "channel": "visit", "summary": "Saw it", "snooze": "7", "moved": ["requirements"],
        "file": SimpleUploadedFile("notes.txt", b"Notizen"),
    }  # fmt: skip
    browser = page(ming)
    assert browser.post(address(lead, "follow-up/"), told, headers=HTMX).status_code == 204
    talk = FollowUp.objects.get()
    assert talk.next_at is not None and talk.moved == ["requirements"]
    note = Attachment.objects.get(follow_up=talk)
    assert browser.get(address(lead, f"files/{note.pk}/")).content == b"Notizen"
    assert b"notes.txt" in browser.get(address(lead)).content
    assert api(ming).delete(one).status_code == 204


def test_an_open_lead_needs_a_next_step_on_the_page(ming: Member, page: Callable) -> None:
    lead = held(ming)
    bare = page(ming).post(address(lead, "follow-up/"), {"channel": "call", "summary": "Hello"}, headers=HTMX)
    assert bare.status_code == 422
    assert b"An open lead needs a next step" in bare.content
    assert not FollowUp.objects.exists()


def test_a_text_begins_with_the_leads_fields(
    alice: Member, ming: Member, page: Callable, api: Callable
) -> None:
    texts = "/api/v1/text-templates/"
    wrong = api(alice).post(texts, {"name": "Hi", "text": "Dear {shoe_size}"}, format="json")
    assert (wrong.status_code, wrong.data["errors"][0]["code"]) == (422, "unknown_field")
    made = api(alice).post(texts, {"name": "Hi", "text": "Dear {name} of {company}, {me}"}, format="json")
    assert made.status_code == 201
    lead = held(ming, name="Li Lei {company}")
    one = f"{texts}{made.data['id']}/"
    text = api(ming).get(f"{one}text/?lead={lead.pk}").data["text"]
    assert text == "Dear Li Lei {company} of [company], Ming"
    sheet = page(ming).get(address(lead, f"follow-up/?template={made.data['id']}"), headers=HTMX)
    assert b"of [company], Ming" in sheet.content
    assert api(alice).get(one).status_code == 200
    assert api(alice).patch(one, {"text": "Hello {name}"}, format="json").status_code == 200
    assert api(alice).delete(one).status_code == 204
    assert not TextTemplate.objects.exists()


def test_what_is_not_worth_the_hour_is_let_go_in_one_click(
    ming: Member, alice: Member, page: Callable
) -> None:
    old = NOW - timedelta(days=200)
    tired = held(ming, stage="mql", grade="D", stage_since=old, captured_at=old)
    alive = held(ming, stage="mql", grade="A", email="b@x.io", name="Bo")
    Lead.objects.filter(pk=alive.pk).update(moved_at="2099-01-01T00:00Z")
    shown = page(ming).get("/w/acme/let-go/").content.decode()
    assert str(tired.pk) in shown and str(alive.pk) not in shown
    assert (
        page(ming).post("/w/acme/let-go/", {"ids": [tired.pk, alive.pk, "x"]}, headers=HTMX).status_code
        == 204
    )
    assert dict(Lead.objects.values_list("pk", "pool")) == {tired.pk: "recycle", alive.pk: "sales"}
