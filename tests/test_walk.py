"""The main job, end to end, on a real lead list, through commands and API: in, qualified, and taken back."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from leads.models import Company, Lead
from tests.cast import PASSWORD
from tests.realdata import real
from workspaces.models import Workspace
from workspaces.tenancy import enter

ZOHO = "leads/zoho_demo_leads.csv"
REPS = ("ming", "rosa", "tom")
API = "/api/v1/"


def command(name: str, *words: str) -> Any:
    said = StringIO()
    call_command(name, *words, "--json", stdout=said)
    return json.loads(said.getvalue())


def client(key: str) -> APIClient:
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return made


def pages(api: APIClient, address: str) -> Iterator[dict]:
    """Every row of a list, page by page."""
    while address:
        body = api.get(address).json()
        yield from body["results"]
        address = body["next"] or ""


def rep(admin: APIClient, name: str) -> APIClient:
    body = {"email": f"{name}@walk.test", "name": name.title(), "role": "rep", "password": PASSWORD}
    member = admin.post(f"{API}members/", body).json()
    key = admin.post(f"{API}api-keys/", {"member": member["id"], "name": "walk"}).json()
    return client(key["key"])


@pytest.mark.django_db
def test_a_real_list_goes_all_the_way_and_back() -> None:
    path = str(real(ZOHO))
    made = command(
        "create_workspace", "Walk", "--slug", "walk", "--email", "a@walk.test", "--password", PASSWORD
    )
    admin = client(made["api_key"])
    reps = {name: rep(admin, name) for name in REPS}

    first = command("import_leads", path, "--workspace", "walk")
    assert (first["created"], first["merged"], first["rejected"]) == (3900, 0, 0)
    second = command("import_leads", path, "--workspace", "walk")
    assert (second["created"], second["merged"], second["rejected"]) == (0, 3900, 0)
    recognised()
    scores_explained(admin)
    mine = assigned_evenly(admin, reps)
    worked = to_opportunity(reps["ming"], mine["ming"])
    taken_back(admin, reps, worked)


def recognised() -> None:
    """Phones in E.164, companies joined, sources as channels, unknown columns as custom fields."""
    with enter(Workspace.objects.get(slug="walk")):
        assert Company.objects.count() == 1008
        assert not Lead.objects.exclude(phone_e164__startswith="+1").exists()
        assert Lead.objects.values("channel").distinct().count() == 10
        lead = Lead.objects.get(external_id="4563")
        assert (lead.name, lead.industry) == ("Denson", "Education")
        assert {"source_status", "lead_owner"} <= set(lead.attributes)


def scores_explained(admin: APIClient) -> None:
    for lead in admin.get(f"{API}leads/?ordering=-score&limit=20").json()["results"]:
        score = admin.get(f"{API}leads/{lead['id']}/score/").json()
        assert sum(part["points"] for part in score["parts"]) == score["score"] == lead["score"]
        assert score["grade"] == lead["grade"]


def assigned_evenly(admin: APIClient, reps: dict[str, APIClient]) -> dict[str, list[dict]]:
    """Leads that reached the threshold are MQL by the system, and held by the three reps in equal parts."""
    mqls = list(pages(admin, f"{API}leads/?stage=mql&limit=200"))
    assert 30 <= len(mqls) <= 300
    held = Counter(lead["owner"] for lead in mqls)
    assert None not in held
    assert max(held.values()) - min(held.values()) <= 1
    (entry,) = [
        one
        for one in admin.get(f"{API}leads/{mqls[0]['id']}/timeline/").json()["results"]
        if one["kind"] == "stage"
    ]
    assert entry["actor"] is None
    mine = {}
    for name, api in reps.items():
        me = api.get(f"{API}me/").json()["member"]["id"]
        mine[name] = [lead for lead in mqls if lead["owner"] == me]
        assert mine[name]
    return mine


def to_opportunity(ming: APIClient, leads: list[dict]) -> str:
    lead = leads[0]["id"]
    refused = ming.post(f"{API}leads/{lead}/transitions/", {"name": "to_sql"})
    assert refused.status_code == 409
    assert [one["field"] for one in refused.json()["unmet"]] == ["pain"]
    assert ming.patch(f"{API}leads/{lead}/", {"pain": "Orders get lost"}).status_code == 200
    assert ming.post(f"{API}leads/{lead}/transitions/", {"name": "to_sql"}).status_code == 200
    follow_up = {"channel": "call", "summary": "Wants an offer", "outcome": "interested"}
    assert ming.post(f"{API}leads/{lead}/follow-ups/", follow_up).status_code == 201
    refused = ming.post(f"{API}leads/{lead}/transitions/", {"name": "to_opportunity"})
    assert (refused.status_code, len(refused.json()["unmet"])) == (409, 2)
    ming.patch(f"{API}leads/{lead}/", {"budget_status": "estimated"})
    person = {"name": "Wang Fang", "role": "decision_maker"}
    assert ming.post(f"{API}leads/{lead}/contacts/", person).status_code == 201
    passed = ming.post(f"{API}leads/{lead}/transitions/", {"name": "to_opportunity"})
    assert (passed.status_code, passed.json()["stage"]) == (200, "opportunity")
    return lead


def taken_back(admin: APIClient, reps: dict[str, APIClient], worked: str) -> None:
    """Eight days on, exactly the leads nobody followed up are in the recycle pool, and say why."""
    held = {lead["id"]: lead["owner"] for lead in pages(admin, f"{API}leads/?pool=sales&limit=200")}
    later: datetime = timezone.now() + timedelta(days=8)
    command("run_due", "--workspace", "walk", "--as-of", later.isoformat())
    back = {lead["id"] for lead in pages(admin, f"{API}leads/?pool=recycle&limit=200")}
    assert back == set(held) - {worked}
    assert admin.get(f"{API}leads/{worked}/").json()["stage"] == "opportunity"
    lead = min(back)
    told = admin.get(f"{API}leads/{lead}/timeline/").json()["results"]
    (reclaim,) = [one for one in told if one["kind"] == "reclaimed"]
    assert reclaim["actor"] is None and reclaim["text"]
    me = {name: api.get(f"{API}me/").json()["member"]["id"] for name, api in reps.items()}
    other = next(name for name in REPS if me[name] != held[lead])
    claimed = reps[other].post(f"{API}leads/{lead}/claim/")
    assert (claimed.status_code, claimed.json()["owner"]) == (200, me[other])
