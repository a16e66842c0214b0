"""A Chromium for browser tests: found on this machine, or the reason why they are skipped."""

import os
import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str:
    """Path of a Chromium, or '' when there is none: ``CHROMIUM``, the PATH, or Playwright's own."""
    named = os.environ.get("CHROMIUM", "")
    found = [shutil.which(name) for name in ((named,) if named else NAMES)]
    places = [place for place in PLACES if Path(place).exists()]
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    places += [str(path) for path in sorted(cache.glob("chromium*/chrome-linux*/chrome"))]
    return next((path for path in (*found, *places) if path), "")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, or fails where BROWSER=required."""
    path = find_chromium()
    if not path and os.environ.get("BROWSER") == "required":
        pytest.fail("BROWSER=required, but no Chromium was found (set CHROMIUM or install chromium)")
    if not path:
        pytest.skip("no Chromium found: install chromium, or name one in CHROMIUM")
    return path
