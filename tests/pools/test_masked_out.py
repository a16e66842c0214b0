"""How to reach a free lead leaves the program by no download, no webhook, no e-mail and no notice either."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import resolve
from rest_framework.test import APIClient

from intake.actions import export_due, start_export
from intake.models import Export
from leads.actions import capture, log_follow_up, record_touches
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import FollowUp, Lead, LeadContact, TimelineEntry, Touch
from notices.actions import add_webhook
from notices.events import events
from notices.models import Notice, Sending
from pools.actions import assign, claim_one, give, hand_over, reclaim_due, release, warn_due
from pools.models import Assignment, Handover
from tests.cast import NOW
from tests.pools.cast import a_rep, later
from tests.pools.test_masked import MAIL, PHONE, SECRETS, WECHAT, hidden
from tests.tenancy.addresses import addresses
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db
Page, Api = Callable[[Member], Client], Callable[[Member], APIClient]
__all__ = ["hidden"]


@pytest.fixture
def told(hidden: Lead, workspace: Workspace, alice: Member, ming: Member) -> Lead:
    """Everything that is told about a lead happened to it: it is in lists, files, notices and sendings, and free."""
    add_webhook(url="https://crm.example/in", events=list(events()), as_of=NOW, actor=alice)
    again = incoming_from({"name": "Quiet Buyer", "email": MAIL, "phone": PHONE, "wechat": WECHAT})
    capture([again], source=Source("form", None), as_of=NOW, actor=None)
    record_touches([(hidden.pk, "inquiry", NOW, {})], as_of=NOW, actor=None)
    bo, cai = a_rep("Bo"), a_rep("Cai")
    claim_one(bo, hidden.pk, as_of=NOW)
    log_follow_up(hidden.pk, channel="call", summary="@Ming would know them", as_of=NOW, actor=bo)
    give([hidden.pk], cai, as_of=NOW, actor=alice)
    hand_over(cai, [bo], "leaves", as_of=NOW, actor=alice)
    warn_due(later(days=6.5))
    assert reclaim_due(later(days=8)) == 1
    claim_one(cai, hidden.pk, as_of=later(days=8))
    release([hidden.pk], "no time", as_of=later(days=8), actor=cai)
    assign(None, as_of=later(days=9))
    return Lead.objects.get(pk=hidden.pk)


def test_what_goes_out_names_no_address(told: Lead) -> None:
    assert Sending.objects.filter(channel="webhook").count() >= 8 and Notice.objects.count() >= 4
    for row in [
        *Sending.objects.values_list("payload", flat=True),
        *Notice.objects.values_list("data", flat=True),
    ]:
        assert not leaks(json.dumps(row, ensure_ascii=False)), row


def test_no_row_about_it_is_a_way_to_it(
    told: Lead, workspace: Workspace, alice: Member, ming: Member, page: Page, api: Api
) -> None:
    """Every address that takes one id is asked by a rep with the newest rows about it, downloads included."""
    export = start_export(None, [], as_of=NOW, actor=alice)
    assert export_due(workspace, later(days=9)) == 1
    browser, program, found = page(ming), api(ming), []
    answered = 0
    for address in addresses():
        names = [name for name, kind in address.parameters.items() if kind == "uuid"]
        if "get" not in address.methods or len(names) != 1 or set(address.parameters) - {"slug", *names}:
            continue
        for pk in some_ids():
            path = address.at({"slug": "acme", names[0]: pk})
            resolve(path)
            answer: Any = (program if address.is_api else browser).get(path)
            if answer.status_code == 200:
                answered += 1
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                found += [path for _secret in leaks(body.decode(errors="ignore"))]
    assert found == [] and answered > 20
    file = page(alice).get(f"/w/acme/exports/{export.pk}/file")
    assert MAIL in b"".join(file.streaming_content).decode(), "who may see it, has it in the file"
    assert api(ming).get(f"/api/v1/exports/{export.pk}/file").status_code == 403


def some_ids() -> list[UUID]:
    """The newest row of each table that says something about a lead."""
    rows = [Lead, TimelineEntry, FollowUp, Touch, LeadContact, Export, Notice, Sending, Assignment, Handover]
    return [pk for model in rows for pk in model.objects.order_by("-id").values_list("pk", flat=True)[:1]]


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]
