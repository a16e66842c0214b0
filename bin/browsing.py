"""The demo in a headless Chromium, for pictures and for measuring how it feels: nothing of it stays behind."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PASSWORD = "demo-leads-2026"
PORT = int(os.environ.get("PORT", "8765"))


@contextmanager
def demo() -> Iterator[str]:
    """The address of the demo: the running one of DEMO_URL, or one started for this in a folder of its own."""
    if running := os.environ.get("DEMO_URL"):
        yield running.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="leadcrm-") as folder:
        os.chmod(folder, 0o755)
        command = [sys.executable, "manage.py", "up", "--demo", "--port", str(PORT), "--data-dir", folder]
        program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert program.stdout is not None
            for line in program.stdout:
                if line.startswith("ready "):
                    yield line.split()[1]
                    break
            else:
                sys.exit("The demo did not start.")
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(60)


@contextmanager
def chromium() -> Iterator[Browser]:
    from tests.browser import find_chromium

    path = find_chromium()
    if not path:
        sys.exit("No Chromium found: install chromium, or name one in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def signed_in(browser: Browser, home: str, email: str, **screen: Any) -> Page:
    """A page on which this member of the demo is signed in."""
    page = browser.new_context(**screen).new_page()
    page.goto(f"{home}/sign-in/")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) button[type=submit]").click()
    page.wait_for_url("**/w/**")
    return page
