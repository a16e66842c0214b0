"""The texts of each room: extracted from code and templates into .po, checked, compiled to .mo.

Needs no GNU gettext: Babel reads Python and Jinja, Django's own ``templatize`` turns a template into
something Python-like, polib reads and writes the catalogues. Run as a program it compiles.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polib

BASE_DIR = Path(__file__).resolve().parent.parent
LANGUAGE = "zh_Hans"
PROJECT = "leadcrm"  # the templates that belong to no room are the project's
HEADER = {
    "Language": LANGUAGE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
KEYWORDS: dict[str, tuple | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


@dataclass(frozen=True, order=True)
class Text:
    """One text to translate, as it stands in the source."""

    msgid: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.msgid, self.context


def rooms() -> list[str]:
    return sorted(path.parent.name for path in BASE_DIR.glob("*/apps.py"))


def catalogue_path(room: str) -> Path:
    return BASE_DIR / room / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


# --- extract ------------------------------------------------------------------------------------


def texts_of(room: str) -> set[Text]:
    """Every text in a room's code and templates."""
    found: set[Text] = set()
    for path in sorted((BASE_DIR / room).rglob("*.py")):
        if "migrations" not in path.parts:
            found |= set(_texts(io.BytesIO(path.read_bytes())))
    for path in _templates(room):
        jinja = path.suffix == ".jinja"
        found |= set(_texts(path.open("rb"), "jinja2") if jinja else _texts(_as_python(path)))
    return found


def _templates(room: str) -> list[Path]:
    folder = BASE_DIR / "templates"
    found = [path for path in (folder / room).rglob("*") if path.is_file()]
    if room == PROJECT:
        others = {folder / name for name in rooms()}
        found += [p for p in folder.rglob("*") if p.is_file() and not others & set(p.parents)]
    return sorted(path for path in found if path.suffix in {".html", ".txt", ".xml", ".jinja"})


def _as_python(path: Path) -> IO[bytes]:
    from django.utils.translation.template import templatize

    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    lines = (line.strip() for line in source.splitlines())  # its indentation is the template's
    return io.BytesIO("\n".join(lines).encode())


def _texts(source: IO[bytes], kind: str = "python") -> Iterator[Text]:
    from babel.messages.extract import extract

    for _line, message, _comments, context in extract(kind, source, keywords=KEYWORDS):
        if isinstance(message, tuple):
            yield Text(message[0], message[1], context or "")
        elif message:
            yield Text(message, "", context or "")


# --- update, check, compile -----------------------------------------------------------------------


def update(room: str) -> bool:
    """Bring a room's catalogue up to date: new texts in, dead ones out. True when it changed.

    A text that another room has translated already starts with that translation.
    """
    path, wanted = catalogue_path(room), texts_of(room)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    known = _known(other for other in rooms() if other != room) | _known([room])
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = HEADER
    for text in sorted(wanted):
        catalogue.append(_entry(text, known.get(text.key)))
    if not wanted and not before:
        return False
    after = str(catalogue)
    if after == before:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(after, encoding="utf-8")
    return True


def _known(some: Iterable[str]) -> dict[tuple[str, str], polib.POEntry]:
    """The translated entries of these rooms."""
    entries = (entry for room in some for entry in _entries(catalogue_path(room)))
    return {(entry.msgid, entry.msgctxt or ""): entry for entry in entries if any(_translations(entry))}


def _entries(path: Path) -> list[polib.POEntry]:
    if not path.exists():
        return []
    return [entry for entry in polib.pofile(str(path)) if not entry.obsolete]


def _entry(text: Text, known: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgid=text.msgid, msgctxt=text.context or None)
    if "%(" in text.msgid:
        entry.flags = ["python-format"]
    translated = _translations(known)[:1] if known else []
    if text.plural:
        entry.msgid_plural = text.plural
        entry.msgstr_plural = {0: translated[0] if translated else ""}
    else:
        entry.msgstr = translated[0] if translated else ""
    return entry


def _translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def complaints(room: str) -> list[str]:
    """What is not right with a room's translations, one line each."""
    path, wanted = catalogue_path(room), texts_of(room)
    known = {(entry.msgid, entry.msgctxt or ""): entry for entry in _entries(path)}
    found = []
    for text in sorted(wanted):
        entry = known.pop(text.key, None)
        problem = "not in the catalogue" if entry is None else _problem(entry)
        if problem:
            found.append(f"{room}: {problem}: {text.msgid!r}")
    return found + [f"{room}: no longer used: {msgid!r}" for msgid, _ in sorted(known)]


def _problem(entry: polib.POEntry) -> str:
    if "fuzzy" in entry.flags or not all(_translations(entry)):
        return "untranslated"
    named = _placeholders(entry.msgid) | _placeholders(entry.msgid_plural or "")
    if any(not _placeholders(translated) <= named for translated in _translations(entry)):
        return "placeholders of its own"
    if any(_placeholders(entry.msgid) - _placeholders(translated) for translated in _translations(entry)):
        return "placeholders lost"
    return ""


def _placeholders(text: str) -> set[str]:
    return {a or b for a, b in PLACEHOLDER.findall(text)}


def compile_all(stale_only: bool = False) -> int:
    """Write the .mo beside every .po (or only where it is missing or older); how many."""
    paths = sorted(BASE_DIR.glob("*/locale/*/LC_MESSAGES/*.po"))
    for path in paths:
        if not stale_only or _stale(path):
            polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
    return len(paths)


def _stale(path: Path) -> bool:
    compiled = path.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime


if __name__ == "__main__":
    compile_all()
