"""The page of duplicates: side by side, merged fact by fact, taken back, told apart for good."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from leads.actions import match_due, merge, undo_merge
from leads.models import Duplicate, Lead, Merge
from leads.pages import duplicates
from tests.cast import NOW, a_lead
from workspaces.models import Member, Workspace

Page = Callable[[Member], Client]
ADDRESS = "/w/acme/duplicates/"
HTMX = {"HTTP_HX_REQUEST": "true"}
QUERIES = 7


def a_pair(number: int = 0) -> Duplicate:
    one = a_lead(name=f"Li Lei {number}", email=f"li{number}@acme.test", pain="Orders get lost")
    two = a_lead(name=f"Lei Li {number}", phone="+8613812345678", pain="Too slow", attributes={"size": "L"})
    a, b = sorted((one, two), key=lambda lead: lead.pk)
    reasons = [{"field": "name", "level": "similar", "weight": 5.0}]
    return Duplicate.objects.create(a=a, b=b, strength=0.97, reasons=reasons)


def toast(answer: object) -> dict:
    return json.loads(answer["HX-Trigger"])["toast"]  # type: ignore[index]


def test_compared_merged_and_taken_back(page: Page, zoe: Member) -> None:
    pair = a_pair()
    client = page(zoe)
    listed = client.get(ADDRESS).content.decode()
    assert "Li Lei 0" in listed and "97%" in listed and "similar name" in listed
    side_by_side = client.get(f"{ADDRESS}{pair.pk}/", **HTMX).content.decode()
    assert "Orders get lost" in side_by_side and "Too slow" in side_by_side
    answer = client.post(f"{ADDRESS}{pair.pk}/merge/", {"take-pain": "other", "take-pursuit": "this"}, **HTMX)
    assert answer.status_code == 204
    one = Lead.objects.get()
    made = Merge.objects.get()
    assert one.pain == made.row["pain"]
    gone = client.get(f"/w/acme/leads/{made.absorbed}/")
    assert (gone.status_code, gone["Location"]) == (302, f"/w/acme/leads/{one.pk}/")
    assert "No two leads look like one" in client.get(ADDRESS).content.decode()
    assert client.post(toast(answer)["undo"], **HTMX).status_code == 204
    assert Lead.objects.count() == 2


def test_not_the_same_and_back(page: Page, zoe: Member) -> None:
    pair = a_pair()
    client = page(zoe)
    answer = client.post(f"{ADDRESS}{pair.pk}/not/", **HTMX)
    assert Duplicate.objects.get().status == "dismissed"
    assert client.post(toast(answer)["undo"], **HTMX).status_code == 204
    assert Duplicate.objects.get().status == "suggested"


@pytest.mark.parametrize("state", ["suggested", "dismissed", "merged"])
def test_every_pair_can_be_reached_page_by_page(
    page: Page, zoe: Member, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "PAGE", 2)
    made = [a_pair(number) for number in range(5)]
    if state == "merged":
        for pair in made:
            merge(pair.a_id, pair.b_id, as_of=NOW, actor=zoe)
    Duplicate.objects.update(status=state, decided_at=NOW)
    client = page(zoe)
    here, pages = f"?state={state}", []
    while here:
        answer = client.get(ADDRESS + here)
        pages.append([one["pk"] for one in answer.context["merged" if state == "merged" else "pairs"]])
        last, here = here, answer.context["next"]
    assert [len(one) for one in pages] == [2, 2, 1]
    assert len({pk for one in pages for pk in one}) == 5
    assert client.get(ADDRESS + here + f"?state={state}&cursor=forged").status_code == 302
    if state == "merged":  # what stands last is undone: the page goes back to the first
        undo_merge(pages[-1][0], as_of=NOW, actor=zoe)
        assert client.get(ADDRESS + last)["Location"] == f"{ADDRESS}?state=merged"


def test_a_search_shows_how_far_it_is(page: Page, zoe: Member, workspace: Workspace) -> None:
    a_lead(name="Anna", captured_at=NOW)
    client = page(zoe)
    assert client.post(f"{ADDRESS}search/", **HTMX).status_code == 204
    assert "Looking through all leads" in client.get(ADDRESS).content.decode()
    match_due(workspace, timezone.now())
    assert "Looking through all leads" not in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_a_fixed_number_of_statements(
    page: Page, zoe: Member, count: int, django_assert_max_num_queries: Callable
) -> None:
    for number in range(count):
        a_pair(number)
    client = page(zoe)
    client.get(ADDRESS)
    with django_assert_max_num_queries(QUERIES + 4):
        client.get(ADDRESS)


def test_a_rep_looks_but_does_not_search(page: Page, ming: Member) -> None:
    pair = a_pair()
    client = page(ming)
    assert client.get(ADDRESS).status_code == 200
    assert "li0@acme.test" not in client.get(f"{ADDRESS}{pair.pk}/", **HTMX).content.decode()
    assert client.post(f"{ADDRESS}search/", **HTMX).status_code == 403
