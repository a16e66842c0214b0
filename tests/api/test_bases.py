"""What every address of the API has in common, on views made for these tests."""

import pytest
from django.test import override_settings
from django.urls import include, path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIClient

from workspaces.models import Member, RepeatedRequest, Team
from workspaces.refusals import Invalid, Refused
from workspaces.rest import (
    ApiView,
    ApiViewSet,
    Listed,
    Retrieved,
    addresses,
    check_version,
    resource,
    with_etag,
)
from workspaces.shapes import Reference, RowShape, Shape
from workspaces.tenancy import enter


class TeamShape(RowShape):
    name = serializers.CharField(max_length=200)
    lead = Reference(Member, required=False, allow_null=True)


class TeamOut(RowShape):
    name = serializers.CharField()


class Teams(Listed, Retrieved, ApiViewSet):
    model = Team
    serializer_class = TeamOut
    orderings = ("created_at", "name")
    needs = {"GET": "read", "POST": "teams", "PATCH": "teams"}

    def create(self, request, *args, **kwargs):  # type: ignore[no-untyped-def]
        values = self.valid(shape=TeamShape)
        if values["name"] == "refused":
            Team.objects.create(name="must not stay")
            raise Refused(
                "full", "No more teams.", unmet=[{"field": "name", "code": "full", "message": "No."}]
            )
        if values["name"] == "invalid":
            raise Invalid.field("name", "Not that one.")
        if values["name"] == "crash":
            raise RuntimeError("secret detail")
        team = Team.objects.create(name=values["name"])
        return with_etag(Response(self.shown(team), status=201), 1)

    def partial_update(self, request, pk):  # type: ignore[no-untyped-def]
        team = self.get_object()
        check_version(request, 3)
        return Response(self.shown(team))


class Open(ApiView):
    needs = "public"

    def get(self, request):  # type: ignore[no-untyped-def]
        return Response({"member": None})


app_name = "api"
here = [*resource("teams", Teams, "team"), ("open/", Open.as_view(), "open")]
urlpatterns = [path("api/v1/", include((addresses(here), "api")))]
handler404 = "leadcrm.errors.not_found"
handler500 = "leadcrm.errors.crashed"

pytestmark = pytest.mark.urls("tests.api.test_bases")
ADDRESS = "/api/v1/teams/"


@pytest.fixture
def client(api, alice) -> APIClient:  # type: ignore[no-untyped-def]
    return api(alice)


def is_problem(response, status: int) -> dict:  # type: ignore[no-untyped-def, type-arg]
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "errors"} <= set(body)
    assert body["status"] == status
    assert body["title"]
    for error in body["errors"]:
        assert {"field", "code", "message"} <= set(error)
    return body


def test_no_key_and_wrong_keys(client, workspace):
    for header in (
        {},
        {"HTTP_AUTHORIZATION": "Bearer nonsense"},
        {"HTTP_AUTHORIZATION": "Bearer lc_" + "A" * 48},
    ):
        response = APIClient().get(ADDRESS, **header)
        is_problem(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"


def test_an_inactive_members_key_is_no_key(api, ming):
    client = api(ming)
    assert client.get(ADDRESS).status_code == 200
    Member.objects.filter(pk=ming.pk).update(is_active=False)
    is_problem(client.get(ADDRESS), 401)


def test_public_addresses_need_no_key(db):
    assert APIClient().get("/api/v1/open/").status_code == 200


def test_the_role_decides(api, ming):
    assert api(ming).get(ADDRESS).status_code == 200
    is_problem(api(ming).post(ADDRESS, {"name": "A"}), 403)


def test_unknown_method_and_address(client):
    is_problem(client.delete(ADDRESS), 405)
    is_problem(client.get("/api/v1/nothing/"), 404)
    is_problem(client.get(ADDRESS + "not-an-id/"), 404)


def test_another_workspaces_id_is_like_an_unknown_one(client, elsewhere):
    with enter(elsewhere):
        theirs = Team.objects.create(name="Theirs")
    unknown = client.get(f"{ADDRESS}01890000-0000-7000-8000-000000000000/")
    foreign = client.get(f"{ADDRESS}{theirs.pk}/")
    is_problem(foreign, 404)
    assert foreign.json() == unknown.json()


def test_malformed_bodies(client):
    def send(body: bytes, kind: str = "application/json"):  # type: ignore[no-untyped-def]
        return client.generic("POST", ADDRESS, body, content_type=kind)

    for body in (
        b"{",
        b"\xff\xfe",
        b'{"name": NaN}',
        b"[" * 100_000,
        b'{"name": "a\\u0000"}',
        b'{"name": "\\ud800"}',
    ):
        is_problem(send(body), 400)
    is_problem(send(b"a: b", "text/yaml"), 415)
    is_problem(send(b"name=A", "application/x-www-form-urlencoded"), 415)
    is_problem(send(b"[]"), 422)
    is_problem(client.get(ADDRESS + "?q=%00"), 400)


def test_too_large(client):
    body = b'{"name": "' + b"a" * (12 * 1024 * 1024) + b'"}'
    is_problem(client.generic("POST", ADDRESS, body, content_type="application/json"), 413)


def test_a_body_in_chunks_is_refused_rather_than_read_as_empty(client):
    chunks = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    is_problem(client.generic("POST", ADDRESS, b"{}", content_type="application/json", **chunks), 411)


def test_values_that_do_not_validate_name_their_field(client):
    body = is_problem(client.post(ADDRESS, {"name": "x" * 300, "colour": "red", "id": "1"}), 422)
    assert {(error["field"], error["code"]) for error in body["errors"]} == {
        ("colour", "unknown"),
        ("id", "read_only"),
    }
    assert is_problem(client.post(ADDRESS, {}), 422)["errors"][0]["field"] == "name"


def test_a_reference_to_another_workspace_is_like_an_unknown_one(client, mallory):
    answers = [
        client.post(ADDRESS, {"name": "A", "lead": str(pk)})
        for pk in (mallory.pk, "01890000-0000-7000-8000-000000000000")
    ]
    assert is_problem(answers[0], 422) == answers[1].json()


def test_a_refusal_changes_nothing_and_says_why(client):
    body = is_problem(client.post(ADDRESS, {"name": "refused"}), 409)
    assert body["code"] == "full"
    assert body["unmet"][0]["field"] == "name"
    assert not Team.objects.filter(name="must not stay").exists()
    is_problem(client.post(ADDRESS, {"name": "invalid"}), 422)


def test_a_crash_tells_no_details(client):
    client.raise_request_exception = False
    body = is_problem(client.post(ADDRESS, {"name": "crash"}), 500)
    assert "secret" not in str(body)


def test_old_version(client):
    team = Team.objects.create(name="A")
    address = f"{ADDRESS}{team.pk}/"
    is_problem(client.patch(address, {}, HTTP_IF_MATCH='"2"'), 412)
    is_problem(client.patch(address, {}, HTTP_IF_MATCH="junk"), 412)
    for good in ('"3"', 'W/"3"', "*"):
        assert client.patch(address, {}, HTTP_IF_MATCH=good).status_code == 200


def test_a_repeated_post_is_done_once(client):
    first = client.post(ADDRESS, {"name": "A"}, HTTP_IDEMPOTENCY_KEY="k1")
    again = client.post(ADDRESS, {"name": "A"}, HTTP_IDEMPOTENCY_KEY="k1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again["ETag"] == first["ETag"]
    assert again["Idempotent-Replayed"] == "true"
    assert Team.objects.filter(name="A").count() == 1
    body = is_problem(client.post(ADDRESS, {"name": "B"}, HTTP_IDEMPOTENCY_KEY="k1"), 422)
    assert body["errors"][0]["code"] == "key_reused"
    is_problem(client.post(ADDRESS, {"name": "B"}, HTTP_IDEMPOTENCY_KEY=""), 422)


def test_a_refused_post_may_be_tried_again_with_its_key(client):
    is_problem(client.post(ADDRESS, {"name": "refused"}, HTTP_IDEMPOTENCY_KEY="k2"), 409)
    assert not RepeatedRequest.objects.exists()
    assert client.post(ADDRESS, {"name": "fine"}, HTTP_IDEMPOTENCY_KEY="k2").status_code == 201


def test_keys_of_different_members_do_not_meet(api, client, workspace):
    from tests.cast import join

    boss = join("boss@acme.test", "Boss", "manager")
    assert client.post(ADDRESS, {"name": "A"}, HTTP_IDEMPOTENCY_KEY="k").status_code == 201
    assert api(boss).post(ADDRESS, {"name": "B"}, HTTP_IDEMPOTENCY_KEY="k").status_code == 201


def test_throttled(client, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"member": "2/min"}}
    answers = [client.get(ADDRESS) for _ in range(5)]  # the minute may turn once
    response = next(answer for answer in answers if answer.status_code == 429)
    is_problem(response, 429)
    assert 1 <= int(response["Retry-After"]) <= 61


def test_errors_speak_the_askers_language(client, workspace):
    assert (
        is_problem(client.delete(ADDRESS, HTTP_ACCEPT_LANGUAGE="zh-CN"), 405)["title"] == "此地址不支持该方法"
    )
    workspace.locale = "zh-hans"
    workspace.save()
    assert is_problem(client.delete(ADDRESS), 405)["title"] == "此地址不支持该方法"


def test_whatever_is_accepted_the_answer_is_json(client):
    assert client.get(ADDRESS, HTTP_ACCEPT="text/csv")["Content-Type"] == "application/json"
    assert client.get(ADDRESS + "?format=csv").status_code == 200


def test_the_signed_in_browser_works_too_with_csrf(alice, workspace):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(alice.user)
    assert browser.get(ADDRESS).status_code == 200
    is_problem(browser.post(ADDRESS, {"name": "A"}), 403)
    browser.cookies["csrftoken"] = "a" * 32
    assert browser.post(ADDRESS, {"name": "A"}, HTTP_X_CSRFTOKEN="a" * 32).status_code == 201
    is_problem(browser.get(ADDRESS, HTTP_X_WORKSPACE="other"), 401)


@override_settings(DEBUG=False)
def test_a_list_costs_the_same_for_one_row_and_three(client, django_assert_num_queries):
    Team.objects.create(name="T1")
    client.get(ADDRESS)
    with django_assert_num_queries(7):
        assert len(client.get(ADDRESS).json()["results"]) == 1
    Team.objects.create(name="T2")
    Team.objects.create(name="T3")
    with django_assert_num_queries(7):
        assert len(client.get(ADDRESS).json()["results"]) == 3


class _Unused(Shape):
    """Shape alone refuses strangers too."""


def test_shape_refuses_strangers():
    assert not _Unused(data={"a": 1}).is_valid()
