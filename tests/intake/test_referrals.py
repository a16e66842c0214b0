"""Colleagues recommend somebody by a link of their own; the lead says who did, and a revoked link is closed."""

from typing import Any

from django.test import Client
from django.utils import timezone

from intake.actions import answers_due
from intake.models import ReferralLink
from leads.models import Channel, Lead, TimelineEntry
from leads.telling import told
from tests.cast import join
from workspaces.models import Member, Workspace

PAGE = "/w/acme/referrals/"


def test_whoever_comes_by_a_link_was_recommended(
    workspace: Workspace, page: Any, api: Any, ming: Member
) -> None:
    client = page(ming)
    assert "You have no link yet" in client.get(PAGE).content.decode()
    assert client.post(PAGE).status_code == 302
    assert client.post(PAGE).status_code == 302
    link = ReferralLink.objects.get()  # one is enough
    shown = client.get(PAGE).content.decode()
    assert f"/r/{link.token}/" in shown
    assert client.get(f"{PAGE}{link.pk}/qr.svg")["Content-Type"] == "image/svg+xml"
    visitor = Client(headers={"accept-language": "en"})
    assert "Recommended by Ming" in visitor.get(f"/r/{link.token}/").content.decode()
    sent = {"name": "Ada", "phone": "+86 138 0013 8000", "company": "Engines"}
    assert visitor.post(f"/r/{link.token}/", sent).status_code == 200
    as_json = visitor.post(f"/api/v1/referrals/{link.token}/", sent, content_type="application/json")
    assert as_json.status_code == 202
    answers_due(workspace, timezone.now())
    lead = Lead.objects.get()
    assert lead.channel is not None
    assert lead.channel.kind == "referral"
    begun = TimelineEntry.objects.get(kind="captured")
    assert told([begun])[0]["text"] == "Recommended by Ming"
    seen = api(ming).get(f"/api/v1/leads/{lead.pk}/sources/").json()
    assert seen[0]["referred_by"] == "Ming"
    assert "Ada" in client.get(PAGE).content.decode()


def test_a_revoked_link_is_closed(workspace: Workspace, page: Any, ming: Member, zoe: Member) -> None:
    page(ming).post(PAGE)
    link = ReferralLink.objects.get()
    other = join("rosa@acme.test", "Rosa", "rep")
    assert page(other).post(f"{PAGE}{link.pk}/revoked/").status_code == 404
    assert "Ming" in page(zoe).get(PAGE).content.decode()
    assert page(zoe).post(f"{PAGE}{link.pk}/revoked/").status_code == 302
    visitor = Client()
    assert visitor.get(f"/r/{link.token}/").status_code == 404
    assert visitor.post(f"/r/{link.token}/", {"name": "x", "email": "a@x.example"}).status_code == 404
    page(ming).post(PAGE)
    assert ReferralLink.objects.filter(revoked_at=None).count() == 1


def test_a_channel_that_is_not_in_use_closes_its_links(workspace: Workspace, page: Any, ming: Member) -> None:
    page(ming).post(PAGE)
    link = ReferralLink.objects.get()
    assert Client().get(f"/r/{link.token}/").status_code == 200
    Channel.objects.filter(pk=link.channel_id).update(is_active=False)
    assert Client().get(f"/r/{link.token}/").status_code == 404


def test_links_by_api(workspace: Workspace, api: Any, ming: Member, zoe: Member) -> None:
    client = api(ming)
    made = client.post("/api/v1/referral-links/", {}).json()
    assert made["member"] == str(ming.pk)
    assert "/r/" in made["address"]
    assert client.post("/api/v1/referral-links/", {"member": str(zoe.pk)}).status_code == 403
    theirs = api(zoe).post("/api/v1/referral-links/", {"member": str(ming.pk)}).json()
    assert theirs["id"] == made["id"]
    other = join("rosa@acme.test", "Rosa", "rep")
    assert api(other).get("/api/v1/referral-links/").json()["results"] == []
    assert api(other).delete(f"/api/v1/referral-links/{made['id']}/").status_code == 404
    assert client.delete(f"/api/v1/referral-links/{made['id']}/").status_code == 204
    assert client.get(f"/api/v1/referral-links/{made['id']}/").json()["revoked_at"]
