"""The component kit: its arithmetic, its words, and that what templates name exists."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from leadcrm import moments, pictures, rail
from leadcrm.kit import kit
from leadcrm.templatetags import look

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEMPLATES = [
    path
    for path in sorted((settings.BASE_DIR / "templates").rglob("*"))
    if path.suffix in {".html", ".jinja"} and not path.name.startswith("mail")  # a mail is no page
]
BY_CONTENT_POLICY = re.compile(
    r"\sstyle=|\shx-on|javascript:|\sonclick=|<script(?![^>]*\bsrc=)", re.IGNORECASE
)


def shown(source: str, **context: object) -> str:
    request = RequestFactory().get("/w/acme/leads/?grade=A&ordering=-score&cursor=x")
    request.as_of = NOW  # type: ignore[attr-defined]
    return Template("{% load look %}" + source).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (5, "just now", "刚刚"),
        (-300, "5 min ago", "5 分钟前"),
        (3 * 3600, "in 3 h", "3 小时后"),
        (-40 * 86400, "1 mo ago", "1 个月前"),
    ],
)
def test_a_moment_is_told_relative_to_the_request_in_both_languages(
    seconds: int, english: str, chinese: str
) -> None:
    moment = NOW + timedelta(seconds=seconds)
    assert moments.relative(moment, NOW) == english
    with translation.override("zh-hans"):
        assert moments.relative(moment, NOW) == chinese


def test_a_clock_is_calm_then_warns_then_is_late() -> None:
    warn, until = NOW - timedelta(hours=1), NOW + timedelta(days=6, hours=4)
    assert moments.clock_state(until, None, NOW) == "calm"
    assert moments.clock_state(until, warn, NOW) == "warning"
    assert moments.clock_state(NOW, warn, NOW) == "late"
    assert moments.remaining((until - NOW).total_seconds()) == "6 d 4 h"
    assert "clock-warning" in shown("{% clock until warn %}", until=until, warn=warn)


def test_an_unknown_answer_sits_in_the_centre_and_is_no_weak_one() -> None:
    picture = pictures.radar(["Fit", "Need", "Budget"], [1.0, None, 0.5], radius=50)
    assert picture["axes"][0].at == (0, -50)
    assert [axis.known for axis in picture["axes"]] == [True, False, True]
    html = shown("{% five_questions five %}", five={"fit": 1.0, "budget": 0.1})
    assert html.count("five-unknown") == 3
    assert html.count("five-weak") == 1


def test_a_sparkline_needs_two_values_and_bears_equal_ones() -> None:
    assert pictures.sparkline([3])["line"] == ""
    assert pictures.sparkline([3, 3])["line"].startswith("M2 ")


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (120000, "CNY", "¥1,200"),
        (120050, "EUR", "€1,200.50"),
        (1200, "JPY", "JP¥1,200"),
        (-5, "USD", "−$0.05"),
    ],
)
def test_money_is_said_from_minor_units(minor: int, currency: str, said: str) -> None:
    assert look.money(minor, currency) == said


@pytest.mark.parametrize(
    ("name", "letters"), [("Ming Zhao", "MZ"), ("王小明", "明"), ("ming@acme.cn", "MI"), ("", "?")]
)
def test_a_name_is_abbreviated_as_colleagues_would(name: str, letters: str) -> None:
    assert look.initials(name) == letters


def test_a_sorted_column_links_to_the_other_direction_and_forgets_the_cursor() -> None:
    columns = [{"label": "Grade", "sort": "-score"}, {"label": "Name", "sort": "name"}]
    html = shown("{% table_head columns %}", columns=columns)
    assert 'aria-sort="descending"' in html
    assert "grade=A&amp;ordering=score" in html
    assert "cursor" not in html


def test_a_viewer_is_not_shown_what_a_manager_is(settings: object) -> None:
    names = {place.name for _title, places in rail.GROUPS for place in places if "viewer" in place.roles}
    assert {"leads", "dashboard"} <= names
    assert not names & {"today", "approvals", "settings", "imports"}


def test_every_icon_that_a_template_names_is_in_the_sprite_list() -> None:
    listed = set((Path(settings.BASE_DIR) / "frontend" / "icons.txt").read_text().split())
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""{% icon ["']([\w-]+)["']""", path.read_text("utf-8"))
    }
    named |= {place.icon for _title, places in rail.GROUPS for place in places}
    assert named - listed == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_content_policy_forbids(path: Path) -> None:
    assert BY_CONTENT_POLICY.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_style_page_shows_every_part(language: str) -> None:
    request = RequestFactory().get("/kit/", {"lang": language})
    html = kit(request).content.decode()
    for part in (
        "stage-path",
        "five-picture",
        "checklist",
        "timeline",
        "lead-card",
        "selection-bar",
        "progress-line",
    ):
        assert part in html, part
