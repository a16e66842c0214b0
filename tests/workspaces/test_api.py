"""me/, members/, teams/, api-keys/ and audit/."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.cast import a_lead, join
from workspaces.models import ApiKey, Member, Team
from workspaces.tenancy import enter

API = "/api/v1/"
UNKNOWN = "01890000-0000-7000-8000-000000000000"
LISTS = {"members/": 7, "teams/": 7, "api-keys/": 7, "audit/": 7}


@pytest.fixture
def client(api, alice) -> APIClient:  # type: ignore[no-untyped-def]
    return api(alice)


def errors(response: Any, status: int = 422) -> dict[str, str]:
    assert response.status_code == status, response.content
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def test_me(api, ming: Member) -> None:
    body = api(ming).get(API + "me/").json()
    assert body["member"]["email"] == "ming@acme.test"
    assert (body["role"], body["workspace"]["slug"]) == ("rep", "acme")


def test_a_member_is_added_changed_and_deactivated(client: APIClient, alice: Member) -> None:
    team = client.post(API + "teams/", {"name": "North"}).json()
    new = {"email": "Han@Acme.test", "name": "Han", "role": "rep", "team": team["id"], "capacity": 5}
    made = client.post(API + "members/", new | {"password": "long enough for this"})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["email"], body["team_name"], body["capacity"]) == ("han@acme.test", "North", 5)
    address = f"{API}members/{body['id']}/"
    assert client.patch(address, {"role": "manager", "team": None}).json()["role"] == "manager"
    assert client.delete(address).status_code == 204
    assert client.get(address).json()["is_active"] is False
    assert client.post(API + "members/", new).status_code == 201  # back again
    assert client.post(API + "members/", new).status_code == 409


def test_what_a_member_must_have(client: APIClient, alice: Member) -> None:
    assert set(errors(client.post(API + "members/", {}))) == {"email", "role"}
    weak = {"email": "h@acme.test", "role": "rep", "password": "1234"}
    assert errors(client.post(API + "members/", weak)) == {"password": "invalid"}
    wrong_team = {"email": "h@acme.test", "role": "rep", "team": UNKNOWN}
    assert errors(client.post(API + "members/", wrong_team)) == {"team": "unknown"}
    assert client.patch(f"{API}members/{alice.pk}/", {"role": "rep"}).json()["code"] == "last_admin"
    assert client.delete(f"{API}members/{alice.pk}/").json()["code"] == "last_admin"


def test_who_holds_leads_is_not_deactivated(client: APIClient, ming: Member) -> None:
    a_lead(owner=ming, pool="sales")
    assert client.delete(f"{API}members/{ming.pk}/").json()["code"] == "holds_leads"


def test_only_admins_manage_members_and_keys(api, ming: Member) -> None:
    for path in ("members/", "api-keys/"):
        assert api(ming).post(API + path, {}).status_code == 403
    assert api(ming).get(API + "api-keys/").status_code == 403
    assert api(ming).get(API + "members/").status_code == 200


def test_a_key_is_shown_once_works_and_can_be_dropped(client: APIClient, ming: Member) -> None:
    made = client.post(API + "api-keys/", {"member": str(ming.pk), "name": "crm bridge"})
    key = made.json()["key"]
    assert made.status_code == 201
    assert ApiKey.objects.get(pk=made.json()["id"]).digest != key
    assert key not in client.get(API + "api-keys/").content.decode()
    bridge = APIClient()
    bridge.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    assert bridge.get(API + "me/").json()["member"]["name"] == "Ming"
    assert client.get(API + "api-keys/").json()["results"][0]["last_used_at"] is not None
    assert client.delete(f"{API}api-keys/{made.json()['id']}/").status_code == 204
    assert bridge.get(API + "me/").status_code == 401


def test_a_key_for_a_member_of_another_workspace_is_like_for_nobody(client: APIClient, mallory) -> None:
    answers = [
        client.post(API + "api-keys/", {"member": str(pk), "name": "x"}) for pk in (mallory.pk, UNKNOWN)
    ]
    assert errors(answers[0]) == {"member": "unknown"}
    assert answers[0].json() == answers[1].json()


def test_teams(client: APIClient, ming: Member) -> None:
    team = client.post(API + "teams/", {"name": "North"}).json()
    address = f"{API}teams/{team['id']}/"
    assert client.post(API + "teams/", {"name": "North"}).status_code == 409
    assert client.patch(address, {"name": "South"}).json()["name"] == "South"
    Member.objects.filter(pk=ming.pk).update(team=Team.objects.get())
    assert client.delete(address).json()["code"] == "in_use"
    Member.objects.filter(pk=ming.pk).update(team=None)
    assert client.delete(address).status_code == 204


def test_the_audit_log_says_who_changed_what(client: APIClient, alice: Member, ming: Member, api) -> None:
    client.post(API + "teams/", {"name": "North"})
    [entry] = client.get(API + "audit/", {"action": "team_added"}).json()["results"]
    assert (entry["actor"], entry["data"]) == (str(alice.pk), {"name": "North"})
    assert client.get(API + "audit/", {"actor": UNKNOWN}).json()["results"] == []
    assert errors(client.get(API + "audit/", {"actor": "x"})) == {"actor": "malformed"}
    assert api(ming).get(API + "audit/").status_code == 403


@pytest.mark.parametrize("path", LISTS)
def test_lists_cost_the_same_for_one_row_and_three(
    client: APIClient, path: str, django_assert_num_queries
) -> None:
    Team.objects.create(name="A")
    client.get(API + path)
    with django_assert_num_queries(LISTS[path]):
        assert client.get(API + path).json()["results"]
    for name in "bc":
        team = Team.objects.create(name=name)
        member = join(f"{name}@acme.test", name, "rep")
        Member.objects.filter(pk=member.pk).update(team=team)
        client.post(API + "api-keys/", {"member": str(member.pk), "name": name})
    with django_assert_num_queries(LISTS[path]):
        assert len(client.get(API + path).json()["results"]) >= 3


def test_nothing_of_another_workspace_is_listed(client: APIClient, elsewhere, mallory) -> None:
    with enter(elsewhere):
        Team.objects.create(name="Theirs")
    for path in LISTS:
        assert "evil" not in client.get(API + path).content.decode()
        assert "Theirs" not in client.get(API + path).content.decode()
