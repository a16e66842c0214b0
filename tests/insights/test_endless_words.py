"""Names of one endless word, and pasted HTML, on real pages in a real browser: no page grows wider, nothing runs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from leads.actions import add_task, log_follow_up
from leads.models import CustomField
from pools.models import PoolPolicy
from scoring.actions import new_card
from tests.cast import NOW, a_lead
from tests.scoring.cards import SETTINGS
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db(transaction=True)
WORD, PASTED = "W" * 190, "<img src=x onerror='window.ran = 1'><script>window.ran = 1</script><b>bold</b> "


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
        yield playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])


def endless(alice: Member) -> list[str]:
    """Rows with such names; the pages that show them."""
    about = {
        "company": None,
        "title": WORD,
        "industry": WORD,
        "email": "a@x.io",
        "email_key": "a@x.io",
        "held_since": NOW,
    }
    lead = a_lead(name=WORD, pain=PASTED + WORD, pool="sales", owner=alice, stage="mql", **about)
    add_task(member_id=alice.pk, title=WORD, due_at=NOW, lead_id=lead.pk, as_of=NOW, actor=alice)
    log_follow_up(lead.pk, channel="call", summary=PASTED * 200, as_of=NOW, actor=alice)
    CustomField.objects.create(key="w" * 60, label=WORD, kind="text")
    PoolPolicy.objects.create(name=WORD, position=9)
    card = new_card(as_of=NOW, actor=None, **SETTINGS | {"name": WORD})
    here = [
        "",
        "week/?from=2026-03-02",
        "leads/",
        f"leads/{lead.pk}/",
        "board/",
        "stuck/",
        "settings/fields/",
    ]
    return [*here, "settings/pools/", f"settings/scoring/?card={card.pk}"]


@pytest.mark.parametrize(("width", "language"), [(390, "en-US"), (1440, "zh-CN")])
def test_no_page_grows_wider_and_nothing_runs(
    browser: Browser,
    live_server: Any,
    page: Callable[[Member], Client],
    workspace: Workspace,
    alice: Member,
    width: int,
    language: str,
) -> None:
    with enter(workspace):
        addresses = endless(alice)
    session = page(alice).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport={"width": width, "height": 844}, locale=language)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    here = context.new_page()
    for address in addresses:
        answer = here.goto(f"{live_server.url}/w/acme/{address}")
        assert answer is not None and answer.status == 200, address
        assert here.evaluate("document.documentElement.scrollWidth") <= width, address
        assert not here.evaluate("window.ran"), address
    context.close()
