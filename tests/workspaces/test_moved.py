"""Whoever looks at what a colleague changes is told so: once it is committed, and in no other workspace."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from leads.actions import edit
from leads.models import Lead
from tests.cast import NOW, a_lead, join
from workspaces.actions import create_workspace
from workspaces.models import Member, Workspace
from workspaces.moved import mark_of
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/w/acme/notices/bell/"
Page = Callable[[Member], Client]


@pytest.fixture
def acme() -> Workspace:
    made = create_workspace("Acme", slug="acme", email="a@acme.test", password="x" * 12, admin_name="A")
    return made.workspace


def reachable(email: str) -> Lead:
    return a_lead(email=email, email_key=email)


def test_a_page_hears_of_what_a_colleague_changed(acme: Workspace, page: Page) -> None:
    with enter(acme):
        ming, rosa = join("ming@acme.test", "Ming", "manager"), join("rosa@acme.test", "Rosa", "manager")
        lead, other = reachable("a@x.io"), reachable("b@x.io")
    browser, asked = page(ming), {"lead": str(lead.pk)}
    first = browser.get(HOME, asked).json()
    known = asked | {"version": first["version"], "mark": first["mark"]}
    assert browser.get(HOME, known).status_code == 204
    with enter(acme):
        edit(other.pk, {"pain": "Slow"}, as_of=NOW, actor=rosa)
    assert browser.get(HOME, known).status_code == 204, "another lead moved"
    with enter(acme):
        edit(lead.pk, {"pain": "Slow"}, as_of=NOW, actor=rosa)
    second = browser.get(HOME, known).json()
    assert second["mark"] != first["mark"] and not second["mine"]
    with enter(acme):
        edit(lead.pk, {"pain": "Slower"}, as_of=NOW, actor=ming)
    assert browser.get(HOME, known).json()["mine"]


def test_lists_hear_of_any_lead_of_their_workspace_alone(acme: Workspace) -> None:
    other = create_workspace("Evil", slug="evil", email="m@evil.test", password="x" * 12, admin_name="M")
    with enter(acme):
        lead = reachable("a@x.io")
        before = mark_of()
    with enter(other.workspace):
        reachable("b@x.io")
        assert mark_of(str(lead.pk)) == ""
    with enter(acme):
        assert mark_of() == before
    with enter(acme):
        edit(lead.pk, {"pain": "Slow"}, as_of=NOW, actor=None)
        assert mark_of() == before, "not before it is committed"
    with enter(acme):
        assert mark_of() != before


def test_what_is_rolled_back_moved_nothing(acme: Workspace) -> None:
    with enter(acme):
        lead = reachable("a@x.io")
    with enter(acme):
        before = mark_of()
        edit(lead.pk, {"pain": "Slow"}, as_of=NOW, actor=None)
        transaction.set_rollback(True)
    with enter(acme):
        assert mark_of() == before
