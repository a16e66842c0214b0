"""What no column holds: kinds of follow-ups, what the contacts add up to, the tier, answers."""

from datetime import timedelta
from typing import Any

import pytest

from leads.conditions import parse, say, vocabulary, where
from leads.models import FollowUp, Lead
from leads.tiers import tier_of
from tests.cast import NOW, a_lead
from workspaces.models import Workspace


def found(workspace: Workspace, field: str, op: str, value: Any = None) -> int:
    asked = {"field": field, "op": op} | ({} if value is None else {"value": value})
    condition = parse(asked, vocabulary(workspace))
    assert say(condition, "en") and say(condition, "zh-hans")
    return Lead.objects.filter(where(condition, as_of=NOW, time_zone="UTC")).count()


def test_follow_ups_are_counted_by_kind_and_contacts_add_up(workspace: Workspace) -> None:
    lead = a_lead()
    for days, channel, theirs in ((10, "call", True), (4, "call", False), (2, "demo", False)):
        at = NOW - timedelta(days=days)
        FollowUp.objects.create(lead=lead, at=at, channel=channel, customer_initiated=theirs)
    a_lead(name="Nobody called")
    assert found(workspace, "follow_ups.call", "gte", 2) == 1
    assert found(workspace, "follow_ups.demo", "gte", 2) == 0
    assert found(workspace, "follow_ups.visit", "eq", 0) == 2
    assert found(workspace, "customer_share", "eq", 33) == 1
    assert found(workspace, "customer_share", "is_empty") == 1
    assert found(workspace, "customer_share", "lt", 50) == 1
    assert found(workspace, "days_between_contacts", "eq", 4) == 1


def test_an_answer_is_asked_like_any_fact(workspace: Workspace) -> None:
    a_lead(assessment={"need": "good", "champion": "bad"})
    a_lead()
    assert found(workspace, "answers.need", "eq", "good") == 1
    assert found(workspace, "answers.need", "is_empty") == 1
    assert found(workspace, "answers.champion", "not_in", ["bad"]) == 1


@pytest.mark.parametrize(
    ("grade", "days", "stage", "tier"),
    [
        ("A", 5, "sql", "focus"),
        ("B", 20, "mql", "focus"),
        ("B", 40, "mql", "nurture"),
        ("C", 1, "lead", "nurture"),
        ("D", 29, "lead", "nurture"),
        ("D", 30, "lead", "let_go"),
        ("A", 121, "opportunity", "let_go"),
        ("A", 121, "won", ""),
    ],
)
def test_the_tier_comes_from_grade_and_movement(
    workspace: Workspace, grade: str, days: int, stage: str, tier: str
) -> None:
    lead = a_lead(grade=grade, stage=stage, moved_at=NOW - timedelta(days=days))
    assert tier_of(lead, NOW) == tier
    if tier:
        assert found(workspace, "tier", "eq", tier) == 1
    else:
        assert found(workspace, "tier", "is_empty") == 1
