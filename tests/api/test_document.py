"""The OpenAPI document, the browsable docs, and addresses that don't exist."""

import warnings

import pytest
from django.test import Client
from django.urls import reverse

from leadcrm.api import document


def test_the_document_is_openapi_31_and_names_what_the_contract_names() -> None:
    found = document()
    assert found["openapi"].startswith("3.1")
    paths = {path.removeprefix("/api/v1/") for path in found["paths"]}
    promised = (
        "me/ members/ api-keys/ teams/ audit/ leads/ leads/bulk/ leads/{id}/ leads/{lead_id}/transitions/ "
        "leads/{lead_id}/follow-ups/ leads/{lead_id}/touches/ leads/{lead_id}/contacts/ "
        "leads/{lead_id}/timeline/ tags/ companies/ contacts/ opportunities/ tasks/ custom-fields/ "
        "saved-views/ gates/ tag-rules/ channels/ approvals/"
    )
    assert set(promised.split()) <= paths


def test_every_operation_has_a_name_of_its_own_an_answer_and_a_problem() -> None:
    names = []
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            names.append(operation["operationId"])
            assert "default" in operation["responses"], (path, method)
            assert any(code.startswith("2") for code in operation["responses"]), (path, method)
    assert len(names) == len(set(names))


def test_the_document_is_made_without_complaint(capfd: pytest.CaptureFixture[str]) -> None:
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.validation import validate_schema

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        validate_schema(SchemaGenerator().get_schema(request=None, public=True))
    assert capfd.readouterr().err == ""


def test_document_and_docs_are_public(db: None) -> None:
    assert Client().get(reverse("api:schema")).json()["openapi"].startswith("3.1")
    page = Client().get(reverse("api:docs"))
    assert page.status_code == 200
    policy = page["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v1/leads/x/", "/api/v2/leads/"]
)
def test_an_unknown_address_is_a_problem(db: None, path: str) -> None:
    for response in (Client().get(path), Client().post(path)):
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "not_found"


def test_a_forgotten_slash_is_named(db: None) -> None:
    response = Client().post("/api/v1/leads")
    assert response.status_code == 404
    assert "slash" in response.json()["detail"]


@pytest.mark.django_db(transaction=True)
def test_the_docs_render_under_the_strict_policy(chromium: str, live_server) -> None:
    from playwright.sync_api import sync_playwright

    refused: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
        page.goto(live_server.url + reverse("api:docs"))
        page.wait_for_selector(".opblock-tag", timeout=20_000)
        shown = page.locator(".opblock-tag").count()
        browser.close()
    assert shown > 3
    assert refused == []
