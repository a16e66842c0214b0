"""By page: is it held already, where facts come from, rules for duplicates, sources of facts."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from intake.models import FactSource, KnownFacts
from leads.actions import capture, edit, merge
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Duplicate, Lead, MatchRules
from tests.cast import NOW, a_lead, join
from tests.insights.test_lead_page import HTMX
from workspaces.models import Member, Role

PAIRS = "/w/acme/duplicates/"
LOOKUP, SETTINGS = "/w/acme/leads/lookup/", "/w/acme/settings/"


def arrive(**facts: Any) -> Lead:
    [found] = capture([incoming_from(facts)], source=Source("form"), as_of=NOW, actor=None)
    return Lead.objects.get(pk=found.lead_id)


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_rep_looks_whether_it_is_held(ming: Member, page: Any, django_assert_num_queries: Any) -> None:
    lin = join("lin@acme.test", "Lin", Role.REP)
    client = page(ming)
    assert "Look before you call" in words(client.get(LOOKUP))
    for number in range(2):
        lead = arrive(
            name=f"Han Mei {number}", email=f"han{number}@huawei.example", company="华为技术有限公司"
        )
        Lead.objects.filter(pk=lead.pk).update(owner=lin, pool="sales", held_since=NOW)
    for typed in ("華為技術（深圳）", "深圳市华为技术有限公司", "huawei.example", "han1@huawei.example"):
        shown = words(client.get(LOOKUP, {"q": typed}))
        assert "Lin" in shown and "Held:" in shown, typed
        assert "Han Mei" not in shown and "han1@" not in shown.replace(f'value="{typed}"', "")
    assert "nobody knows it" in words(client.get(LOOKUP, {"q": "Nobody Ltd"}))
    assert client.get(LOOKUP, {"q": "x"}).status_code == 422


def test_where_facts_come_from(alice: Member, mallory: Member, page: Any) -> None:
    lead = arrive(name="Ada", email="info@mailinator.com", company="Acme", phone="+8613800138000")
    edit(lead.pk, {"pain": "Slow", "credit_code": "91440300708461136T"}, as_of=NOW, actor=alice)
    address = f"/w/acme/leads/{lead.pk}/provenance/"
    shown = words(page(alice).get(address, headers=HTMX))
    assert "Entered by Alice" in shown and "Form" in shown and "Pain" in shown
    assert "Nothing is told" in words(page(alice).get(f"/w/acme/leads/{a_lead().pk}/provenance/"))
    assert page(mallory).get(address).status_code == 404
    shown = words(page(alice).get(f"/w/acme/leads/{lead.pk}/"))
    assert "throw-away" in shown and "of a function" in shown and "91440300708461136T" in shown


def test_rules_for_duplicates_by_page(alice: Member, ming: Member, page: Any) -> None:
    address = f"{SETTINGS}recognising/"
    assert "Comes back to life" in words(page(ming).get(address))
    client = page(alice)
    assert client.get(f"{address}new/", headers=HTMX).status_code == 200
    given = {"merge_from": "99.5", "suggest_from": "60", "ignore": ["title"], "revive": ["lost"]}
    assert client.post(f"{address}new/", given, headers=HTMX).status_code == 204
    rules = MatchRules.objects.get()
    assert (rules.merge_from, rules.suggest_from, rules.ignore, rules.revive) == (
        0.995,
        0.6,
        ["title"],
        ["lost"],
    )
    assert client.post(f"{address}new/", given | {"merge_from": "90"}, headers=HTMX).status_code == 422
    assert "99.5" in words(client.get(address))


def test_sources_of_facts_by_page(alice: Member, ming: Member, zoe: Member, page: Any) -> None:
    address = f"{SETTINGS}enrichment/"
    assert page(ming).get(address).status_code == 403
    client = page(alice)
    assert "Phone number and address" in words(client.get(address))
    file = SimpleUploadedFile("known.csv", b"Domain,Industry\nacme.io,Saas\n")
    assert client.get(f"{address}new/?kind=file", headers=HTMX).status_code == 200
    made = client.post(
        f"{address}new/?kind=file", {"name": "Ours", "file": file, "is_active": "on"}, headers=HTMX
    )
    assert made.status_code == 204 and KnownFacts.objects.get().facts == {"industry": "Saas"}
    service = {
        "name": "Web",
        "url": "https://api.example.com/{key}",
        "by": "domain",
        "fields_found": "industry = a.b\nemployees = c",
        "header": "X-Key",
        "secret": "s3cret",
        "is_active": "on",
    }
    assert (
        client.post(f"{address}new/?kind=http", service | {"url": "nowhere"}, headers=HTMX).status_code == 422
    )
    wrong = service | {"fields_found": "owner = x"}
    assert client.post(f"{address}new/?kind=http", wrong, headers=HTMX).status_code == 422
    assert client.post(f"{address}new/?kind=http", service, headers=HTMX).status_code == 204
    row = FactSource.objects.get(name="Web")
    assert row.settings["fields"] == {"industry": "a.b", "employees": "c"} and row.secret == "s3cret"
    shown = words(client.get(f"{address}{row.pk}/", headers=HTMX))
    assert "industry = a.b" in shown and "s3cret" not in shown
    changed = service | {"secret": "", "name": "Web 2"}
    assert client.post(f"{address}{row.pk}/", changed, headers=HTMX).status_code == 204
    row.refresh_from_db()
    assert (row.name, row.secret) == ("Web 2", "s3cret")
    mail = FactSource.objects.get(kind="mail")
    assert "name servers" in words(client.get(f"{address}{mail.pk}/", headers=HTMX))
    assert (
        client.post(f"{address}{mail.pk}/", {"name": "MX", "is_active": "on"}, headers=HTMX).status_code
        == 204
    )
    assert client.post(f"{address}{row.pk}/drop/", headers=HTMX).status_code == 204
    assert "api.example.com" not in words(client.get(address))


def test_what_was_told_apart_and_what_was_merged_by_page(alice: Member, mallory: Member, page: Any) -> None:
    one, two, three = (arrive(name=name, email=f"{name}@x.io") for name in ("Ada", "Bo", "Cy"))
    a, b = sorted((one.pk, two.pk))
    pair = Duplicate.objects.create(a_id=a, b_id=b, strength=0.9, reasons=[])
    client = page(alice)
    assert "Ada" in words(client.get(PAIRS))
    assert client.post(f"{PAIRS}{pair.pk}/not/").status_code == 204
    assert "Ada" not in words(client.get(PAIRS))
    told = words(client.get(f"{PAIRS}?state=dismissed"))
    assert "Ada" in told and "Alice" in told and "Suggest again" in told
    made = merge(one.pk, three.pk, as_of=NOW, actor=alice)
    told = words(client.get(f"{PAIRS}?state=merged"))
    assert "Cy" in told and "Undo the merge" in told
    undo = f"/w/acme/merges/{made.pk}/undo/"
    assert page(mallory).post(undo).status_code == 404
    assert client.post(undo).status_code == 204
    assert "Nothing is merged" in words(client.get(f"{PAIRS}?state=merged"))
