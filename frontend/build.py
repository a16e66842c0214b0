"""Copies what the browser needs from frontend/node_modules to frontend/dist/vendor.

Run after `npm ci --ignore-scripts`; no bundler, because nothing here needs one. The icons named in
icons.txt become one SVG sprite, so that a page loads a few kilobytes instead of five thousand files.
"""

import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
VENDOR = HERE / "dist" / "vendor"

FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.css",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "sortablejs/Sortable.min.js": "sortable.js",
    "echarts/dist/echarts.common.min.js": "echarts.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter.woff2",
}
LICENCES = ["bootstrap", "htmx.org", "sortablejs", "echarts", "@fontsource-variable/inter", "@tabler/icons"]
SOURCE_MAP = re.compile(r"^(/\*|//)# sourceMappingURL=.*$", re.MULTILINE)
SHAPE = re.compile(r"<(?:path|circle|line|rect|polyline|polygon|ellipse)\b[^>]*/>")


def copy_files() -> None:
    for source, name in FILES.items():
        if name.endswith((".css", ".js")):
            # The maps are not served, and the static files manifest refuses a reference to nothing.
            text = (MODULES / source).read_text(encoding="utf-8")
            (VENDOR / name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")
        else:
            shutil.copyfile(MODULES / source, VENDOR / name)
    for package in LICENCES:
        for licence in (MODULES / package).glob("LICENSE*"):
            shutil.copyfile(licence, VENDOR / f"LICENSE-{package.strip('@').replace('/', '-')}.txt")


def symbol(name: str) -> str:
    svg = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
    shapes = [shape for shape in SHAPE.findall(svg) if 'stroke="none"' not in shape]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>'


def make_sprite() -> None:
    names = sorted(set((HERE / "icons.txt").read_text().split()))
    sprite = "\n".join(["<svg xmlns='http://www.w3.org/2000/svg'>", *map(symbol, names), "</svg>", ""])
    (VENDOR / "icons.svg").write_text(sprite, encoding="utf-8")


def main() -> int:
    if not MODULES.is_dir():
        sys.stderr.write("frontend/node_modules is missing: run `npm ci --ignore-scripts` in frontend/\n")
        return 1
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    copy_files()
    make_sprite()
    return 0


if __name__ == "__main__":
    sys.exit(main())
