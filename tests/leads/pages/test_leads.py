"""The list of leads: filters in words, saved views, sorting, pages; the same few queries for any number."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Company, Lead, SavedView, Tag, TimelineEntry
from tests.cast import NOW, a_lead, join
from workspaces.models import Member, Role, Workspace
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]
LIST = "/w/acme/leads/"
HTMX = {"HTTP_HX_REQUEST": "true"}
QUERIES = 8


def trigger(answer: Any) -> dict[str, Any]:
    return json.loads(answer["HX-Trigger"])


def where(condition: dict) -> str:
    return "?where=" + quote(json.dumps(condition))


@pytest.mark.parametrize("rows", [1, 3])
def test_as_many_queries_for_three_rows_as_for_one(
    page: Page, alice: Member, ming: Member, rows: int
) -> None:
    for n in range(rows):
        company = Company.objects.create(name=f"Acme {n}", name_key=f"acme {n}")
        a_lead(name=f"Lead {n}", company=company, owner=ming, pool="sales")
    client = page(alice)
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as made:
        answer = client.get(LIST)
    assert answer.status_code == 200
    assert answer.content.decode().count("data-row ") == rows
    asked = [one["sql"] for one in made if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) == QUERIES, asked


def test_every_row_says_what_it_needs(page: Page, ming: Member) -> None:
    mine = {"owner": ming, "pool": "sales", "held_since": NOW}
    a_lead(name="Late", **mine, warn_at=NOW, reclaim_at=NOW + timedelta(days=5000))
    a_lead(name="Painless", stage="mql", **mine, first_response_at=NOW)
    a_lead(name="Free")
    body = page(ming).get(LIST).content.decode()
    for text in ("First contact is nearly overdue", "Write down the pain", "Free to claim"):
        assert text in body


def test_a_condition_is_told_in_chips_and_can_be_taken_away(page: Page, ming: Member) -> None:
    a_lead(name="Anna", industry="saas", grade="A")
    a_lead(name="Bert", industry="saas", grade="D")
    saas = {"field": "industry", "op": "eq", "value": "saas"}
    body = page(ming).get(LIST + where({"all": [saas, {"field": "grade", "op": "in", "value": ["A"]}]}))
    text = body.content.decode()
    assert "Anna" in text
    assert "Bert" not in text
    assert "Industry is “saas”" in text
    assert "Grade is A" in text
    short = page(ming).get(f"{LIST}?grade=D&stage=lead,mql").content.decode()
    assert "Bert" in short
    assert "Anna" not in short
    assert "Stage is Lead or MQL" in short


def test_a_condition_that_means_nothing_is_refused_with_its_fault(page: Page, ming: Member) -> None:
    client = page(ming)
    for query in (where({"field": "colour", "op": "eq", "value": "red"}), "?where=%7B", "?grade=Z"):
        answer = client.get(LIST + query)
        assert answer.status_code == 422, query
        assert "note-bad" in answer.content.decode()
    assert client.get(f"{LIST}?cursor=forged").status_code == 302
    assert client.get(f"{LIST}?view={uuid4()}").status_code == 404


def test_search_and_pages(page: Page, ming: Member) -> None:
    for n in range(52):
        a_lead(name=f"Person {n:02}", score=n, search=f" person {n:02} ")
    client = page(ming)
    assert "Person 07" in client.get(f"{LIST}?q=person 07").content.decode()
    assert "No lead fits" in client.get(f"{LIST}?q=nobody").content.decode()
    first = client.get(LIST)
    assert "Person 51" in first.content.decode()
    second = client.get(LIST + first.context["next"]).content.decode()
    assert "Person 01" in second
    assert "Person 02" not in second


def test_views_are_kept_renamed_shared_and_deleted_with_an_undo(
    page: Page, ming: Member, alice: Member
) -> None:
    client = page(ming)
    saas = json.dumps({"field": "industry", "op": "eq", "value": "saas"})
    a_lead(name="Anna", industry="saas")
    answer = client.post(f"{LIST}views/new/", {"name": "SaaS", "where": saas}, **HTMX)
    assert answer.status_code == 204, answer.content.decode()
    view = SavedView.objects.get(name="SaaS")
    assert (view.member, view.where) == (ming, json.loads(saas))
    assert "SaaS" in client.get(f"{LIST}?view={view.pk}").content.decode()
    assert page(alice).get(f"{LIST}?view={view.pk}").status_code == 404
    client.post(f"{LIST}views/{view.pk}/", {"name": "Software", "where": saas}, **HTMX)
    assert SavedView.objects.get(pk=view.pk).name == "Software"
    wrong = client.post(f"{LIST}views/{view.pk}/", {"name": "x", "where": '{"field": "colour"}'}, **HTMX)
    assert wrong.status_code == 422
    gone = client.post(f"{LIST}views/{view.pk}/drop/", **HTMX)
    assert not SavedView.objects.filter(name="Software").exists()
    client.post(trigger(gone)["toast"]["undo"])
    assert SavedView.objects.get(name="Software").member == ming
    shared = SavedView.objects.filter(member=None).first()
    assert shared
    assert client.post(f"{LIST}views/{shared.pk}/drop/", **HTMX).status_code == 403
    assert client.post(f"{LIST}views/back/?u=forged").status_code == 204


def test_tabs_are_counted_once_the_page_stands(page: Page, ming: Member) -> None:
    a_lead(grade="A", score=90)
    client = page(ming)
    assert 'hx-get="/w/acme/leads/tabs/' in client.get(LIST).content.decode()
    body = client.get(f"{LIST}tabs/").content.decode()
    assert "Hot<" in body
    assert '<span class="tab-count num">1</span>' in body
    assert 'hx-get="/w/acme/leads/tabs/' not in client.get(LIST).content.decode()


def test_the_filter_is_built_and_previewed(page: Page, ming: Member) -> None:
    a_lead(name="Anna", industry="saas")
    client = page(ming)
    panel = client.get(f"{LIST}filter/?grade=D", **HTMX).content.decode()
    assert 'data-rules="filter-rules"' in panel
    assert "&quot;grade&quot;" in panel
    saas = where({"field": "industry", "op": "eq", "value": "saas"})
    body = client.get(f"{LIST}preview/{saas}", **HTMX).content.decode()
    assert "Industry is “saas”" in body
    assert "<strong>1</strong> of 1 leads now" in body
    assert (
        "text-bad" in client.get(f"{LIST}preview/{where({'field': 'x', 'op': 'y'})}", **HTMX).content.decode()
    )


def test_columns_are_kept(page: Page, ming: Member) -> None:
    a_lead(region="Bavaria")
    client = page(ming)
    assert "Bavaria" not in client.get(LIST).content.decode()
    client.post(f"{LIST}columns/", {"columns": ["score", "region"], "back": "?q="})
    body = client.get(LIST).content.decode()
    assert "Bavaria" in body
    assert "row-why" not in body
    assert client.post(f"{LIST}columns/", {"back": "https://evil.test"})["Location"] == LIST


def test_tags_for_many_and_their_undo(page: Page, ming: Member, alice: Member) -> None:
    leads = [a_lead(owner=ming, pool="sales").pk for _ in range(2)]
    client = page(ming)
    answer = client.post(f"{LIST}tag/", {"ids": leads, "tags": "hot， warm"}, **HTMX)
    assert trigger(answer)["toast"]["text"] == "2 leads tagged."
    assert Tag.objects.filter(on_leads__lead_id__in=leads).distinct().count() == 2
    client.post(trigger(answer)["toast"]["undo"], **HTMX)
    assert not Tag.objects.filter(on_leads__lead_id__in=leads).exists()
    assert client.post(f"{LIST}tag/", {"ids": leads, "tags": " , "}, **HTMX).status_code == 422
    assert client.post(f"{LIST}tag/", {"tags": "hot"}, **HTMX).status_code == 422
    strangers = a_lead(owner=alice, pool="sales").pk
    assert client.post(f"{LIST}tag/", {"ids": [strangers], "tags": "x"}, **HTMX).status_code == 422


def test_moving_many_lists_who_did_not_and_why(page: Page, ming: Member) -> None:
    mine = {"owner": ming, "pool": "sales", "stage": "mql", "held_since": NOW}
    ready, painless = a_lead(name="Anna", pain="slow", **mine), a_lead(name="Bert", **mine)
    client = page(ming)
    answer = client.post(f"{LIST}advance/", {"ids": [ready.pk, painless.pk], "step": "to_sql"}, **HTMX)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "1 moved, 1 not, because: " in body
    assert "Bert" in body
    assert "Pain is filled in" in body
    assert Lead.objects.get(pk=ready.pk).stage == "sql"
    assert Lead.objects.get(pk=painless.pk).stage == "mql"
    none = client.post(f"{LIST}advance/", {"ids": [painless.pk], "step": "to_sql"}, **HTMX)
    assert none.status_code == 409
    wanting = client.post(f"{LIST}advance/", {"ids": [painless.pk], "step": "lose"}, **HTMX)
    assert wanting.status_code == 422
    done = client.post(f"{LIST}advance/", {"ids": [painless.pk], "step": "lose", "reason": "no"}, **HTMX)
    assert done.status_code == 204
    assert Lead.objects.get(pk=painless.pk).stage == "lost"


def test_a_viewer_looks_and_changes_nothing(page: Page, workspace: Workspace) -> None:
    viewer = join("vera@acme.test", "Vera", Role.VIEWER)
    lead = a_lead(name="", email="secret@acme.test")
    client = page(viewer)
    body = client.get(LIST).content.decode()
    assert "secret@acme.test" not in body
    assert 'data-key="c"' not in body
    for address in ("tag/", "advance/"):
        answer = client.post(f"{LIST}{address}", {"ids": [lead.pk], "tags": "x", "step": "to_mql"}, **HTMX)
        assert answer.status_code in (403, 422), address
    assert client.get(f"{LIST}new/").status_code == 403
    assert not TimelineEntry.objects.exists()


def test_nothing_of_another_workspace(
    page: Page, ming: Member, mallory: Member, elsewhere: Workspace
) -> None:
    lead = a_lead(name="Anna", owner=ming, pool="sales")
    view = SavedView.objects.filter(member=None).first()
    assert view
    with enter(elsewhere):
        client = page(mallory)
        assert client.get(LIST).status_code == 404
        evil = "/w/evil/leads/"
        assert "Anna" not in client.get(evil).content.decode()
        for address in (f"?view={view.pk}", f"{lead.pk}/peek/", f"views/{view.pk}/"):
            assert client.get(evil + address, **HTMX).status_code == 404, address
        client.post(f"{evil}tag/", {"ids": [lead.pk], "tags": "evil"}, **HTMX)
    assert not Tag.objects.filter(name="evil").exists()


def test_a_peek_shows_what_matters_and_hides_what_it_must(page: Page, ming: Member, alice: Member) -> None:
    lead = a_lead(name="Anna", email="anna@acme.test", stage="mql")
    address = f"{LIST}{lead.pk}/peek/"
    body = page(ming).get(address, **HTMX).content.decode()
    assert "anna@acme.test" not in body
    assert "a•••@acme.test" in body
    assert "Pain is filled in" in body
    assert "anna@acme.test" in page(alice).get(address, **HTMX).content.decode()
    assert page(ming).get(address).status_code == 302
    assert page(ming).get(f"{LIST}{uuid4()}/peek/", **HTMX).status_code == 404
