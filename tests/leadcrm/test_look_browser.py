"""The component kit in a real browser: content policy, widths, keyboard, accessibility."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

AXE = settings.BASE_DIR / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.urls("tests.leadcrm.kit_urls")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
        yield playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])


@pytest.fixture
def open_kit(browser: Browser, live_server: Any) -> Iterator[Open]:
    """Opens the style page; what the browser complained of is in ``page.complaints``."""
    opened = []

    def open_it(language: str = "en", width: int = 1440, scheme: Any = "light") -> Page:
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened.append(page)
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        page.goto(f"{live_server.url}/kit/?lang={language}")
        return page

    yield open_it
    for page in opened:
        page.close()


def faults(page: Page) -> list[str]:
    """What axe finds, each with the first element at fault."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in found["violations"]]


@pytest.mark.parametrize(
    ("language", "width"), [("en", 390), ("zh-hans", 390), ("en", 800), ("zh-hans", 1920)]
)
def test_nothing_is_refused_by_the_content_policy_or_wider_than_the_screen(
    open_kit: Open, language: str, width: int
) -> None:
    page = open_kit(language, width)
    page.locator("[data-chart] svg").first.wait_for()
    assert page.complaints == []  # type: ignore[attr-defined]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_axe_finds_nothing(open_kit: Open, width: int, scheme: str) -> None:
    assert faults(open_kit(width=width, scheme=scheme)) == []


def test_axe_finds_nothing_in_what_opens_over_the_page(open_kit: Open) -> None:
    page = open_kit()
    for keys in (["j", "x"], ["Control+k"], ["?"]):
        for key in keys:
            page.keyboard.press(key)
        assert faults(page) == [], keys
        page.keyboard.press("Escape")


def test_a_list_is_worked_by_keyboard(open_kit: Open) -> None:
    page = open_kit()
    keys, bar, panel = page.keyboard, page.locator("[data-selection-bar]"), page.locator("#peek")
    for key in ("j", "x", "j", "x"):
        keys.press(key)
    assert bar.locator("[data-selection-count]").inner_text() == "2"
    keys.press("Escape")
    assert bar.is_hidden()
    keys.press("Space")
    panel.locator("h2").wait_for()
    keys.press("Escape")
    assert panel.is_hidden()
    assert page.evaluate("document.activeElement.id") == "lead-1"


def test_a_letter_typed_into_a_field_is_only_a_letter(open_kit: Open) -> None:
    page = open_kit()
    page.locator("textarea").first.fill("")
    page.locator("textarea").first.press_sequentially("j?x")
    assert page.locator("textarea").first.input_value() == "j?x"
    assert page.locator("[data-keys]").is_hidden()


def test_single_keys_can_be_switched_off(open_kit: Open) -> None:
    page = open_kit()
    page.keyboard.press("?")
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.locator("[data-row].is-active").count() == 0


def test_the_command_box_narrows_and_closes(open_kit: Open) -> None:
    page = open_kit()
    page.keyboard.press("Control+k")
    assert page.locator("[data-commands]").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("[data-commands]").is_hidden()


def test_the_theme_is_chosen_and_kept(open_kit: Open) -> None:
    page = open_kit(scheme="dark")
    theme = "document.documentElement.dataset.bsTheme"
    assert page.evaluate(theme) == "dark"
    page.locator(".menu-end > summary").click()
    page.locator("[data-theme-set=light]").click()
    page.reload()
    assert page.evaluate(theme) == "light"


def test_a_refused_drop_by_keyboard_puts_the_card_back(open_kit: Open) -> None:
    page = open_kit()
    card = page.locator("[data-column='2'] [data-card='lead-1']")
    page.route(
        "**/kit/**", lambda route: route.fulfill(status=409, body="<p class='said'>A pain is missing</p>")
    )
    page.wait_for_load_state("networkidle")  # htmx and the board's script are there
    card.focus()
    page.keyboard.press("m")
    page.locator(".targets button:focus").wait_for()
    page.keyboard.press("Enter")
    page.locator("[data-column='2'] [data-card='lead-1'] .said").wait_for()
    assert "is-refused" in (card.get_attribute("class") or "")


def test_what_was_done_can_be_taken_back(open_kit: Open) -> None:
    page = open_kit()
    undone = []
    page.route("**/undo/", lambda route: (undone.append(route.request.method), route.fulfill(status=204)))
    page.evaluate("document.body.setAttribute('hx-trigger', 'changed from:body')")
    page.evaluate("look.toast('Claimed.', {undo: '/undo/'})")
    page.keyboard.press("z")
    page.wait_for_timeout(200)
    assert undone == ["POST"]
