"""Rows drawn once and filled in: the same as if the template had run for each."""

from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.utils import translation
from jinja2 import DictLoader, Environment

from leadcrm import rows

TEMPLATE = """
{%- set lead = row.lead -%}
<a href="{{ row.href }}" title="{{ _("Select %(lead)s", lead=row.name) }}">{{ row.name }} 100%</a>
{%- if row.owner %}{{ owner(row.owner) }}{% elif row.free == "yes" %}<b>free</b>{% endif -%}
{%- if show.score %}<i>{{ row.score }}</i>{% endif -%}
<u>{{ row.href }}peek/</u>{{ (row.key or "none")|upper }}
"""


class Plain:
    """The same template, run for each row by Jinja alone."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def draw(self, row: dict[str, Any], **page: Any) -> str:
        return self.environment.from_string(TEMPLATE).render(row=row, **page)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    made: Environment = engines["rows"].env  # type: ignore[attr-defined]
    monkeypatch.setattr(made, "loader", DictLoader({"try.jinja": TEMPLATE}))
    rows.ways.cache_clear()
    return made


LEADS = [
    {"href": "/1/", "name": "Ann <b>", "owner": "Ming Li", "score": 7, "key": "c"},
    {"href": "/2/", "name": "100% & %s", "owner": "", "free": "yes", "score": 0, "key": ""},
    {"href": "/3/", "name": "陈\"'", "owner": None, "free": "no", "score": None, "key": "x"},
    {"href": "/4/", "name": "Ann <b>", "owner": "<script>", "score": -1, "key": "c"},
]


def test_filled_rows_are_what_the_template_says(environment: Environment) -> None:
    plain = Plain(environment)
    with translation.override("zh-hans"):
        expected = [plain.draw(one, show={"score": True}) for one in LEADS]
        for _again in range(2):
            found = rows.drawn("try.jinja", LEADS, ["score"], language="zh-hans")
            assert str(found) == "".join(expected)
    assert "<script>" not in found and "Ann &lt;b&gt;" in found and "100% &amp; %s" in found
    without = rows.drawn("try.jinja", LEADS[:1], language="en")
    assert "<i>" not in without and "Select Ann &lt;b&gt;" in without


def test_a_filter_that_would_read_a_hole_is_refused(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "loader", DictLoader({"bad.jinja": "{{ row.name|trim }}"}))
    with pytest.raises(TypeError, match="filled in later"):
        rows.drawn("bad.jinja", LEADS, language="en")


def test_every_row_template_draws_one_row() -> None:
    """A loop over rows would be over one that is not known yet."""
    for path in Path("templates").rglob("*.jinja"):
        assert "{% for" not in path.read_text(), path
