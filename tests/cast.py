"""The cast: alice runs the workspace, ming sells, zoe does marketing, mallory belongs to somebody else."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leads.models import Lead
from workspaces.actions import add_member, create_workspace, new_api_key
from workspaces.models import Member, Role, Workspace
from workspaces.tenancy import enter

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
PASSWORD = "correct horse battery"


@pytest.fixture
def workspace(db: None) -> Iterator[Workspace]:
    """Acme's workspace, open for the length of the test."""
    made = create_workspace(
        "Acme",
        slug="acme",
        email="alice@acme.test",
        password=PASSWORD,
        admin_name="Alice",
    )
    with enter(made.workspace):
        yield made.workspace


@pytest.fixture
def alice(workspace: Workspace) -> Member:
    return Member.objects.get(email="alice@acme.test")


@pytest.fixture
def ming(workspace: Workspace) -> Member:
    return join("ming@acme.test", "Ming", Role.REP)


@pytest.fixture
def zoe(workspace: Workspace) -> Member:
    return join("zoe@acme.test", "Zoe", Role.MARKETER)


@pytest.fixture
def elsewhere(db: None) -> Workspace:
    """Mallory's workspace. Open it with ``enter(elsewhere)``."""
    made = create_workspace(
        "Evil",
        slug="evil",
        email="mallory@evil.test",
        password=PASSWORD,
        admin_name="Mallory",
    )
    return made.workspace


@pytest.fixture
def mallory(elsewhere: Workspace) -> Member:
    with enter(elsewhere):
        return Member.objects.get(email="mallory@evil.test")


def join(email: str, name: str, role: str) -> Member:
    """A new member of the open workspace."""
    return add_member(email=email, name=name, role=role, password=PASSWORD, actor=None, as_of=NOW)


@pytest.fixture
def api() -> Callable[[Member], APIClient]:
    """An API client that acts as a member, by a key of theirs."""

    def client(member: Member) -> APIClient:
        workspace = Workspace.objects.get(pk=member.workspace_id)
        with enter(workspace):
            key = new_api_key(member, "test", actor=None, as_of=NOW)
        found = APIClient()
        found.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
        return found

    return client


@pytest.fixture
def page() -> Callable[[Member], Client]:
    """A browser in which a member is signed in."""

    def client(member: Member) -> Client:
        found = Client()
        found.force_login(member.user)
        return found

    return client


def a_lead(**fields: Any) -> Lead:
    """A lead of the open workspace, written straight into the table: for tests of what reads leads."""
    return Lead.objects.create(
        **{"name": "Li Lei", "stage_since": NOW, "pool_since": NOW, "captured_at": NOW} | fields
    )
