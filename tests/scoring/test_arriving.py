"""New leads are tagged and scored before they are written, and no differently from afterwards."""

from typing import Any

import pytest

from leads.actions import apply_tag_rules, capture
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Lead, LeadTag, Tag, TagRule, TimelineEntry
from scoring.actions import rescore
from tests.cast import NOW
from tests.scoring.cards import in_force, rule
from workspaces.models import Workspace

SEEN = rule("engagement", 10, "touches.inquiry", "gte", 1, days=30)


@pytest.mark.parametrize("count", [3, 120])  # at the head of a statement, and in a temporary table
@pytest.mark.parametrize("touch", ["", "inquiry"])
def test_a_new_lead_has_the_score_and_the_tags_that_it_would_get_afterwards(
    workspace: Workspace, count: int, touch: str
) -> None:
    in_force(
        SEEN,
        rule("engagement", -3, "follow_ups", "eq", 0),
        rule("fit", 20, "industry", "eq", "saas"),
        rule("fit", 7, "employees", "gte", 100),
        rule("fit", 2, "contacts.champion", "eq", False),
        rule("exclusion", -4, "tags", "has_any", ["student", "large"]),
        rule("fit", 5, "age_days", "lt", 3),
    )
    large = Tag.objects.create(name="Large", name_key="large")
    TagRule.objects.create(tag=large, condition={"field": "employees", "op": "gte", "value": 200})
    facts: list[dict[str, Any]] = [
        {
            "name": "a\tb\\n" if n % 7 == 0 else f"Person {n}",
            "email": f"p{n}@x.example",
            "industry": ("SaaS", "", "Retail")[n % 3],
            "employees": (None, 50, 150, 250)[n % 4],
            "tags": ["student"] if n % 5 == 0 else [],
            "company": f"Firm {n}",
        }
        for n in range(count)
    ]
    source = Source("form", touch=touch)
    made = capture([incoming_from(one) for one in facts], source=source, as_of=NOW, actor=None)
    ids = [one.lead_id for one in made if one.lead_id]
    tagged = set(LeadTag.objects.values_list("lead_id", "tag_id", "rule_id"))
    scores = set(Lead.objects.values_list("score", flat=True))
    assert len(ids) == count and len(scores) > 1 and len(tagged) >= count // 5
    graded = {(one.lead_id, one.data["score"]) for one in TimelineEntry.objects.filter(kind="graded")}
    assert graded == set(Lead.objects.exclude(grade="D").values_list("pk", "score"))
    assert set(Lead.objects.values_list("scored_at", flat=True)) == {NOW}
    assert {lead.name for lead in Lead.objects.all()} == {str(one["name"]).strip() for one in facts}
    apply_tag_rules(ids, as_of=NOW)
    assert set(LeadTag.objects.values_list("lead_id", "tag_id", "rule_id")) == tagged
    assert rescore(ids, as_of=NOW) == 0
