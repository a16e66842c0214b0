"""A score says why, in the reader's language."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from leads.actions import edit, merge
from leads.actions.assess import assess
from leads.actions.fill_in import Found, fill_in
from leads.models import Channel, Company, Contact, CustomField, Lead, LeadContact, LeadTag, Tag, Touch
from scoring.actions import rescore
from scoring.explain import explain
from tests.cast import NOW, a_lead
from tests.scoring.cards import in_force, rule
from workspaces.models import Member, Workspace


def scored(lead: Lead) -> dict[str, Any]:
    rescore([lead.pk], as_of=NOW)
    return explain(Lead.objects.get(pk=lead.pk))


def test_evidence_is_the_fact_itself(workspace: Workspace) -> None:
    in_force(
        rule("fit", 1, "industry", "in", ["saas", "software"]),
        rule("fit", 2, "employees", "gte", 50),
        rule("fit", 3, "channel", "eq", "trade show"),
        rule("fit", 4, "contacts.champion", "is_set"),
        rule("fit", 1, "tags", "has_any", ["vip", "student"]),
        rule("fit", 1, "email", "is_set"),
        rule("engagement", 6, "touches.download", "gte", 2, days=30),
        rule("engagement", 1, "need_level", "gte", "clear"),
        rule("engagement", 1, "industry", "ne", "farming"),
    )
    lead = a_lead(
        industry="SaaS",
        employees=1200,
        need_level="urgent",
        email="li@acme.test",
        email_key="li@acme.test",
        channel=Channel.objects.create(name="Trade Show", name_key="trade show", token="t"),
    )
    LeadContact.objects.create(lead=lead, contact=Contact.objects.create(name="W"), role="champion")
    LeadTag.objects.create(lead=lead, tag=Tag.objects.create(name="VIP", name_key="vip"))
    for days in (1, 2, 3, 45):
        Touch.objects.create(lead=lead, kind="download", at=NOW - timedelta(days=days))
    found = scored(lead)
    assert [part["evidence"] for part in found["parts"]] == [
        "Industry: SaaS",
        "Number of employees: 1,200",
        "Channel: Trade Show",
        "Champion among the contacts",
        "Tagged “vip” or “student”",
        "E-mail is filled in",  # the address itself is not everybody's to read
        "3 downloads in the last 30 days",
        "Need: Urgent",
        "Industry: SaaS",
    ]
    with override("zh-hans"):
        parts = explain(Lead.objects.get(pk=lead.pk))["parts"]
    assert parts[0]["evidence"] == "行业：SaaS"
    assert parts[6]["evidence"] == "最近 30 天内下载资料 3 次"


def test_labels_dimensions_and_limits_are_in_the_readers_language(workspace: Workspace) -> None:
    label = {"en": "Large", "zh-hans": "规模大"}
    in_force(rule("fit", 30, "employees", "gte", 50) | {"label": label})
    lead = a_lead(employees=70)
    found = scored(lead)
    assert [(part["label"], part["points"]) for part in found["parts"]] == [
        ("Large", 30),
        ("Limit of “Fit”", -10),
    ]
    assert found["dimensions"] == [
        {"key": "fit", "label": "Fit", "points": 20, "cap": 20, "weight": 1.0},
        {"key": "engagement", "label": "Engagement", "points": 0, "cap": 30, "weight": 1.0},
    ]
    with override("zh-hans"):
        found = explain(Lead.objects.get(pk=lead.pk))
    assert [part["label"] for part in found["parts"]] == ["规模大", "“匹配度”的上限"]
    assert found["parts"][1]["evidence"] == "最多 20 分"


def test_what_would_raise_it_most_counts_what_the_caps_leave(workspace: Workspace) -> None:
    in_force(
        rule("fit", 15, "employees", "gte", 50),
        rule("fit", 18, "industry", "eq", "saas"),
        rule("engagement", 9, "touches.webinar", "gte", 1, days=90),
        rule("engagement", 2, "touches.download", "gte", 1, per_unit=True, cap=4),
        rule("exclusion", -10, "region", "eq", "nowhere"),
    )
    found = scored(a_lead(employees=80))
    assert [(one["points"], one["how"]) for one in found["raises"]] == [
        (9, "At least 1 attended webinar in the last 90 days"),
        (5, "Industry is “saas”"),
        (2, "At least 1 download"),
    ]


def test_evidence_is_as_old_as_what_brought_it(workspace: Workspace, alice: Member) -> None:
    """Written by hand, filled in from a source, taken over from a lead that was merged."""
    CustomField.objects.bulk_create(
        [CustomField(key=key, label=key, kind="text") for key in ("plan", "size")]
    )
    in_force(
        rule("fit", 1, "company", "is_set"),
        rule("fit", 2, "channel", "is_set"),
        rule("fit", 3, "industry", "eq", "saas"),
        rule("fit", 4, "pain", "is_set"),
        rule("fit", 5, "attributes.plan", "is_set"),
        rule("fit", 6, "attributes.size", "is_set"),
        rule("fit", 7, "name", "is_set"),
    )
    days = [NOW + timedelta(days=n) for n in range(6)]
    lead = a_lead(email="a@acme.test", email_key="a@acme.test", attributes={"plan": "gold"})
    other = a_lead(email="b@acme.test", email_key="b@acme.test", pain="Orders get lost")
    edit(lead.pk, {"company": "Acme"}, as_of=days[1], actor=alice)
    edit(lead.pk, {"channel": "Fair", "attributes": {"size": "L"}}, as_of=days[2], actor=alice)
    fill_in({lead.pk: {"industry": "SaaS"}}, Found("test", lead.pk, "A table"), as_of=days[3])
    merge(lead.pk, other.pk, as_of=days[4], actor=alice)
    rescore([lead.pk], as_of=days[5])
    found = explain(Lead.objects.get(pk=lead.pk))
    seen = {part["label"]: part["at"] for part in found["parts"] if part["rule"]}
    assert seen == {
        "company is_set": days[1],
        "channel is_set": days[2],
        "industry eq": days[3],
        "pain is_set": days[4],
        "attributes.plan is_set": days[0],
        "attributes.size is_set": days[2],
        "name is_set": days[0],
    }


def raised(lead: Lead) -> dict[str, int]:
    return {one["label"]: one["points"] for one in scored(lead)["raises"]}


def test_a_raise_counts_what_no_longer_holds_then(workspace: Workspace) -> None:
    """By the default card: a need is clear or urgent, never both."""
    known = {"industry": "saas", "budget_status": "approved", "authority": "decision_maker"}
    assert raised(a_lead(need_level="clear", **known))["Need is urgent"] == 10
    assert "Need is clear" not in raised(a_lead(need_level="urgent", **known))
    found = raised(a_lead(**known))
    assert found["Need is urgent"] == 20 and "Need is clear" not in found  # of one fact the best alone


def test_bands_of_one_fact_are_not_added_up(workspace: Workspace) -> None:
    def within(points: int, low: int, high: int) -> dict[str, Any]:
        leaf = {"field": "employees", "op": "gte", "value": low}
        question = {"all": [leaf, leaf | {"op": "lt", "value": high}]}
        return {"dimension": "fit", "points": points, "condition": question, "label": f"From {low}"}

    unknown = rule("fit", 19, "employees", "is_empty") | {"label": "Not known"}
    in_force(within(5, 1, 50), within(12, 50, 200), within(9, 200, 9999), unknown)
    assert raised(a_lead(employees=20)) == {"From 50": 7}
    assert raised(a_lead(employees=100)) == {}
    assert raised(a_lead()) == {}  # to be unknown gives more
    bands = [{"from": 0, "to": 49, "points": 2}, {"from": 50, "points": 6}, {"unset": True, "points": 9}]
    by_bands = {"dimension": "fit", "label": "Size", "measure": {"field": "employees"}, "bands": bands}
    in_force(by_bands, rule("fit", 3, "employees", "lt", 20) | {"label": "Small"})
    assert raised(a_lead(employees=30)) == {"Size": 4}
    assert raised(a_lead(employees=10)) == {"Size": 1}
    assert raised(a_lead(employees=100)) == {}


def test_what_was_long_ago_is_not_offered_and_what_is_new_replaces_it(workspace: Workspace) -> None:
    leaf = {"field": "touches.download", "op": "gte", "value": 1}
    before = {"all": [leaf | {"days": 90}, {"not": leaf | {"days": 30}}]}
    in_force(
        rule("engagement", 20, "touches.download", "gte", 1, days=30) | {"label": "Lately"},
        {"dimension": "engagement", "points": 8, "condition": before, "label": "Before"},
        rule("engagement", 3, "touches.download", "eq", 0) | {"label": "Never"},
    )
    lead = a_lead()
    assert raised(lead) == {"Lately": 17}
    Touch.objects.create(lead=lead, kind="download", at=NOW - timedelta(days=40))
    assert raised(lead) == {"Lately": 12}


def test_what_is_missing_and_costs_points_can_be_made_up(workspace: Workspace) -> None:
    in_force(
        rule("fit", 20, "industry", "eq", "saas"),
        rule("engagement", -4, "phone", "is_empty") | {"label": "Nobody can call"},
        rule("engagement", -3, "region", "eq", "nowhere"),
    )
    assert raised(a_lead(industry="saas", region="nowhere")) == {"Phone is filled in": 4}


def test_a_lead_that_was_never_scored_has_no_parts(workspace: Workspace) -> None:
    found = explain(a_lead())
    assert (found["score"], found["parts"], found["scorecard"]) == (0, [], None)


def test_evidence_is_said_as_people_say_it(workspace: Workspace, alice: Member) -> None:
    CustomField.objects.create(key="newsletter", label="Newsletter", kind="boolean")
    CustomField.objects.create(key="since", label="Since", kind="date")
    in_force(
        rule("fit", 1, "email_is_free", "eq", True),
        rule("fit", 2, "attributes.newsletter", "eq", True),
        rule("fit", 3, "attributes.since", "is_set"),
        rule("fit", 4, "budget_amount", "gte", 10_000),
        rule("fit", 1, "stage", "eq", "mql"),
        rule("fit", 6, "answers.budget", "eq", "good"),
    )
    lead = a_lead(
        email="a@gmail.com",
        email_key="a@gmail.com",
        email_traits="free",
        attributes={"newsletter": True, "since": "2026-03-01"},
        budget_amount=1_200_000,
        budget_currency="EUR",
        stage="mql",
        stage_since=NOW - timedelta(days=3),
    )
    assess(lead.pk, "budget", verdict="good", as_of=NOW + timedelta(days=1), actor=alice)
    rescore([lead.pk], as_of=NOW + timedelta(days=2))
    parts = explain(Lead.objects.get(pk=lead.pk))["parts"]
    assert [part["evidence"] for part in parts] == [
        "Free e-mail address: yes",
        "Newsletter: yes",
        "Since: March 1, 2026",
        "Budget: EUR 12,000",
        "Stage: MQL",
        "Answer about budget: Good",
    ]
    assert [part["at"] for part in parts[4:]] == [NOW - timedelta(days=3), NOW + timedelta(days=1)]
    with override("zh-hans"):
        assert explain(Lead.objects.get(pk=lead.pk))["parts"][0]["evidence"].endswith("：是")


def test_nothing_is_proposed_that_nobody_can_do(workspace: Workspace) -> None:
    """Not to be younger, not to have come by another channel, not to stand elsewhere."""
    in_force(
        rule("fit", 9, "age_days", "lt", 7),
        rule("fit", 8, "channel", "in", ["Referral"]),
        rule("fit", 7, "stage", "eq", "sql"),
        rule("fit", 3, "pain", "is_set"),
    )
    lead = a_lead(captured_at=NOW - timedelta(days=30))
    assert [one["how"] for one in scored(lead)["raises"]] == ["Pain is filled in"]


def test_the_score_through_the_api(api: Any, alice: Member, ming: Member, mallory: Member) -> None:
    card = in_force(rule("fit", 25, "company", "is_set"), rule("exclusion", -1, "phone", "is_empty"))
    lead = a_lead(company=Company.objects.create(name="Acme", name_key="acme"))
    rescore(None, as_of=NOW)
    found = api(ming).get(f"/api/v1/leads/{lead.pk}/score/").json()
    assert (found["score"], found["grade"], found["version"]) == (19, "C", 2)
    assert found["scorecard"] == str(card.pk)
    assert sum(part["points"] for part in found["parts"]) == 19
    assert found["parts"][0] | {"rule": "", "at": ""} == {
        "rule": "",
        "at": "",
        "label": "company is_set",
        "points": 25,
        "evidence": "Company: Acme",
        "dimension": "fit",
        "disqualifies": False,
    }
    assert api(mallory).get(f"/api/v1/leads/{lead.pk}/score/").status_code == 404


@pytest.mark.parametrize("many", [1, 3])
def test_explaining_costs_a_fixed_number_of_statements(
    workspace: Workspace, many: int, django_assert_num_queries: Any
) -> None:
    in_force(*[rule("fit", n + 5, "employees", "gte", n) for n in range(many)])
    lead = a_lead(employees=9)
    rescore([lead.pk], as_of=NOW)
    lead = Lead.objects.get(pk=lead.pk)
    with django_assert_num_queries(4):  # custom fields, the card, its rules; the facts
        explain(lead)
