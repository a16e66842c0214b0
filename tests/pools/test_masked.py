"""Until a lead is theirs, a rep is told by no address how to reach it: pages, peeks, searches, exports, API."""

import json
from typing import Any

import pytest
from django.urls import resolve

from leads.actions import add_contact, edit
from leads.models import Lead
from pools.actions import claim_one, release
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep
from tests.tenancy.addresses import addresses
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db
MAIL, PHONE, WECHAT = "verysecretbox@hidden.test", "+86 139 1111 2222", "wx_hidden_one"
SECRETS = ("verysecretbox", "13911112222", "139 1111 2222", WECHAT)
ASKED = (
    "",
    "?q=Quiet",
    "?search=Quiet",
    "?pool=recycle",
    "?whose=all",
    "?where={}",
    "?limit=200",
    "?owner=none",
)


@pytest.fixture
def hidden(workspace: Workspace, alice: Member) -> Lead:
    """A lead with a past: somebody held it, it was edited, has people, and is free again."""
    lead = a_lead(name="Quiet Buyer", title="Buyer", email="old.verysecretbox@hidden.test", stage="mql")
    other = a_rep("Zed")
    claim_one(other, lead.pk, as_of=NOW)
    edit(lead.pk, {"email": MAIL, "phone": PHONE, "wechat": WECHAT}, as_of=NOW, actor=other)
    add_contact(lead.pk, name="Wu", email=MAIL, phone=PHONE, role="user", as_of=NOW, actor=other)
    release([lead.pk], "no time", as_of=NOW, actor=other)
    a_lead(name="Quiet Buyer", email=MAIL.replace("box", "box2"), phone=PHONE)
    return Lead.objects.get(pk=lead.pk)


def test_no_address_tells_a_rep_how_to_reach_a_free_lead(
    hidden: Lead, ming: Member, page: Any, api: Any
) -> None:
    browser, program = page(ming), api(ming)
    told, shown = [], 0
    for address in addresses():
        if "get" not in address.methods or "sign" in address.route:
            continue
        values = dict.fromkeys(address.parameters, hidden.pk) | {"slug": "acme"}
        values |= {name: "sales" for name, kind in address.parameters.items() if kind == "str"}
        values |= {name: 1 for name, kind in address.parameters.items() if kind == "int"}
        path = address.at(values)
        try:
            resolve(path)
        except Exception:
            continue  # a parameter that is no lead's
        for asked in ASKED:
            answer = (program if address.is_api else browser).get(path + asked)
            if answer.status_code != 200 or answer.streaming:
                continue
            text = answer.content.decode(errors="ignore")
            shown += "Quiet Buyer" in text
            told += [(path + asked, secret) for secret in SECRETS if secret in text]
    assert told == []
    assert shown >= 10, "the lead is shown in many places"


def test_whoever_claims_it_sees_how_to_reach_it(hidden: Lead, ming: Member, page: Any, api: Any) -> None:
    claim_one(ming, hidden.pk, as_of=NOW)
    assert MAIL in page(ming).get(f"/w/acme/leads/{hidden.pk}/").content.decode()
    assert api(ming).get(f"/api/v1/leads/{hidden.pk}/").json()["email"] == MAIL


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("phone", "starts_with", "+8613"),
        ("email", "contains", "verysecret"),
        ("wechat", "contains", "hidden"),
    ],
)
def test_nobody_reads_an_address_sign_by_sign(
    hidden: Lead, ming: Member, alice: Member, page: Any, api: Any, field: str, op: str, value: str
) -> None:
    """A filter by a part of an address finds only what one holds; by the whole address it finds the lead."""
    guess = {"field": field, "op": op, "value": value}
    refined = {"not": {"field": field, "op": op, "value": f"{value}-no"}}
    for condition in (guess, refined, {"any": [guess, {"field": "name", "op": "eq", "value": "Nobody"}]}):
        asked = {"where": json.dumps(condition)}
        assert api(ming).get("/api/v1/leads/", asked).json()["results"] == []
        assert (
            "Quiet Buyer"
            not in page(ming).get("/w/acme/leads/", asked | {"pool": "lead,recycle"}).content.decode()
        )
        assert "Quiet Buyer" not in page(ming).get("/w/acme/leads/preview/", asked).content.decode()
        assert api(alice).get("/api/v1/leads/", asked).json()["results"]
    whole = {"where": json.dumps({"field": field, "op": "eq", "value": getattr(hidden, field)})}
    assert str(hidden.pk) in {one["id"] for one in api(ming).get("/api/v1/leads/", whole).json()["results"]}
    claim_one(ming, hidden.pk, as_of=NOW)
    found = api(ming).get("/api/v1/leads/", {"where": json.dumps(guess)}).json()["results"]
    assert [one["id"] for one in found] == [str(hidden.pk)]
