"""One lead is scored by a statement that stands prepared; it means what the statement for many means."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from leads.models import CustomField, Lead, LeadTag, Tag, Touch
from scoring import kept
from scoring.actions import rescore
from tests.cast import NOW, a_lead
from tests.scoring.cards import in_force, rule
from workspaces.models import Workspace

RULES = [
    rule("engagement", 3, "timeline_date", "in_last_days", 7),
    rule("engagement", 2, "captured_at", "in_last_days", 30),
    rule("engagement", 4, "age_days", "gte", 3),
    rule("engagement", 5, "touches.inquiry", "gte", 1, days=30),
    rule("engagement", 9, "touches.download", "gte", 1, half_life=14),
    rule("engagement", 1, "follow_ups", "lt", 1, days=10),
    rule("fit", 6, "pain", "contains", "50% {} 'of it' $1 \\"),
    rule("fit", 7, "attributes.size", "gte", 3),
    rule("exclusion", -4, "tags", "has_any", ["100 % student"]),
    {"dimension": "fit", "label": "f", "kind": "formula", "formula": "age_days / 2 + touches.download[9]"},
]


def stored(lead: Lead) -> dict[str, Any]:
    row = Lead.objects.filter(pk=lead.pk).values(
        "score", "grade", "score_parts", "rescore_at", "scorecard_id"
    )
    return row[0]


def leads() -> list[Lead]:
    tag = Tag.objects.create(name="100 % student", name_key="100 % student")
    made = []
    for at in range(3):
        lead = a_lead(
            captured_at=NOW - timedelta(days=20 * at, hours=5),
            timeline_date=date(2026, 1, 1) + timedelta(days=at),
            pain="About 50% {} 'of it' $1 \\ more" if at % 2 else "",
            attributes={"size": 2 + at},
        )
        Touch.objects.create(lead=lead, kind="inquiry", at=NOW - timedelta(days=29 + at))
        Touch.objects.create(lead=lead, kind="download", at=NOW - timedelta(days=3 * at + 1))
        made.append(lead)
    LeadTag.objects.create(lead=made[1], tag=tag)
    return made


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_alone_or_among_others_a_lead_gets_the_same(workspace: Workspace, zone: str) -> None:
    workspace.time_zone = zone
    CustomField.objects.create(key="size", label="Size", kind="number")
    in_force(*RULES)
    made = leads()
    for moment in (NOW, NOW + timedelta(days=13, hours=1), NOW + timedelta(days=150)):
        for lead in made:
            rescore([lead.pk], as_of=moment)
        alone = [stored(lead) for lead in made]
        Lead.objects.update(score_parts="", score=0)
        rescore([lead.pk for lead in made], as_of=moment)
        assert [stored(lead) for lead in made] == alone
        assert any(one["score"] for one in alone)


def test_a_field_that_is_gone_and_a_new_card_are_noticed(workspace: Workspace) -> None:
    field = CustomField.objects.create(key="size", label="Size", kind="number")
    in_force(rule("fit", 7, "attributes.size", "gte", 3))
    lead = a_lead(attributes={"size": 5})
    assert rescore([lead.pk], as_of=NOW) == 1
    assert stored(lead)["score"] == 7
    assert rescore([lead.pk], as_of=NOW) == 0
    field.delete()
    rescore([lead.pk], as_of=NOW)
    assert stored(lead)["score"] == 0
    in_force(rule("fit", 8, "age_days", "gte", 0))
    rescore([lead.pk], as_of=NOW)
    assert stored(lead)["score"] == 8


def test_a_session_keeps_no_more_than_so_many(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_PREPARED", 2)
    lead = a_lead()
    for points in (5, 6, 7, 8):
        in_force(rule("fit", points, "age_days", "gte", 0))
        rescore([lead.pk], as_of=NOW)
        assert stored(lead)["score"] == points
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'score_%'")
        assert cursor.fetchone()[0] == 2
