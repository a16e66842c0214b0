"""Signing in and out, and between workspaces."""

from collections.abc import Callable

from django.test import Client

from tests.cast import PASSWORD
from workspaces.models import Member

Page = Callable[[Member], Client]


def test_signing_in_leads_to_the_workspace_and_out_again(alice: Member) -> None:
    browser = Client()
    assert browser.get("/")["Location"] == "/sign-in/"
    assert browser.get("/sign-in/").status_code == 200
    wrong = browser.post("/sign-in/", {"email": "alice@acme.test", "password": "wrong"})
    assert wrong.status_code == 422
    right = browser.post("/sign-in/", {"email": "Alice@acme.test", "password": PASSWORD})
    assert right["Location"] == "/"
    assert browser.get("/")["Location"] == "/w/acme/"
    assert browser.post("/sign-out/").status_code == 302
    assert browser.get("/w/acme/")["Location"] == "/sign-in/?next=/w/acme/"


def test_where_one_wanted_to_go_is_kept_but_never_elsewhere(alice: Member) -> None:
    sent = {"email": "alice@acme.test", "password": PASSWORD}
    assert Client().post("/sign-in/", sent | {"next": "/w/acme/board/"})["Location"] == "/w/acme/board/"
    assert Client().post("/sign-in/", sent | {"next": "https://evil.example/"})["Location"] == "/"


def test_the_menu_lists_ones_own_workspaces(alice: Member, elsewhere, page: Page) -> None:
    listed = page(alice).get("/w/acme/workspaces/").content.decode()
    assert "Acme" in listed
    assert "Evil" not in listed
