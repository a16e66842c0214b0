"""Pages of webhooks: the list, one delivery, a channel's keys and fields."""

from typing import Any

import pytest
from django.utils import timezone

from intake.actions import deliveries_due
from intake.models import Delivery, Hook
from leads.actions.sources import add_channel
from leads.models import Channel, Lead
from tests.cast import NOW
from tests.intake.vendors import SECRET, prepared, send
from workspaces.models import Workspace


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return add_channel("Spring ads", kind="ads", as_of=NOW, actor=None)


def test_keys_are_set_and_never_shown_again(channel: Channel, page: Any, alice: Any, ming: Any) -> None:
    address = f"/w/acme/channels/{channel.pk}/hooks/meta/"
    browser = page(alice)
    assert browser.get(address).status_code == 200
    sent = {"secret": SECRET, "verify_token": "let-me-in", "access_token": ""}
    assert browser.post(address, sent).status_code == 302
    assert Hook.objects.get().secret == SECRET
    shown = browser.get(address).content.decode()
    assert SECRET not in shown
    assert "let-me-in" not in shown
    browser.post(address, {"secret": "", "verify_token": ""})
    assert Hook.objects.get().secret == SECRET
    assert page(ming).get(address).status_code == 403
    assert browser.get(f"/w/acme/channels/{channel.pk}/hooks/nobody/").status_code == 404


def test_a_delivery_is_looked_at_mapped_and_taken_in_again(
    channel: Channel, workspace: Workspace, page: Any, alice: Any
) -> None:
    prepared(channel, "standard")
    send(channel, "standard", {"data": {"id": "7", "Anliegen": "<b>CRM</b>", "email": "a@x.example"}})
    deliveries_due(workspace, timezone.now())
    browser = page(alice)
    listed = browser.get("/w/acme/deliveries/?status=done").content.decode()
    assert "Spring ads" in listed
    href = f"/w/acme/deliveries/{Delivery.objects.get().pk}/"
    assert f'data-href="{href}"' in listed
    seen = browser.get(href).content.decode()
    assert "&lt;b&gt;CRM" in seen
    fields = browser.get(f"/w/acme/channels/{channel.pk}/hooks/standard/").content.decode()
    assert "Anliegen" in fields
    given = {"fields": "1", "field-0": "pain", "field-1": "email"}
    assert browser.post(f"/w/acme/channels/{channel.pk}/hooks/standard/", given).status_code == 302
    assert browser.post(f"{href}replay/").status_code == 302
    deliveries_due(workspace, timezone.now())
    assert Lead.objects.get().pain == "<b>CRM</b>"
