"""Cards: drafts change, what was in force does not; what can't work is refused with all its faults."""

from typing import Any

import pytest

from leads.models import Lead
from scoring.actions import activate, new_card, write_rules
from scoring.models import Rule, Scorecard
from tests.cast import NOW, a_lead
from tests.scoring.cards import SETTINGS, in_force, rule
from workspaces.models import AuditEntry, Member
from workspaces.refusals import Invalid, NotAllowed, Refused

SAAS = rule("fit", 15, "industry", "eq", "saas")


def faults(error: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {one["field"]: one["code"] for one in error.value.errors}


def test_a_new_workspace_scores_by_the_default_card(alice: Member) -> None:
    card = Scorecard.objects.get()
    assert (card.version, card.status, card.threshold) == (1, "active", 60)
    assert sum(one["cap"] for one in card.dimensions) == 100


def test_a_draft_changes_itself_and_what_was_in_force_stays(alice: Member) -> None:
    card = new_card(as_of=NOW, actor=alice, **SETTINGS)
    assert (card.version, card.status) == (2, "draft")
    assert write_rules(card, [SAAS], as_of=NOW, actor=alice).pk == card.pk
    lead = a_lead(industry="saas")
    activate(card, as_of=NOW, actor=alice)
    assert Lead.objects.get(pk=lead.pk).score == 15
    assert list(Scorecard.objects.order_by("version").values_list("status", flat=True)) == [
        "archived",
        "active",
    ]
    draft = write_rules(card, [SAAS | {"points": 9}], as_of=NOW, actor=alice, name="Second")
    assert (draft.version, draft.status, draft.name) == (3, "draft", "Second")
    assert Rule.objects.get(scorecard=card).points == 15
    assert Lead.objects.get(pk=lead.pk).score == 15
    activate(draft, as_of=NOW, actor=alice)
    assert Lead.objects.get(pk=lead.pk).scorecard_id == draft.pk
    activate(card, as_of=NOW, actor=alice)  # and back
    assert Lead.objects.get(pk=lead.pk).score == 15
    assert Scorecard.objects.filter(status="active").get().pk == card.pk
    assert AuditEntry.objects.filter(action="scorecard_activated").count() == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"dimensions": []}, "dimensions"),
        ({"dimensions": [{"key": "Fit"}]}, "dimensions[0].key"),
        ({"dimensions": [{"key": "fit", "cap": -1}]}, "dimensions[0].cap"),
        ({"dimensions": [{"key": "fit", "cap": True}]}, "dimensions[0].cap"),
        ({"dimensions": [{"key": "fit", "label": {"fr": "x"}}]}, "dimensions[0].label"),
        ({"grades": {"A": 1, "B": 2, "C": 3}}, "grades"),
        ({"grades": {"A": 80}}, "grades"),
        ({"grades": {"A": "80", "B": 60, "C": 40}}, "grades"),
        ({"threshold": "many"}, "threshold"),
        ({"threshold": 51}, "threshold"),
    ],
)
def test_settings_that_cannot_work_are_refused(alice: Member, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        new_card(as_of=NOW, actor=alice, **SETTINGS | change)
    assert field in faults(error)


def test_every_fault_of_every_rule_is_named(alice: Member) -> None:
    card = new_card(as_of=NOW, actor=alice, **SETTINGS)
    wrong = [
        SAAS,
        SAAS | {"dimension": "luck", "points": 0},
        rule("fit", 5, "score", "gte", 3),
        rule("fit", 5, "no_such", "eq", 3),
        SAAS | {"per_unit": True, "cap": 0},
        SAAS | {"colour": "red"},
        "nonsense",
    ]
    with pytest.raises(Invalid) as error:
        write_rules(card, wrong, as_of=NOW, actor=alice)
    assert faults(error) == {
        "rules[1].dimension": "invalid",
        "rules[1].points": "invalid",
        "rules[2].condition": "cycle",
        "rules[3].condition.field": "unknown_field",
        "rules[4].condition": "invalid",
        "rules[4].cap": "invalid",
        "rules[5].colour": "unknown",
        "rules[6]": "invalid",
    }
    assert not Rule.objects.filter(scorecard=card).exists()
    with pytest.raises(Invalid):
        write_rules(card, {"rules": []}, as_of=NOW, actor=alice)


def test_a_card_nobody_can_reach_or_without_rules_is_not_activated(alice: Member) -> None:
    card = new_card(as_of=NOW, actor=alice, **SETTINGS | {"threshold": 30})
    with pytest.raises(Refused) as refusal:
        activate(card, as_of=NOW, actor=alice)
    assert refusal.value.code == "no_rules"
    write_rules(card, [SAAS], as_of=NOW, actor=alice)
    with pytest.raises(Invalid) as error:
        activate(card, as_of=NOW, actor=alice)
    assert faults(error) == {"threshold": "unreachable"}
    assert Scorecard.objects.get(status="active").version == 1


def test_reps_and_marketers_do_not_change_the_rules(ming: Member, zoe: Member) -> None:
    card = in_force(SAAS)
    for member in (ming, zoe):
        with pytest.raises(NotAllowed):
            new_card(as_of=NOW, actor=member, **SETTINGS)
        with pytest.raises(NotAllowed):
            write_rules(card, [SAAS], as_of=NOW, actor=member)
        with pytest.raises(NotAllowed):
            activate(card, as_of=NOW, actor=member)
