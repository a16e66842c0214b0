"""Every number of a preview opens its list: whole, in pages, with nothing stored."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leads.models import Lead
from scoring.actions import copy_card, new_card, rescore, write_rules
from scoring.cards import ReadCard, read
from scoring.crossing import crossing
from scoring.models import Scorecard
from scoring.preview import preview
from tests.cast import NOW, a_lead
from tests.scoring.cards import SETTINGS, in_force, rule
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid

SAAS = rule("fit", 15, "industry", "eq", "saas")
LARGE = rule("engagement", 20, "employees", "gte", 100)
STUDENT = rule("fit", 0, "title", "eq", "Student", kind="disqualifier")
AGED = rule("engagement", 3, "age_days", "gte", 1)
Api = Callable[[Member], APIClient]


@pytest.fixture
def card(workspace: Workspace) -> Scorecard:
    """A draft beside 24 leads of every sort, which have scores of their own."""
    for number in range(24):
        a_lead(
            name=f"Lead {number:02}",
            industry=("saas", "")[number % 2],
            employees=(5, 500)[number // 2 % 2],
            title=("", "", "Student")[number % 3],
            score=(0, 35, 70)[number // 8],
            grade=("D", "B", "A")[number // 8],
        )
    return write_rules(
        new_card(**SETTINGS, as_of=NOW, actor=None), [SAAS, LARGE, STUDENT], as_of=NOW, actor=None
    )


def whole(card: ReadCard, name: str, limit: int, **more: Any) -> list[dict[str, Any]]:
    """All pages of a list, forward; then back to the first, which must be the same."""
    pages, cursor = [], ""
    while True:
        pages.append(crossing(card, name, as_of=NOW, limit=limit, cursor=cursor, **more))
        if not (cursor := pages[-1].next):
            break
    assert not pages[0].previous and {page.many for page in pages} <= {
        len([r for p in pages for r in p.rows])
    }
    for before, page in zip(pages[-2::-1], pages[:0:-1], strict=True):
        back = crossing(card, name, as_of=NOW, limit=limit, cursor=page.previous, **more)
        assert back.rows == before.rows and back.next
    return [row for page in pages for row in page.rows]


def numbers(card: ReadCard) -> dict[str, int]:
    """Each number of the preview by the name of its list."""
    found = preview(card, as_of=NOW)
    told = {"changed": found["changed"]}
    told |= {name: found["threshold"][name] for name in ("rising", "falling")}
    told |= {f"{one['from']}-{one['to']}": one["leads"] for one in found["moves"]}
    for when in ("now", "then"):
        told |= {f"{when}-{grade}": many for grade, many in found["grades"][when].items()}
    better = {f"{one['from']}-{one['to']}": one["to"] < one["from"] for one in found["moves"]}
    told["up"] = sum(told[name] for name, up in better.items() if up)
    told["down"] = sum(told[name] for name, up in better.items() if not up)
    for one in found["rules"]:
        told |= {f"matches-{one['rule']}": one["matches"], f"decided-{one['rule']}": one["decided"]}
    return told


def test_a_copy_of_the_card_in_force_changes_nothing(workspace: Workspace) -> None:
    """Whom a rule disqualifies is above no line, now as then."""
    active = in_force(LARGE | {"points": 20}, SAAS, STUDENT, threshold=30)
    for title in ("Student", "Buyer"):
        lead = a_lead(employees=500, industry="saas", title=title)
        rescore([lead.pk], as_of=NOW)
    found = preview(read(copy_card(active, as_of=NOW, actor=None)), as_of=NOW)
    assert (found["changed"], found["threshold"]["falling"], found["threshold"]["now"]) == (0, 0, 1)


def test_every_number_is_as_long_as_its_list(card: Scorecard) -> None:
    ready = read(card)
    told = numbers(ready)
    assert sum(many > 0 for many in told.values()) > 15
    for name, many in told.items():
        rows = whole(ready, name, 5)
        assert len(rows) == many and len({row["id"] for row in rows}) == many, name
        moved = [abs(row["score"] - row["was"]) for row in rows]
        assert moved == sorted(moved, reverse=True), name
    assert all(row["was"] < 60 <= 100 and row["name"].startswith("Lead") for row in whole(ready, "up", 50))


def test_nothing_is_stored(card: Scorecard) -> None:
    before = list(Lead.objects.order_by("pk").values())
    whole(read(card), "changed", 7)
    assert list(Lead.objects.order_by("pk").values()) == before


def test_all_pages_are_as_of_the_moment_of_the_first(workspace: Workspace) -> None:
    for number in range(6):
        a_lead(name=str(number), captured_at=NOW - timedelta(hours=12))
    draft = write_rules(new_card(**SETTINGS, as_of=NOW, actor=None), [AGED, SAAS], as_of=NOW, actor=None)
    ready, later = read(draft), NOW + timedelta(days=1)
    first = crossing(ready, "now-D", as_of=NOW, limit=3)
    assert {row["score"] for row in first.rows} == {0}
    then = crossing(ready, "now-D", as_of=later, limit=3, cursor=first.next)
    assert {row["score"] for row in then.rows} == {0} and len(then.rows) == 3
    assert {row["score"] for row in crossing(ready, "now-D", as_of=later, limit=3).rows} == {3}


def test_of_many_leads_the_list_is_of_those_looked_at(card: Scorecard) -> None:
    ready = read(card)
    told = preview(ready, as_of=NOW, most=12)
    found = crossing(ready, "changed", as_of=NOW, limit=50, most=12)
    assert found.sample == told["sample"] == 2
    assert found.many == told["changed"] == len(found.rows) < preview(ready, as_of=NOW)["changed"]


def test_a_page_costs_the_same_however_long(card: Scorecard, django_assert_num_queries: Any) -> None:
    ready = read(card)
    crossing(ready, "changed", as_of=NOW, limit=1)  # what is kept of cards and gates is read
    for limit in (1, 3):
        with django_assert_num_queries(7):
            assert len(crossing(ready, "changed", as_of=NOW, limit=limit).rows) == limit


@pytest.mark.parametrize("name", ["", "nothing", "E-A", "now-", "matches-x", "decided-"])
def test_there_are_no_other_lists(card: Scorecard, name: str) -> None:
    with pytest.raises(Invalid):
        crossing(read(card), name, as_of=NOW, limit=5)


def test_through_the_api(card: Scorecard, alice: Member, ming: Member, mallory: Member, api: Api) -> None:
    client, address = api(alice), f"/api/v1/scorecards/{card.pk}/preview/leads/"
    first = client.get(address, {"list": "changed", "limit": 4}).json()
    assert (len(first["results"]), first["sample"], first["previous"]) == (4, 1, None)
    assert set(first["results"][0]) == {"id", "name", "was", "was_grade", "score", "grade"}
    second = client.get(first["next"]).json()
    assert (
        second["leads"] == first["leads"]
        and client.get(second["previous"]).json()["results"] == first["results"]
    )
    assert client.get(address, {"list": "up", "cursor": "x"}).status_code == 400
    assert client.get(first["next"].replace("changed", "up")).status_code == 400
    assert client.get(address, {"list": "nothing"}).status_code == 422
    assert client.get(address, {"list": "up", "limit": "0"}).status_code == 400
    assert api(ming).get(address, {"list": "up"}).status_code == 403
    assert api(mallory).get(address, {"list": "up"}).status_code == 404


def test_on_the_page(card: Scorecard, alice: Member, page: Callable[[Member], Client]) -> None:
    browser, home = page(alice), f"/w/acme/settings/scoring/{card.pk}"
    told = browser.get(f"{home}/foresee/").content.decode()
    for name in ("changed", "now-D", "then-B", f"matches-{read(card).rules[0].id}"):
        assert f"crossing/?list={name}" in told, name
    found = browser.get(f"{home}/crossing/?list=changed").content.decode()
    assert found.count("<tr data-row") == numbers(read(card))["changed"] and "in all" in found
    assert browser.get(f"{home}/crossing/?list=nothing").status_code == 404
    assert browser.get(f"{home}/crossing/?list=up&cursor=x").status_code == 302
