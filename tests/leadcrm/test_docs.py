"""The documents: every link leads somewhere, and a document in two languages says so in both."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    lost = [to for to in LINK.findall(document.read_text()) if not (document.parent / to).exists()]
    assert lost == []


@pytest.mark.parametrize("twin", [*ROOT.glob("docs/*.zh.md")], ids=lambda path: path.name)
def test_a_chinese_twin_is_linked_where_the_english_is(twin: Path) -> None:
    english = twin.with_name(twin.name.replace(".zh.md", ".md"))
    assert f"({twin.name})" in english.read_text()[:300]
    linked = (ROOT / "README.md").read_text()
    if f"(docs/{english.name})" in linked:
        assert f"(docs/{twin.name})" in (ROOT / "README.zh.md").read_text()
