"""What a lead's page shows of its score adds up to it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead, LeadTag, Tag
from scoring.actions import rescore
from tests.cast import NOW, a_lead
from tests.scoring.cards import in_force, rule
from workspaces.models import Member

GOOD = {
    "industry": "saas",
    "employees": 80,
    "pain": "Orders get lost",
    "need_level": "clear",
    "budget_status": "approved",
    "authority": "decision_maker",
}


@pytest.mark.parametrize(("facts", "score"), [(GOOD, 30), ({}, 0)])
def test_the_parts_on_the_page_add_up_to_the_score(
    ming: Member, page: Callable[[Member], Client], facts: dict, score: int
) -> None:
    lead = a_lead(**facts)
    LeadTag.objects.create(lead=lead, tag=Tag.objects.create(name="Competitor", name_key="competitor"))
    rescore([lead.pk], as_of=NOW)
    assert Lead.objects.get(pk=lead.pk).score == score
    for shown in ("", f"score/?day={timezone.localdate()}"):
        answer = page(ming).get(f"/w/acme/leads/{lead.pk}/{shown}")
        parts = [part for one in answer.context["dimensions"] for part in one["parts"]]
        assert sum(part["points"] for part in parts) == score
        assert "Exclusions and limits" in answer.content.decode()
        assert all(f">{part['points']}<" in answer.content.decode() for part in parts if part["points"] < 0)


def test_points_of_what_disqualifies_are_shown_too(ming: Member, page: Callable[[Member], Client]) -> None:
    out = rule("exclusion", -9, "title", "contains", "student", kind="disqualifier")
    in_force(rule("fit", 20, "industry", "eq", "saas"), out)
    lead = a_lead(industry="saas", title="Student")
    rescore([lead.pk], as_of=NOW)
    answer = page(ming).get(f"/w/acme/leads/{lead.pk}/")
    first, *_rest = answer.context["dimensions"]
    assert (first["label"], first["points"]) == ("Disqualified", -9)
    assert ">-9 <" in answer.content.decode()
