"""Every address, every method, every place where an id may stand, with ids of another workspace.

Made from the URL resolver and the OpenAPI document: what is added later is attacked without being
named here. The answer must be that to an unknown id, and nothing of the other workspace may change.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from leads.models import Lead
from tests.tenancy.addresses import Address, addresses, body_schema, operation
from tests.tenancy.bodies import CONDITIONS, KINDS, about, condition_places, example, id_places
from tests.tenancy.catalogue import tenant_models
from tests.tenancy.world import UNKNOWN, Rows, populate, seal
from workspaces.models import Member
from workspaces.tenancy import TenantModel, enter

ADDRESSES = addresses()
API = [one for one in ADDRESSES if one.is_api]
PAGES = [one for one in ADDRESSES if not one.is_api and "slug" in one.parameters]
# Not described in the document: the document itself, and what only answers a browser.
TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b")  # a form's token, in which any four letters may stand by chance
UNDESCRIBED = {"api/v1/schema/", "api/v1/docs/"}
LINKED = {"owner": Member, "channel": KINDS["channel"], "company": KINDS["company"], "team": KINDS["team"]}


@contextmanager
def attempt(address: Address, elsewhere: Any, faults: list[str]) -> Iterator[list[str]]:
    """One address under attack: what it did is undone, what it did to the others is a fault."""
    cache.clear()
    found: list[str] = []
    before = seal(elsewhere)
    with transaction.atomic():
        yield found
        if seal(elsewhere) != before:
            found.append("changed the other workspace")
        transaction.set_rollback(True)
    faults += [f"{address.route}: {fault}" for fault in found]


@pytest.fixture
def theirs(elsewhere: Any) -> Rows:
    with enter(elsewhere):
        return populate()


@pytest.fixture
def ours(workspace: Any, alice: Member) -> Rows:
    return populate()


@pytest.fixture
def client(api: Any, alice: Member) -> APIClient:
    return api(alice)


def plain(response: Any, *ids: Any) -> tuple[int, str]:
    """Status and body of an answer, with the ids that were sent (and CSRF tokens) made alike."""
    body = re.sub(r"\b[A-Za-z0-9]{64}\b", "TOKEN", response.getvalue().decode())
    for pk in ids:
        body = body.replace(str(pk), "ID")
    return response.status_code, body


def send(client: APIClient, method: str, path: str, kind: str, body: Any) -> Any:
    if method in ("get", "delete") or not kind:
        return getattr(client, method)(path)
    if kind == "multipart/form-data":
        return getattr(client, method)(path, body, format="multipart")
    return getattr(client, method)(path, body, format="json")


def model_in(address: Address, parameter: str) -> list[type[TenantModel]]:
    """Of which model an id in the path is, by its name, its view or its place; [] when that can't be told."""
    before = address.route.split(parameter)[0].split("/")[-2]
    plural = {f"{model.__name__.lower()}s": model for model in tenant_models()}
    model = KINDS.get(parameter.removesuffix("_id")) or getattr(address.view, "model", None)
    return [found] if (found := model or plural.get(before)) else []


def test_the_document_describes_every_method() -> None:
    missing = [
        f"{method} {one.path}"
        for one in API
        for method in one.methods
        if one.route not in UNDESCRIBED and operation(one, method) is None
    ]
    assert missing == []


def test_ids_in_the_path(client: APIClient, ours: Rows, theirs: Rows, elsewhere: Any) -> None:
    faults: list[str] = []
    for address in API:
        if not {"uuid", "slug", "str"} & set(address.parameters.values()):
            continue
        with attempt(address, elsewhere, faults) as found:
            for method, parameter in product(address.methods, address.parameters):
                found += in_the_path(address, method, parameter, client, ours, theirs)
    assert faults == []


def in_the_path(
    address: Address, method: str, parameter: str, client: APIClient, ours: Rows, theirs: Rows
) -> list[str]:
    kind, schema = body_schema(operation(address, method) or {})
    body = example(schema, ours) if kind else None
    found = []
    for model in model_in(address, parameter) or theirs:
        cache.clear()  # how often somebody may ask is not the question here
        answers = []
        for pk in (theirs[model].pk, UNKNOWN):
            values = own(address, ours) | {parameter: pk}
            answers.append(plain(send(client, method, address.at(values), kind, body), pk))
        if answers[0] != answers[1] or answers[0][0] != 404:
            found.append(f"{method} with {model.__name__} as {parameter}: {answers}")
    return found


def own(address: Address, ours: Rows) -> dict[str, Any]:
    """Values of our own for every place of a path."""
    found: dict[str, Any] = {"slug": "acme"}
    for parameter in address.parameters:
        models = model_in(address, parameter)
        if parameter != "slug":
            found[parameter] = ours[models[0]].pk if models else UNKNOWN
    return found


def test_ids_in_bodies(client: APIClient, ours: Rows, theirs: Rows, elsewhere: Any) -> None:
    faults: list[str] = []
    for address in API:
        for method in address.methods:
            kind, schema = body_schema(operation(address, method) or {})
            if kind and (id_places(schema) or condition_places(schema)):
                with attempt(address, elsewhere, faults) as found:
                    path = address.at(own(address, ours))
                    found += in_a_body(client, method, path, kind, schema, ours, theirs)
                    found += in_a_condition(client, method, path, kind, schema, ours, theirs)
    assert faults == []


def in_a_body(
    client: APIClient, method: str, path: str, kind: str, schema: dict, ours: Rows, theirs: Rows
) -> list[str]:
    found = []
    for place in id_places(schema):
        for model in [KINDS[place]] if place in KINDS else list(theirs):
            answers = [
                plain(send(client, method, path, kind, with_id(schema, ours, place, pk)), pk)
                for pk in (theirs[model].pk, UNKNOWN)
            ]
            if answers[0] != answers[1]:
                found.append(f"{method} with {model.__name__} as {place}: {answers}")
    return found


def in_a_condition(
    client: APIClient, method: str, path: str, kind: str, schema: dict, ours: Rows, theirs: Rows
) -> list[str]:
    """A rule may name anybody's id: it matches nothing, and never tells whose it is."""
    found = []
    for place, (name, model) in product(condition_places(schema), LINKED.items()):
        body = example(schema, ours) | {place: about(name, theirs[model].pk)}
        answer = send(client, method, path, kind, body)
        if "evil" in answer.getvalue().decode().lower():
            found.append(f"{method} with {name} in {place}: {answer.getvalue()!r}")
    return found


def with_id(schema: dict[str, Any], ours: Rows, place: str, pk: Any) -> dict[str, Any]:
    listed = schema["properties"][place].get("type") == "array"
    return example(schema, ours) | {place: [str(pk)] if listed else str(pk)}


def test_ids_in_queries(client: APIClient, ours: Rows, theirs: Rows, elsewhere: Any) -> None:
    faults: list[str] = []
    for address in API:
        asked = queries(address)
        with attempt(address, elsewhere, faults) as found:
            for name in set(asked) - {"cursor", "limit", "ordering"}:
                for model in [KINDS[name]] if name in KINDS else [Lead, Member]:
                    found += in_a_query(client, address.at(own(address, ours)), name, model, theirs)
    assert faults == []


def queries(address: Address) -> list[str]:
    described = operation(address, "get") or {}
    if "text/html" in described.get("responses", {}).get("200", {}).get("content", {}):
        return []  # a page for people: signed with the moment, so no two are the same
    return [one["name"] for one in described.get("parameters", []) if one["in"] == "query"]


def in_a_query(client: APIClient, path: str, name: str, model: Any, theirs: Rows) -> list[str]:
    answers = []
    for pk in (theirs[model].pk, UNKNOWN):
        value = json.dumps(about("owner", pk)) if name in CONDITIONS else str(pk)
        answers.append(plain(client.get(path, {name: value}), pk))
    if answers[0] == answers[1] and "evil" not in answers[0][1]:
        return []
    return [f"{model.__name__} as {name}: {answers}"]


def test_cursors_of_another_workspace(
    client: APIClient, ours: Rows, theirs: Rows, elsewhere: Any, api: Any
) -> None:
    with enter(elsewhere):
        thief = api(Member.objects.get(email="mallory@evil.test"))
    faults: list[str] = []
    for address in API:
        if "cursor" not in queries(address):
            continue
        page = thief.get(address.at(own(address, theirs)), {"limit": 1}).json()
        if not page.get("next"):
            continue
        with attempt(address, elsewhere, faults) as found:
            path = address.at(own(address, ours))
            stolen = client.get(path + "?" + page["next"].split("?", 1)[1])
            if stolen.status_code not in (200, 400) or "evil" in stolen.getvalue().decode():
                found.append(f"{stolen.status_code} {stolen.getvalue()!r}")
    assert faults == []


def test_pages_of_another_workspace_are_pages_of_none(
    page: Any, alice: Member, ours: Rows, theirs: Rows, elsewhere: Any
) -> None:
    faults: list[str] = []
    for address in PAGES:
        with attempt(address, elsewhere, faults) as found:
            browser, values = page(alice), dict.fromkeys(address.parameters, UNKNOWN)
            for method in ("get", "post"):
                answers = [
                    plain(getattr(browser, method)(address.at(values | {"slug": slug})), slug)
                    for slug in ("evil", "no-such-workspace")
                ]
                if answers[0] != answers[1] or answers[0][0] != 404:
                    found.append(f"{method}: {[status for status, _body in answers]}")
    assert faults == []


def test_ids_in_pages(page: Any, alice: Member, ours: Rows, theirs: Rows, elsewhere: Any) -> None:
    faults: list[str] = []
    for address in PAGES:
        with attempt(address, elsewhere, faults) as found:
            browser = page(alice)
            for parameter, converter in address.parameters.items():
                if converter == "uuid":
                    for model in model_in(address, parameter) or list(theirs):
                        found += in_a_page(browser, address, parameter, model, ours, theirs)
    assert faults == []


def in_a_page(
    browser: Client, address: Address, parameter: str, model: Any, ours: Rows, theirs: Rows
) -> list[str]:
    found = []
    for method in ("get", "post"):
        answers = [
            getattr(browser, method)(address.at(own(address, ours) | {parameter: pk}), {"name": "to_sql"})
            for pk in (theirs[model].pk, UNKNOWN)
        ]
        codes = [answer.status_code for answer in answers]
        told = "evil" in TOKEN.sub("", answers[0].getvalue().decode()).lower()
        if codes not in ([404, 404], [405, 405]) or told:
            found.append(f"{method} with {model.__name__} as {parameter}: {codes} told={told}")
    return found


def test_ids_in_what_pages_are_sent(
    page: Any, alice: Member, ours: Rows, theirs: Rows, elsewhere: Any
) -> None:
    faults: list[str] = []
    for address in PAGES:
        with attempt(address, elsewhere, faults) as found:
            browser, path = page(alice), address.at(own(address, ours))
            for method in ("get", "post"):
                answers = []
                for rows in (theirs, None):
                    sent = {name: rows[model].pk if rows else UNKNOWN for name, model in KINDS.items()}
                    with transaction.atomic():
                        answers.append(getattr(browser, method)(path, sent | {"name": "to_sql"}))
                        transaction.set_rollback(True)
                codes = [answer.status_code for answer in answers]
                if codes[0] != codes[1] or "evil" in answers[0].getvalue().decode().lower():
                    found.append(f"{method}: {codes}")
    assert faults == []


def test_the_browsers_session_opens_only_ones_own_workspaces(alice: Member, elsewhere: Any) -> None:
    browser = Client()
    browser.force_login(alice.user)
    for slug in ("evil", "no-such-workspace"):
        assert browser.get("/api/v1/me/", headers={"X-Workspace": slug}).status_code == 401
    session = browser.session
    session["workspace"] = str(elsewhere.pk)
    session.save()
    assert browser.get("/api/v1/me/").json()["workspace"]["slug"] == "acme"


def test_the_seal_sees_any_change(theirs: Rows, elsewhere: Any) -> None:
    before = seal(elsewhere)
    with enter(elsewhere):
        Lead.objects.filter(pk=theirs[Lead].pk).update(pain="x")
    assert seal(elsewhere) != before
