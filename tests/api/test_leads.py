"""leads/ and everything below one lead."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from rest_framework.test import APIClient

from leads.models import Channel, CustomField, Gate, Lead, TimelineEntry, Touch
from tests.cast import NOW, a_lead, join
from workspaces.models import Member
from workspaces.tenancy import enter

LEADS = "/api/v1/leads/"
LI_LEI = {"name": "Li Lei", "email": "li.lei@acme.example", "company": "Acme GmbH"}
UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def client(api, alice) -> APIClient:  # type: ignore[no-untyped-def]
    return api(alice)


def held(member: Member, **fields: Any) -> Lead:
    return a_lead(owner=member, pool="sales", held_since=NOW, **fields)


def errors(response: Any, status: int = 422) -> dict[str, str]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def test_capture_makes_a_lead_and_shows_all_its_fields(client: APIClient) -> None:
    facts = LI_LEI | {
        "title": "COO",
        "phone": "415-555-2671",
        "wechat": "lilei",
        "website": "https://acme.example",
        "industry": "saas",
        "region": "California",
        "employees": 200,
        "channel": "Trade fair",
        "campaign": "spring",
        "external_id": "x-1",
        "pain": "Too much by hand",
        "need_level": "clear",
        "budget_amount": {"amount": "1200.00", "currency": "CNY"},
        "budget_status": "estimated",
        "authority": "decision_maker",
        "decision_process": "the board",
        "timeline_date": "2026-09-30",
        "tags": ["b", "a"],
        "attributes": {"source_status": "warm"},
    }
    response = client.post(LEADS, facts)
    assert response.status_code == 201, response.content
    body = response.json()
    assert {name: body[name] for name in facts} == facts | {"tags": ["a", "b"]}
    assert body["phone_e164"] == "+14155552671"
    assert (body["pool"], body["owner"], body["score"] > 0) == ("lead", None, True)
    assert response["ETag"] == f'"{body["version"]}"'
    assert body["id"]
    assert body["created_at"]
    assert client.get(f"{LEADS}{body['id']}/").json() == body


def test_a_known_identity_is_merged_and_answers_200(client: APIClient) -> None:
    first = client.post(LEADS, LI_LEI).json()
    again = client.post(LEADS, {"email": "LI.LEI@acme.example", "name": "Other", "title": "CTO"})
    assert again.status_code == 200
    assert (again.json()["id"], again.json()["name"], again.json()["title"]) == (first["id"], "Li Lei", "CTO")
    assert Touch.objects.filter(lead_id=first["id"]).count() == 1
    assert Lead.objects.count() == 1


def test_what_does_not_validate_names_its_field_and_changes_nothing(client: APIClient) -> None:
    wrong = {
        "name": "x" * 201,
        "employees": "many",
        "need_level": "huge",
        "budget_amount": {"amount": "1.001", "currency": "CNY"},
        "timeline_date": "soon",
        "stage": "won",
        "owner": UNKNOWN,
        "colour": "red",
    }
    assert errors(client.post(LEADS, {"email": "a@b.example", "stage": "won", "colour": "red"})) == {
        "stage": "read_only",
        "colour": "unknown",
    }
    known = {name: value for name, value in wrong.items() if name not in ("stage", "owner", "colour")}
    assert set(errors(client.post(LEADS, {"email": "a@b.example"} | known))) == set(known)
    assert errors(client.post(LEADS, {"name": "Nobody"})) == {None: "unreachable"}
    assert errors(client.post(LEADS, {"name": "N", "phone": "12"})) == {"phone": "invalid"}
    assert errors(client.post(LEADS, LI_LEI | {"attributes": {"no": 1}})) == {
        "attributes.no": "unknown_field"
    }
    assert not Lead.objects.exists()


def test_a_channel_may_be_named_by_its_id(client: APIClient) -> None:
    channel = Channel.objects.first()
    assert channel is not None
    assert client.post(LEADS, LI_LEI | {"channel": str(channel.pk)}).json()["channel"] == channel.name
    assert errors(client.post(LEADS, LI_LEI | {"channel": UNKNOWN})) == {"channel": "unknown"}


def test_bulk_answers_each_item_in_order(client: APIClient) -> None:
    items = [LI_LEI, {"name": "Nobody"}, LI_LEI, "junk", {"email": "b@b.example", "attributes": {"no": 1}}]
    response = client.post(LEADS + "bulk/", items)
    assert response.status_code == 200, response.content
    results = response.json()
    assert [one["status"] for one in results] == ["created", "rejected", "merged", "rejected", "rejected"]
    assert results[0]["id"] == results[2]["id"]
    assert results[1]["id"] is None
    assert [one["errors"][0]["code"] for one in results if one["status"] == "rejected"] == [
        "unreachable",
        "invalid",
        "unknown_field",
    ]
    assert errors(client.post(LEADS + "bulk/", [{}] * 1001)) == {"": "too_many"}
    assert errors(client.post(LEADS + "bulk/", {})) == {"": "not_a_list"}


def test_bulk_costs_the_same_for_one_and_for_three(client: APIClient, django_assert_max_num_queries) -> None:
    def items(mark: str, count: int) -> list[dict]:
        return [{"email": f"{mark}{n}@b.example", "company": f"{mark} {n}"} for n in range(count)]

    client.post(LEADS + "bulk/", items("warm", 1))
    with django_assert_max_num_queries(100) as one:
        client.post(LEADS + "bulk/", items("a", 1))
    with django_assert_max_num_queries(len(one)):
        client.post(LEADS + "bulk/", items("b", 3))


LIST_QUERIES = 8


def test_the_list_costs_the_same_for_one_and_for_three(client: APIClient, django_assert_num_queries) -> None:
    for count, name in ((1, "a"), (3, "bc")):
        for one in name:
            client.post(LEADS, {"email": f"{one}@b.example", "company": one, "tags": [one]})
        with django_assert_num_queries(LIST_QUERIES):
            assert len(client.get(LEADS).json()["results"]) == count


def test_patch_writes_facts_of_the_version_one_has_read(client: APIClient) -> None:
    lead = client.post(LEADS, LI_LEI).json()
    address = f"{LEADS}{lead['id']}/"
    changed = client.patch(address, {"pain": "Much"}, HTTP_IF_MATCH=f'"{lead["version"]}"')
    assert changed.status_code == 200
    assert changed.json()["pain"] == "Much"
    assert changed["ETag"] != f'"{lead["version"]}"'
    assert client.patch(address, {"pain": "Less"}, HTTP_IF_MATCH=f'"{lead["version"]}"').status_code == 412
    for name in ("stage", "pool", "owner", "team", "score", "grade", "version", "id"):
        assert errors(client.patch(address, {name: "x"})) == {name: "read_only"}
    assert client.get(address).json()["pain"] == "Much"


def test_money_may_be_cleared_and_uses_the_workspaces_currency(client: APIClient) -> None:
    address = f"{LEADS}{client.post(LEADS, LI_LEI).json()['id']}/"
    assert client.patch(address, {"budget_amount": "99.5"}).json()["budget_amount"] == {
        "amount": "99.50",
        "currency": "USD",
    }
    yen = {"amount": "99", "currency": "JPY"}
    assert client.patch(address, {"budget_amount": yen}).json()["budget_amount"] == yen
    assert client.patch(address, {"budget_amount": None}).json()["budget_amount"] is None
    for wrong in ("much", "NaN", "1e99", -1, True, {"amount": "1", "currency": "yuan"}, {}):
        assert "budget_amount" in errors(client.patch(address, {"budget_amount": wrong}))


def test_only_an_admin_deletes(api, client: APIClient, ming: Member) -> None:
    lead = held(ming)
    assert api(ming).delete(f"{LEADS}{lead.pk}/").status_code == 403
    assert client.delete(f"{LEADS}{lead.pk}/", HTTP_IF_MATCH='"9"').status_code == 412
    assert client.delete(f"{LEADS}{lead.pk}/").status_code == 204
    assert client.get(f"{LEADS}{lead.pk}/").status_code == 404


def test_filters(client: APIClient, ming: Member, zoe: Member) -> None:
    mine = held(ming, name="Wang Wei", score=70, grade="B", stage="mql", search=" wang wei ")
    free = client.post(LEADS, LI_LEI | {"tags": ["VIP"], "channel": "Fair", "industry": "saas"}).json()["id"]
    where = json.dumps({"field": "industry", "op": "eq", "value": "saas"})
    found = {
        f"owner={ming.pk}": [str(mine.pk)],
        "owner=none": [free],
        "owner=me": [],
        "stage=mql,sql": [str(mine.pk)],
        "pool=lead": [free],
        "grade=B": [str(mine.pk)],
        "tag=vip": [free],
        "channel=fair": [free],
        f"channel={Channel.objects.get(name='Fair').pk}": [free],
        "q=wang": [str(mine.pk)],
        "q=acme": [free],
        "q=!!!": [],
        f"where={where}": [free],
        "where={}": [free, str(mine.pk)],
        f"owner={UNKNOWN}": [],
        f"company={UNKNOWN}": [],
    }
    for query, expected in found.items():
        response = client.get(f"{LEADS}?{query}")
        assert response.status_code == 200, (query, response.content)
        assert sorted(row["id"] for row in response.json()["results"]) == sorted(expected), query


def test_a_filter_that_is_not_understood_is_named(client: APIClient) -> None:
    where = {"all": [{"field": "industri", "op": "eq", "value": "x"}]}
    assert errors(client.get(LEADS, {"where": json.dumps(where)})) == {"where.all[0].field": "unknown_field"}
    assert errors(client.get(LEADS, {"where": "{"})) == {"where": "malformed"}
    assert errors(client.get(LEADS, {"stage": "hot"})) == {"stage": "unknown_value"}
    assert errors(client.get(LEADS, {"owner": "x"})) == {"owner": "malformed"}
    assert client.get(LEADS, {"ordering": "pain"}).status_code == 400
    assert client.get(LEADS, {"cursor": "forged"}).status_code == 400


@pytest.mark.parametrize(
    "ordering", ["score", "-score", "captured_at", "-captured_at", "reclaim_at", "-reclaim_at"]
)
def test_pages_hold_every_lead_once_in_both_directions(
    client: APIClient, ordering: str, ming: Member
) -> None:
    for number in range(7):
        due = NOW + timedelta(days=number // 2) if number % 3 else None
        held(ming, score=number // 2, captured_at=NOW + timedelta(hours=number), reclaim_at=due)
    body = client.get(LEADS, {"ordering": ordering, "limit": 200}).json()
    whole = [row["id"] for row in body["results"]]
    assert len(set(whole)) == 7
    assert body["next"] is body["previous"] is None
    there, back = [], []
    page = client.get(LEADS, {"ordering": ordering, "limit": 2}).json()
    while True:
        there += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert there == whole
    while page["previous"]:
        page = client.get(page["previous"]).json()
        back = [row["id"] for row in page["results"]] + back
    assert back == whole[: len(back)]
    assert len(back) == 6
    values = [
        row[ordering.lstrip("-")] for row in client.get(LEADS, {"ordering": ordering}).json()["results"]
    ]
    given = [value for value in values if value is not None]
    assert given == sorted(given, reverse=ordering.startswith("-"))
    assert None not in values[: len(given)]


def test_cursor_limit_and_another_ordering(client: APIClient, ming: Member) -> None:
    for _ in range(3):
        held(ming)
    cursor = client.get(LEADS, {"limit": 1}).json()["next"].split("cursor=")[1].split("&")[0]
    assert client.get(f"{LEADS}?cursor={cursor}&ordering=score").status_code == 400
    for wrong in ("0", "-1", "x", "²", "9" * 5000 + "x"):
        assert client.get(LEADS, {"limit": wrong}).status_code == 400
    assert client.get(LEADS, {"limit": "9" * 5000}).status_code == 200


def test_contact_data_is_masked_for_those_who_do_not_hold_the_lead(api, ming: Member, zoe: Member) -> None:
    viewer = join("vera@acme.test", "Vera", "viewer")
    facts = {"email": "li.lei@acme.example", "phone": "+8613812345678", "wechat": "lilei"}
    mine, free = held(ming, **facts), a_lead(**facts)

    def seen(member: Member, lead: Lead) -> dict[str, str]:
        shown = api(member).get(f"{LEADS}{lead.pk}/").json()
        return {name: shown[name] for name in facts}

    hidden = {"email": "l•••@acme.example", "phone": "+86•••5678", "wechat": "l•••"}
    assert seen(ming, mine) == seen(zoe, mine) == seen(zoe, free) == facts
    assert seen(ming, free) == seen(viewer, mine) == hidden
    listed = api(ming).get(LEADS).content.decode()
    assert listed.count("13812345678") == 1  # of the lead ming holds


def test_a_rep_sees_what_they_entered_in_the_answer(api, ming: Member) -> None:
    made = api(ming).post(LEADS, LI_LEI)
    assert made.json()["email"] == LI_LEI["email"]
    assert api(ming).get(f"{LEADS}{made.json()['id']}/").json()["email"] == "l•••@acme.example"


def test_transitions_say_what_is_missing_and_take_the_step(api, ming: Member) -> None:
    client, lead = api(ming), held(ming, stage="mql", email="a@b.example")
    address = f"{LEADS}{lead.pk}/transitions/"
    options = {one["name"]: one for one in client.get(address).json()}
    assert not options["to_sql"]["allowed"]
    assert options["to_sql"]["unmet"][0]["field"] == "pain"
    refused = client.post(address, {"name": "to_sql"})
    assert refused.status_code == 409
    assert refused.json()["unmet"][0]["field"] == "pain"
    assert client.patch(f"{LEADS}{lead.pk}/", {"pain": "Slow"}).status_code == 200
    taken = client.post(address, {"name": "to_sql", "note": "talked"})
    assert taken.status_code == 200
    assert taken.json()["stage"] == "sql"
    assert errors(client.post(address, {"name": "fly"})) == {"name": "unknown_value"}
    assert client.post(address, {"name": "lose", "override": "because"}).status_code == 403
    gone = client.post(address, {"name": "defer", "reason": "no budget", "resume_at": "2099-01-31"})
    assert gone.json()["stage"] == "deferred"
    assert gone.json()["deferral"]["reason"] == "no budget"


def test_a_step_that_needs_approval_waits_and_is_decided(api, alice: Member, ming: Member) -> None:
    Gate.objects.filter(transition="to_sql").update(condition={}, approval_when={}, approval_score=0)
    lead = held(ming, stage="mql")
    asked = api(ming).post(f"{LEADS}{lead.pk}/transitions/", {"name": "to_sql"})
    assert asked.status_code == 202
    decision = f"/api/v1/approvals/{asked.json()['id']}/decision/"
    assert api(ming).post(decision, {"approve": True}).status_code == 403
    waiting = api(alice).get("/api/v1/approvals/", {"status": "waiting"}).json()["results"]
    assert [one["lead"] for one in waiting] == [str(lead.pk)]
    assert api(ming).get(f"/api/v1/approvals/{asked.json()['id']}/").json() == waiting[0]
    assert api(alice).post(decision, {"approve": True, "reason": "fine"}).json()["status"] == "approved"
    assert Lead.objects.get(pk=lead.pk).stage == "sql"
    assert api(alice).post(decision, {"approve": True}).status_code == 409


def test_the_step_to_an_opportunity_takes_its_amount(api, alice: Member, ming: Member) -> None:
    Gate.objects.filter(transition="to_opportunity").update(condition={})
    lead = held(ming, stage="sql")
    address, money = f"{LEADS}{lead.pk}/transitions/", {"amount": "1200", "currency": "JPY"}
    step = {"name": "to_opportunity", "amount": money, "expected_close": "2026-06-30"}
    wrong = {"expected_close": "2026-06-31", "amount": {"amount": "0.5", "currency": "JPY"}}
    for name, value in wrong.items():
        assert errors(api(ming).post(address, step | {name: value})) == {name: ANY}
    assert api(ming).post(address, step).status_code == 200
    [deal] = api(alice).get("/api/v1/opportunities/", {"lead": lead.pk}).json()["results"]
    assert (deal["amount"], deal["expected_close"]) == (money, "2026-06-30")


def test_follow_ups_touches_and_people(api, ming: Member, alice: Member) -> None:
    client, lead = api(ming), held(ming)
    base = f"{LEADS}{lead.pk}/"
    follow_up = {"channel": "call", "summary": "Talked", "outcome": "reached", "next_action": "Send offer"}
    made = client.post(base + "follow-ups/", follow_up | {"next_at": "2099-01-01T09:00:00Z"})
    assert made.status_code == 201, made.content
    assert made.json()["member_name"] == "Ming"
    assert errors(client.post(base + "follow-ups/", {"channel": "pigeon"})) == {"channel": "invalid_choice"}
    assert client.post(base + "touches/", {"kind": "page_view", "data": {"url": "/"}}).status_code == 201
    assert errors(client.post(base + "touches/", {"kind": "Page View"})) == {"kind": "invalid"}
    person = {"name": "Han Mei", "role": "champion", "email": "han@b.example"}
    there = client.post(base + "contacts/", person).json()
    assert {name: there[name] for name in person} == person
    again = {"contact_id": there["contact_id"], "role": "finance"}
    assert client.post(base + "contacts/", again).json()["name"] == "Han Mei"
    assert client.post(base + "contacts/", {"contact_id": UNKNOWN, "role": "user"}).status_code == 404
    assert client.delete(f"{base}contacts/{there['id']}/").status_code == 204
    for below, count in (("follow-ups/", 1), ("touches/", 1), ("contacts/", 1)):
        assert len(client.get(base + below).json()["results"]) == count
        assert client.get(f"{LEADS}{UNKNOWN}/{below}").status_code == 404
    assert api(alice).get(base).json()["next_action_at"] == "2099-01-01T09:00:00Z"


def test_the_timeline_speaks_the_readers_language(api, alice: Member, ming: Member) -> None:
    client = api(alice)
    pk = client.post(LEADS, LI_LEI).json()["id"]
    client.patch(f"{LEADS}{pk}/", {"pain": "Slow", "email": "new@acme.example"})
    client.post(f"{LEADS}{pk}/follow-ups/", {"channel": "call", "outcome": "reached", "summary": "Hi"})
    client.post(f"{LEADS}{pk}/touches/", {"kind": "page_view"})

    def texts(reader: APIClient, language: str = "en") -> list[str]:
        body = reader.get(f"{LEADS}{pk}/timeline/", HTTP_ACCEPT_LANGUAGE=language).json()
        return [entry["text"] for entry in body["results"]]

    assert texts(client) == [
        "The lead did something: page view",
        "Followed up by call, reached: Hi",
        "Facts changed: pain: empty → Slow; e-mail: li.lei@acme.example → new@acme.example",
        "Came in through the API",
    ]
    assert texts(client, "zh-hans")[-1] == "通过 API 进入"
    assert "new@acme.example" not in str(texts(api(ming)))
    TimelineEntry.objects.create(lead_id=pk, at=NOW, kind="sung_about", data={})
    assert texts(client)[-1] == "Sung about"


BELOW = {"follow-ups/": 8, "touches/": 8, "contacts/": 8, "timeline/": 9}


@pytest.mark.parametrize("below", BELOW)
def test_lists_below_a_lead_cost_the_same_for_one_and_three(
    client: APIClient, below: str, ming: Member, django_assert_num_queries
) -> None:
    lead = held(ming)
    base = f"{LEADS}{lead.pk}/"

    def add(number: int) -> None:
        client.post(base + "follow-ups/", {"channel": "call", "outcome": "reached"})
        client.post(base + "touches/", {"kind": "page_view"})
        client.post(base + "contacts/", {"name": f"P{number}", "role": "user"})

    add(0)
    client.get(base + below)
    with django_assert_num_queries(BELOW[below]):
        client.get(base + below)
    add(1)
    add(2)
    with django_assert_num_queries(BELOW[below]):
        assert len(client.get(base + below).json()["results"]) >= 3


def test_another_workspaces_lead_is_like_an_unknown_one(client: APIClient, elsewhere) -> None:
    with enter(elsewhere):
        theirs = a_lead(email="x@evil.example")
    for method in ("get", "patch", "delete"):
        answers = [getattr(client, method)(f"{LEADS}{pk}/", {}) for pk in (theirs.pk, UNKNOWN)]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()


def test_custom_fields_are_attributes_of_their_kind(client: APIClient) -> None:
    CustomField.objects.create(key="seats", label="Seats", kind="number")
    made = client.post(LEADS, LI_LEI | {"attributes": {"seats": 12}})
    assert made.json()["attributes"] == {"seats": 12}
    assert errors(client.patch(f"{LEADS}{made.json()['id']}/", {"attributes": {"seats": "many"}})) == {
        "attributes.seats": "invalid"
    }
