"""A changed custom field is told on the lead's page and in its timeline, each field by itself, in both languages."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leads.actions import edit
from leads.models import CustomField
from tests.cast import NOW, a_lead
from workspaces.models import Member

pytestmark = pytest.mark.django_db
Page, Api = Callable[[Member], Client], Callable[[Member], APIClient]


def test_a_changed_custom_field_is_told(page: Page, api: Api, alice: Member) -> None:
    CustomField.objects.create(key="plan", label="Plan they have", kind="text")
    CustomField.objects.create(key="seats", label="Seats", kind="number")
    lead = a_lead(pool="sales", owner=alice, email="a@x.io", email_key="a@x.io", attributes={"seats": 5})
    edit(lead.pk, {"attributes": {"plan": "gold <b>"}}, as_of=NOW, actor=alice)
    edit(lead.pk, {"attributes": {"plan": None, "seats": 0}, "pain": "Slow"}, as_of=NOW, actor=alice)
    shown = page(alice).get(f"/w/acme/leads/{lead.pk}/").content.decode()
    assert "Plan they have: empty → gold &lt;b&gt;" in shown and "Seats: 5 → 0" in shown
    chinese = page(alice).get(f"/w/acme/leads/{lead.pk}/", headers={"Accept-Language": "zh-hans"})
    assert chinese.status_code == 200 and "Plan they have" in chinese.content.decode()
    texts = [one["text"] for one in api(alice).get(f"/api/v1/leads/{lead.pk}/timeline/").json()["results"]]
    assert any("Plan they have: gold <b> → empty" in text for text in texts)
    CustomField.objects.all().delete()
    assert "plan: empty → gold" in page(alice).get(f"/w/acme/leads/{lead.pk}/").content.decode()
