"""``make pictures``: six pictures of the demo into docs/pictures, as README and docs show them."""

import sys
from pathlib import Path

from browsing import ROOT, chromium, demo, signed_in

FOLDER = ROOT / "docs" / "pictures"
REP, MANAGER = "ming@demo.example", "martin@demo.example"
# (file, who, address, what to click first)
PICTURES = [
    ("today", REP, "", ""),
    ("lead", REP, "leads/?owner=me&stage=sql", "[data-row] .row-name a"),
    ("board", MANAGER, "board/", ""),
    ("leads", MANAGER, "leads/", ""),
    ("dashboard", MANAGER, "dashboard/", ""),
    ("stuck", MANAGER, "stuck/", ""),
]


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as home, chromium() as browser:
        for who in (REP, MANAGER):
            page = signed_in(
                browser,
                home,
                who,
                viewport={"width": 1280, "height": 800},
                locale="en-US",
                reduced_motion="reduce",
            )
            for name, member, address, click in PICTURES:
                if member != who:
                    continue
                page.goto(f"{home}/w/demo/{address}")
                if click:
                    page.locator(click).first.click()
                page.wait_for_load_state("networkidle")
                picture = FOLDER / f"{name}.png"
                page.screenshot(path=picture, animations="disabled")
                print(f"{picture.relative_to(ROOT)}  {Path(picture).stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
