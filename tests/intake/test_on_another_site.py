"""A form and the script of visits on somebody else's page, in a real browser."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright

from intake import forms
from intake.actions import answers_due
from intake.models import Visitor
from leads.actions.sources import add_channel
from leads.models import Channel, Lead, Touch
from tests.cast import NOW, PASSWORD
from workspaces.actions import create_workspace
from workspaces.models import Workspace
from workspaces.tenancy import enter

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
        yield playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])


@pytest.fixture
def acme(transactional_db: None) -> Workspace:
    return create_workspace("Acme", slug="acme", email="alice@acme.test", password=PASSWORD).workspace


@pytest.fixture
def channel(acme: Workspace) -> Channel:
    with enter(acme):
        form = {"fields": ["name", "email", "pain"], "required": ["email"], "title": "Ask us"}
        return add_channel("Site", kind="form", form=form, consent_text="Yes.", as_of=NOW, actor=None)


OWN = """<form data-leadcrm action="/thanks"><label>E-mail <input name="email"></label>
    <button>Ask</button></form>"""


@pytest.fixture
def site(live_server: Any, channel: Channel) -> Iterator[str]:
    """A page of another origin that carries both scripts; at /late the visits' one long after the form; at /own a
    form of the site's own."""
    program = live_server.url.replace("localhost", "127.0.0.1")
    head = """<!doctype html><html lang="en"><title>Somebody's page</title><h1>Contact</h1>"""
    visits, embed = (f"{program}/f/{channel.token}/{name}.js" for name in ("visits", "embed"))
    late = f"""setTimeout(() => document.head.append(Object.assign(document.createElement("script"),
        {{ src: "{visits}" }})), 1500)"""
    bodies = {
        "/late": f'<script src="{embed}"></script><script>{late}</script>',
        "/own": f'<script src="{visits}"></script>{OWN}',
    }
    usual = f'<script src="{visits}"></script><script src="{embed}"></script>'

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = head + bodies.get(self.path, usual)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *said: Any) -> None:
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setattr(forms, "QUICKEST_S", 0)
    context = browser.new_context(locale="en-US")
    yield context.new_page()
    context.close()


def test_a_form_in_a_frame_and_visits_after_consent(
    browser: Browser, site: str, acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "QUICKEST_S", 0)
    context = browser.new_context(locale="en-US")
    page, sent = context.new_page(), []
    page.on("request", lambda request: "/visits/" in request.url and sent.append(request.post_data))
    page.goto(f"{site}/contact?utm_source=fair")
    frame = page.frame_locator("iframe")
    frame.get_by_text("Ask us").wait_for()
    page.wait_for_function("parseInt(document.querySelector('iframe').style.height) > 300")
    assert (sent, page.evaluate("localStorage.length"), context.cookies(site)) == ([], 0, [])
    page.evaluate("leadcrm.agree()")
    page.reload()
    frame.get_by_label("E-mail").fill("ada@x.example")
    frame.get_by_label("Yes.").check()
    assert sent == []  # nobody knows them yet
    frame.get_by_role("button", name="Send").click()
    frame.get_by_text("Thank you").wait_for()
    page.wait_for_function("JSON.parse(localStorage.getItem('leadcrm')).known")
    page.goto(f"{site}/prices")
    page.wait_for_timeout(500)
    assert sent
    answers_due(acme, timezone.now())
    with enter(acme):
        lead = Lead.objects.get()
        first = Touch.objects.get(kind="form_submit")
        assert (first.data["utm_source"], first.data["page"]) == ("fair", f"{site}/contact")
        seen = set(Touch.objects.filter(lead=lead, kind="page_view").values_list("data__page", flat=True))
        assert f"{site}/prices" in seen
        assert Visitor.objects.count() == 1
    page.evaluate("leadcrm.withdraw()")
    page.wait_for_timeout(500)
    assert page.evaluate("localStorage.length") == 0
    with enter(acme):
        assert Visitor.objects.count() == 0
    context.close()


def send_form(page: Page, *, agree: bool = True) -> None:
    """Fill in the form in its frame and wait for its thanks."""
    frame = page.frame_locator("iframe")
    frame.get_by_label("E-mail").fill("ada@x.example")
    if agree:
        frame.get_by_label("Yes.").check()
    frame.get_by_role("button", name="Send").click()
    frame.get_by_text("Thank you").wait_for()
    page.wait_for_timeout(300)


def stored(page: Page) -> Any:
    return page.evaluate("JSON.parse(localStorage.getItem('leadcrm'))")


def keyed(page: Page) -> None:
    """Wait until the form in the frame has the browser's key, or, without one, has none."""
    page.wait_for_function("window.leadcrm")
    field = page.frame_locator("iframe").locator("[data-visitor]")
    expect(field).to_have_value(page.evaluate("leadcrm.visitor()"))


def test_whoever_agrees_while_the_form_stands_there_is_recognised(
    page: Page, site: str, acme: Workspace
) -> None:
    page.goto(f"{site}/contact")
    page.frame_locator("iframe").get_by_text("Ask us").wait_for()
    page.evaluate("leadcrm.agree()")
    keyed(page)
    send_form(page)
    assert stored(page)["known"]
    answers_due(acme, timezone.now())
    with enter(acme):
        assert Visitor.objects.count() == 1
        assert Touch.objects.filter(kind="page_view").count() == 1


def test_whoever_takes_it_back_before_sending_is_not(page: Page, site: str, acme: Workspace) -> None:
    page.goto(f"{site}/contact")
    page.evaluate("leadcrm.agree()")
    keyed(page)
    page.evaluate("leadcrm.withdraw()")
    keyed(page)
    send_form(page)
    answers_due(acme, timezone.now())
    with enter(acme):
        assert (Lead.objects.count(), Visitor.objects.count()) == (1, 0)


def test_the_script_of_visits_may_come_after_the_form(page: Page, site: str, acme: Workspace) -> None:
    page.goto(f"{site}/contact")
    page.evaluate("leadcrm.agree()")
    page.goto(f"{site}/late")
    keyed(page)
    send_form(page)
    assert stored(page)["known"]


def test_of_whom_the_form_was_not_agreed_by_nothing_is_sent(page: Page, site: str, acme: Workspace) -> None:
    sent: list[Any] = []
    page.on("request", lambda request: "/visits/" in request.url and sent.append(request.post_data))
    page.goto(f"{site}/contact")
    page.evaluate("leadcrm.agree()")
    keyed(page)
    send_form(page, agree=False)
    assert (stored(page)["known"], sent) == (False, [])


def test_pages_before_a_form_of_the_sites_own_come_with_its_answer(
    page: Page, site: str, acme: Workspace
) -> None:
    sent: list[Any] = []
    page.on("request", lambda request: "/visits/" in request.url and sent.append(request.post_data_json))
    page.goto(f"{site}/prices")
    page.evaluate("leadcrm.agree()")
    page.goto(f"{site}/own")
    page.get_by_label("E-mail").fill("ada@x.example")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/thanks*")
    page.wait_for_timeout(500)
    assert [event["data"]["url"] for event in sent[0]["events"]] == [f"{site}/prices", f"{site}/own"]
    assert sent[0]["answers"] == {"email": "ada@x.example"}
    answers_due(acme, timezone.now())
    with enter(acme):
        seen = set(Touch.objects.filter(kind="page_view").values_list("data__page", flat=True))
    assert {f"{site}/prices", f"{site}/own"} <= seen
