"""Qualification as people do it, in a browser: a rep's day, a refusal filled in on the board, an approval, a deferral.

On both widths and in both languages, all with one program, so that it stays quick.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect, sync_playwright

from insights.pages.settings.pages import GROUPS
from tests.leadcrm.test_look_browser import AXE, RULES
from tests.programs import MANAGE, Up, clean_environment
from tests.test_walk_by_page import WAIT_MS, Person

SECTIONS = [section.key for _group, sections in GROUPS for section in sections]
PLACES = (
    "", "approvals/", "assignments/", "board/", "cases/", "channels/", "channels/new/", "channels/results/",
    "dashboard/", "deliveries/", "duplicates/", "exports/", "exports/new/", "fairness/", "handovers/", "imports/",
    "imports/new/", "leads/", "leads/new/", "let-go/", "notices/", "notices/settings/", "opportunities/", "pools/",
    "pools/leaving/", "referrals/", "response-times/", "scoring/learning/", "scoring/proof/", "scoring/review/",
    "settings/", *(f"settings/{section}/" for section in SECTIONS), "stuck/", "week/",
)  # fmt: skip
PASSWORD = "correct horse battery"
SCREENS: dict[str, dict[str, Any]] = {
    "wide-en": {"viewport": {"width": 1440, "height": 900}, "locale": "en-US"},
    "phone-zh": {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN"},
    "wide-zh": {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN"},
    "phone-en": {"viewport": {"width": 390, "height": 844}, "locale": "en-US"},
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def program() -> Iterator[Up]:
    with Up.somewhere() as up:
        up.ready()
        yield up


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])


def command(program: Up, *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, str(MANAGE), *words, "--json"],
        env=clean_environment() | {"LEADCRM_DATA_DIR": str(program.data_dir)},
        capture_output=True,
        text=True,
        timeout=WAIT_MS / 1000,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Office:
    """A workspace of its own for one screen, reached by the API to set the scene and by pages to play it."""

    def __init__(self, program: Up, browser: Browser, kind: str) -> None:
        self.slug, self.screen, self.program, self.browser = kind, SCREENS[kind], program, browser
        email = f"boss@{kind}.test"
        made = command(
            program, "create_workspace", kind, "--slug", kind, "--email", email, "--password", PASSWORD,
            "--locale", "zh-hans" if kind.endswith("zh") else "en",
        )  # fmt: skip
        self.key, self.boss = made["api_key"], email
        rep = {"email": f"rep@{kind}.test", "name": "Ming", "role": "rep", "password": PASSWORD}
        self.rep = self.ask("POST", "members/", rep)

    def ask(self, method: str, address: str, body: Any = None) -> Any:
        import urllib.request

        asked = urllib.request.Request(
            f"{self.program.ready()}/api/v1/{address}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=WAIT_MS / 1000) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def lead(self, name: str, stage: str, **facts: Any) -> str:
        """A lead that the rep holds, as far as ``stage``."""
        made = self.ask("POST", "leads/", {"name": name, "email": f"{name.lower()}@customer.test", **facts})
        self.ask("POST", f"leads/{made['id']}/assignment/", {"owner": self.rep["id"], "reason": "yours"})
        for step in {"lead": [], "mql": ["to_mql"], "sql": ["to_mql", "to_sql"]}[stage]:
            self.ask("POST", f"leads/{made['id']}/transitions/", {"name": step, "override": "known"})
        return str(made["id"])

    def person(self, email: str) -> Person:
        return Person(self.browser, self.program, self.slug, email, self.screen)


@pytest.mark.parametrize("kind", list(SCREENS))
def test_a_day(program: Up, browser: Browser, kind: str) -> None:
    office = Office(program, browser, kind)
    rep = office.person(office.rep["email"])
    refused_on_the_board(office, rep)
    a_reps_day(office, rep)
    an_approval(office, rep)
    a_deferral_that_returns(office, rep)
    if kind == "wide-en":
        a_colleague_changes_it(office, rep)
        every_page_is_for_everybody(office, PLACES)
    if kind == "phone-zh":
        every_page_is_for_everybody(office, PLACES[::4])
    assert rep.complaints == []


def refused_on_the_board(office: Office, rep: Person) -> None:
    """The gate says no to a step; what is missing is filled in right there, and it passes."""
    lead = office.lead("Refused", "mql")
    page = rep.open("board/")
    card = page.locator(f"[data-card='{lead}']")
    expect(card).to_be_visible(timeout=WAIT_MS)
    page.evaluate(
        "([lead, step]) => window.look.peek(`/w/${location.pathname.split('/')[2]}/leads/${lead}/step/${step}/`)",
        [lead, "to_sql"],
    )
    panel = page.locator("#peek-body")
    panel.locator("[name=pain]").fill("Orders get lost")
    panel.locator("[name=need_level]").select_option("clear")
    panel.locator("form[method=post] button[type=submit]").first.click()
    expect(page.locator(".toast-undo").first).to_be_visible(timeout=WAIT_MS)
    assert office.ask("GET", f"leads/{lead}/")["stage"] == "sql"


def a_reps_day(office: Office, rep: Person) -> None:
    """Today names it, a call is logged with its next step, the step stands in the week, and is taken back."""
    lead = office.lead("Daily", "mql", pain="Stock is unknown", need_level="clear")
    page = rep.open(f"leads/{lead}/")
    form = page.locator(".composer form")
    form.locator("[name=summary]").fill("Wants a demo next week")
    form.locator("[name=next_action]").fill("Send the slots")
    form.locator("button[type=submit]").click()
    expect(page.locator(".toast-undo").first).to_be_visible(timeout=WAIT_MS)
    assert [one["summary"] for one in office.ask("GET", f"leads/{lead}/follow-ups/")["results"]] == [
        "Wants a demo next week"
    ]
    expect(
        rep.open(f"week/?from={timezone.now() + timedelta(days=3):%Y-%m-%d}").locator("#week")
    ).to_contain_text("Send the slots", timeout=WAIT_MS)
    page = rep.open(f"leads/{lead}/")
    page.keyboard.press("t")
    page.locator("#peek-body [name=tags]").fill("hot")
    page.locator("#peek-body form[method=post] button[type=submit]").click()
    tags = page.locator("#lead-body .tags .tag", has_text="hot")
    expect(tags).to_have_count(1, timeout=WAIT_MS)
    page.locator(".toast-undo").last.click()
    expect(tags).to_have_count(0, timeout=WAIT_MS)
    assert office.ask("GET", f"leads/{lead}/")["tags"] == []


def an_approval(office: Office, rep: Person) -> None:
    """The rep's step waits for a manager, who approves it on the page of approvals."""
    always = {"field": "score", "op": "gte", "value": 0}
    gate = {"condition": {"all": []}, "approval_when": always, "approval_score": 0}
    office.ask("PUT", "gates/to_opportunity/", gate)
    lead = office.lead("Approved", "sql", pain="Late deliveries", need_level="clear")
    page = rep.open(f"leads/{lead}/")
    panel = page.locator("#peek-body")
    page.evaluate("url => window.look.peek(url)", f"/w/{office.slug}/leads/{lead}/step/to_opportunity/")
    panel.locator("form[method=post] button[type=submit]").first.click()
    expect(page.locator(".toast-line").last).to_be_visible(timeout=WAIT_MS)
    assert office.ask("GET", f"leads/{lead}/")["stage"] == "sql"
    boss = office.person(office.boss)
    page = boss.open("approvals/")
    expect(page.locator("main")).to_contain_text("Approved", timeout=WAIT_MS)
    page.locator("button[name=approve][value=yes]").first.click()
    expect(page.locator("#waiting")).not_to_contain_text("Approved", timeout=WAIT_MS)
    assert office.ask("GET", f"leads/{lead}/")["stage"] == "opportunity"
    assert boss.complaints == []


def a_deferral_that_returns(office: Office, rep: Person) -> None:
    """Put aside with a reason and a day; on that day it stands on Today, with what to come back with."""
    lead = office.lead("Later", "mql", pain="Next year", need_level="vague")
    page = rep.open(f"leads/{lead}/")
    page.evaluate("url => window.look.peek(url)", f"/w/{office.slug}/leads/{lead}/step/defer/")
    panel = page.locator("#peek-body")
    panel.locator("[name=reason_code]").select_option("budget_not_granted")
    day = timezone.now() + timedelta(days=30)
    panel.locator("[name=resume_at]").fill(f"{day:%Y-%m-%d}")
    panel.locator("[name=angle]").fill("The new price list")
    panel.locator("form[method=post] button[type=submit]").first.click()
    expect(page.locator(".toast-undo").last).to_be_visible(timeout=WAIT_MS)
    assert office.ask("GET", f"leads/{lead}/")["stage"] == "deferred"
    later = (timezone.now() + timedelta(days=31)).isoformat()
    command(office.program, "run_due", "--workspace", office.slug, "--as-of", later)
    back = office.ask("GET", f"leads/{lead}/")
    assert back["stage"] in ("lead", "mql")
    assert "The new price list" in json.dumps(back["deferral"], ensure_ascii=False)
    expect(rep.open(f"leads/{lead}/").locator("#lead-body")).to_contain_text(
        "The new price list", timeout=WAIT_MS
    )


def a_colleague_changes_it(office: Office, rep: Person) -> None:
    """What somebody else writes shows on the open page by itself; not while one writes there."""
    lead = office.lead("Watched", "mql", pain="Late deliveries", need_level="clear")
    page = rep.open(f"leads/{lead}/")
    with page.expect_response(lambda answer: "/bell/" in answer.url, timeout=WAIT_MS):
        pass
    office.ask("PATCH", f"leads/{lead}/", {"pain": "Nobody knows what is in stock"})
    expect(page.locator("#lead-body")).to_contain_text("Nobody knows what is in stock", timeout=WAIT_MS)


def every_page_is_for_everybody(office: Office, places: Sequence[str]) -> None:
    """axe finds nothing on any page that an admin can open from the navigation or the settings."""
    boss = office.person(office.boss)
    lead = office.lead("Seen", "sql", pain="Late deliveries", need_level="clear")
    faults = []
    for place in (*places, f"leads/{lead}/"):
        page = boss.open(place)
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
        faults += [f"{place} {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
    assert not faults, "\n".join(faults)
    assert boss.complaints == []
