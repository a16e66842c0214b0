"""The default card makes sense on a real, bare list: some leads reach 60 by themselves, and say why."""

import csv
from collections import Counter

import pytest

from leads.actions import capture
from leads.incoming import Incoming, Source, normalise
from leads.models import Lead, TimelineEntry
from scoring import defaults
from scoring.cards import active
from scoring.explain import explain
from scoring.models import Rule
from tests.cast import NOW, a_lead
from tests.realdata import real
from workspaces.models import Member, Workspace


def listed() -> list[Incoming]:
    found = []
    with real("leads/zoho_demo_leads.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            facts = {
                "name": row["Last Name"],
                "email": row["Email"],
                "phone": row["Mobile"],
                "website": row["Website"],
                "industry": row["Industry"],
                "external_id": row["LEADID"],
            }
            normalise(facts, "US")
            attributes = {"source_status": row["Lead Status"]}
            found.append(
                Incoming(facts, company=row["Company"], channel=row["Lead Source"], attributes=attributes)
            )
    return found


@pytest.mark.slow
def test_a_bare_list_has_leads_that_qualify_by_themselves(alice: Member) -> None:
    capture(listed(), source=Source("import"), as_of=NOW, actor=alice)
    leads = Lead.objects.all()
    assert leads.count() == 3900
    share = leads.filter(score__gte=60).count() / 3900
    assert 0.03 <= share <= 0.08
    assert leads.filter(score__gte=60).exclude(stage="lead").count() == leads.filter(score__gte=60).count()
    assert leads.exclude(stage="lead").exclude(stage="mql").count() == 0
    assert leads.filter(score__gt=100).count() == leads.filter(score__lt=0).count() == 0
    grades = Counter(leads.values_list("grade", flat=True))
    assert set(grades) >= {"B", "C", "D"}
    assert TimelineEntry.objects.filter(kind="graded").count() == 3900 - grades["D"]
    for lead in leads.order_by("id")[::97]:
        found = explain(lead)
        assert sum(part["points"] for part in found["parts"]) == lead.score
        assert all(part["evidence"] and part["label"] for part in found["parts"])


def test_it_can_be_created_in_both_languages_and_every_rule_has_a_name(workspace: Workspace) -> None:
    card = active()
    assert card is not None
    assert (card.maximum(), card.threshold) == (100, 60)
    for rule in Rule.objects.all():
        assert set(rule.label) == {"en", "zh-hans"}
    assert {rule.dimension for rule in card.rules} == {one["key"] for one in defaults.DIMENSIONS}


def test_a_good_lead_a_poor_one_and_a_student(alice: Member) -> None:
    from leads.actions import edit, tag
    from tests.scoring.test_scores import now_of

    good, poor = (a_lead(email=f"{n}@acme.test", email_key=f"{n}@acme.test") for n in range(2))
    facts = {
        "industry": "制造业",
        "employees": 300,
        "pain": "Orders get lost",
        "need_level": "urgent",
        "budget_status": "approved",
        "authority": "economic_buyer",
        "phone": "+8613800138000",
    }
    edit(good.pk, facts, as_of=NOW, actor=alice)
    edit(poor.pk, {"title": "Intern"}, as_of=NOW, actor=alice)
    assert (now_of(good).score, now_of(good).grade, now_of(good).stage) == (85, "A", "mql")
    assert (now_of(poor).score, now_of(poor).grade) == (0, "D")
    tag([good.pk], ["学生"], as_of=NOW, actor=alice)
    assert now_of(good).score == 35
