"""The statement gives what the reference gives, for any card; parts add up; only what differs is written."""

import os
import sys
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from leads import happened
from leads.conditions import Kind
from leads.conditions.fields import ANSWERS, DERIVED, FOLLOW_UPS
from leads.models import Lead, TimelineEntry, Touch
from scoring.actions import rescore
from scoring.cards import ReadCard, assemble
from scoring.checks import clean_rules
from scoring.engine import Engine
from scoring.explain import explain, points_by_rule
from scoring.models import Rule, Scorecard
from tests.cast import NOW, a_lead
from tests.leads.conditions import crowd
from tests.leads.conditions.reference import World
from tests.scoring.cards import in_force, rule
from tests.scoring.reference import first_count, score_of, written
from workspaces.models import Workspace
from workspaces.refusals import Invalid

EXAMPLES = int(os.environ.get("CONDITION_EXAMPLES", "60"))
# Written by scoring itself, by the database's own clock, or asked in a way of its own (test_recognising.py).
NOT_ASKED = {"score", "grade", "created_at", "updated_at", "credit_code"}
NOT_ASKED |= {
    field.name for field in (*DERIVED, *FOLLOW_UPS, *ANSWERS)
}  # tests/leads/conditions/test_derived.py
CAPS = st.sampled_from([None, 0, 5, 20, 100])
POINTS = st.integers(-30, 30).filter(bool)


MEASURES = [
    *("employees", "attributes.size", "age_days", "days_since_follow_up", "budget_amount"),
    *("touches", "touches.download", "follow_ups"),
]
COUNTS = [None, None, 1, 7, 30]  # days
NUMBERS = st.sampled_from([0, 1, 2, 3, 7, 50, 200, 0.5, 2.25])


def measures() -> st.SearchStrategy:
    def measured(name: str, days: int | None) -> dict[str, Any]:
        return {"field": name} | ({"days": days} if days and is_count(name) else {})

    return st.builds(measured, st.sampled_from(MEASURES), st.sampled_from(COUNTS))


def is_count(name: str) -> bool:
    return name.split(".")[0] in ("touches", "follow_ups")


def bands() -> st.SearchStrategy:
    def made(starts: set, points: list[int], last: int | None, unset: int | None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [
            {"from": start, "points": got} for start, got in zip(sorted(starts), points, strict=False)
        ]
        if last is not None:
            found[-1]["to"] = found[-1]["from"] + last
        return found if unset is None else [*found, {"unset": True, "points": unset}]

    starts = st.sets(st.sampled_from([-5, 0, 1, 2, 49, 50, 200, 0.5]), min_size=1, max_size=5)
    points = st.lists(st.integers(-9, 9), min_size=5, max_size=5)
    return st.builds(made, starts, points, st.sampled_from([None, 0, 3, 0.5]), st.sampled_from([None, 4]))


def trees() -> st.SearchStrategy:
    reading = measures().map(lambda one: ["field", one["field"], one.get("days")])
    signs = st.sampled_from([">", ">=", "<", "<=", "=", "!="])

    def grown(inner: st.SearchStrategy) -> st.SearchStrategy:
        test = st.tuples(signs, inner, inner).map(list)
        return st.one_of(
            st.tuples(st.sampled_from(["+", "-", "*", "/", "min", "max"]), inner, inner).map(list),
            st.tuples(st.sampled_from(["minus", "round"]), inner).map(list),
            st.tuples(st.just("if"), test, inner, inner).map(list),
        )

    return st.recursive(st.one_of(NUMBERS, reading), grown, max_leaves=8)


def rules_of(every: list[st.SearchStrategy]) -> st.SearchStrategy:
    def settled(made: dict[str, Any]) -> dict[str, Any]:
        """Only what belongs to the kind, so that the card can be stored."""
        counts = first_count(made["condition"]) is not None or is_count(made["measure"]["field"])
        kind = made["kind"] if counts or made["kind"] != "per_unit" else "points"
        fades = counts and kind in ("points", "per_unit")
        kept = {name: made[name] for name in ("dimension", "condition", "points")} | {
            "kind": kind,
            "label": "",
        }
        if kind == "bands" or (is_count(made["measure"]["field"]) and kind in ("points", "per_unit")):
            kept["measure"] = made["measure"]
        if fades:
            kept["half_life"] = made["half_life"]
        if kind == "per_unit":
            kept["cap"] = made["cap"]
        if kind == "bands":
            kept["bands"] = made["bands"]
        if kind == "formula":
            kept |= {"tree": made["tree"], "formula": written(made["tree"]), "cap": made["cap"]}
        return kept

    return st.fixed_dictionaries(
        {
            "dimension": st.sampled_from(["a", "b", "c"]),
            "kind": st.sampled_from(["points", "points", "per_unit", "bands", "formula", "disqualifier"]),
            "points": POINTS,
            "condition": st.one_of(st.just({}), crowd.conditions(every)),
            "measure": measures(),
            "bands": bands(),
            "tree": trees(),
            "half_life": st.sampled_from([None, 1, 10, 90]),
            "cap": st.sampled_from([None, 1, 10]),
        }
    ).map(settled)


def cards_of(every: list[st.SearchStrategy]) -> st.SearchStrategy:
    dimension = st.tuples(CAPS, st.sampled_from([1, 1, 2, 0.5, 1.25, 0]))
    return st.fixed_dictionaries(
        {
            "rules": st.lists(rules_of(every), max_size=8),
            "dimensions": st.tuples(dimension, dimension, dimension).map(
                lambda found: [
                    {"key": key, "label": key, "cap": cap, "weight": weight}
                    for key, (cap, weight) in zip("abc", found, strict=True)
                ]
            ),
            "grades": st.sampled_from([{"A": 80, "B": 60, "C": 40}, {"A": 12, "B": 6, "C": 1}]),
        }
    )


def ready(card: dict[str, Any], words: Any) -> ReadCard:
    """Checked, stored and read as any card is, but for the database."""
    given = [{name: value for name, value in one.items() if name != "tree"} for one in card["rules"]]
    try:
        rows = [Rule(**row) for row in clean_rules(given, card["dimensions"], words)]
    except Invalid as refused:
        if {one["code"] for one in refused.errors} != {"divides_by_zero"}:
            raise
        reject()
    stored = Scorecard(name="Any", dimensions=card["dimensions"], grades=card["grades"], threshold=0)
    return assemble(stored, rows, words)


def test_every_card_gives_what_the_reference_gives(workspace: Workspace) -> None:
    people, words = crowd.Crowd(workspace, size=60), crowd.words()
    links = {
        name: [text for row in found for text in (str(row.pk), *people.called(row))]
        for name, found in people.links.items()
    }
    names = [name for name in [*words.names, "touches.报名"] if name not in NOT_ASKED]
    every = [crowd.questions(words, name, op, links) for name in names for op in words.find(name).ops]
    counts = [
        crowd.questions(words, name, op, links)
        for name in names
        if words.find(name).kind == Kind.COUNT
        for op in ("gte", "lt", "is_set")
    ]
    some = list(people.leads)[::7]
    pairs = 0

    def check(card: dict[str, Any], as_of: Any, all_of_them: bool) -> None:
        nonlocal pairs
        engine = Engine(ready(card, words), workspace, as_of)
        statement = engine.scored(None if all_of_them else some)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, score, grade, parts #>> '{{}}' FROM ({statement.text}) found", statement.params
            )
            rows = {row[0]: row[1:] for row in cursor.fetchall()}
        assert set(rows) == set(people.leads if all_of_them else some)
        pairs += len(rows) * len(card["rules"])
        world = World(as_of, ZoneInfo(workspace.time_zone), crowd.KINDS)
        for pk, (score, grade, parts) in rows.items():
            wanted, wanted_grade, points = score_of(card, people.leads[pk], world)
            assert (score, grade) == (wanted, wanted_grade), (card, people.leads[pk])
            assert {at: got for at, got in points_by_rule(parts).items() if got} == {
                at: got for at, got in enumerate(points) if got
            }

    settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )(given(cards_of(every + counts * 6), st.sampled_from(crowd.MOMENTS), st.booleans())(check))()
    sys.stdout.write(f"{pairs:,} pairs of a lead and a rule: the statement and the reference agree\n")
    assert pairs > EXAMPLES * 20  # CONDITION_EXAMPLES=1500 comes to more than 100,000


def test_parts_add_up_with_caps_and_below_zero(workspace: Workspace) -> None:
    in_force(
        rule("fit", 15, "industry", "eq", "saas"),
        rule("fit", 15, "employees", "gte", 50),
        rule("engagement", 3, "touches.download", "gte", 1, per_unit=True, cap=12),
        rule("exclusion", -50, "region", "eq", "nowhere"),
    )
    rich = a_lead(industry="SaaS", employees=80)
    far = a_lead(industry="SaaS", region="nowhere")
    Touch.objects.bulk_create(
        [Touch(lead=rich, kind="download", at=NOW - timedelta(days=n)) for n in range(9)]
    )
    assert rescore(None, as_of=NOW) == 2
    rich.refresh_from_db()
    far.refresh_from_db()
    assert (rich.score, rich.grade, rich.score_parts) == (32, "B", "0:15 1:15 2:12")
    assert (far.score, far.grade, far.score_parts) == (0, "D", "0:15 3:-50")
    assert [part["points"] for part in explain(rich)["parts"]] == [15, 15, 12, -10]
    assert [part["points"] for part in explain(far)["parts"]] == [15, -50, 35]


def test_only_leads_that_come_out_different_are_written(workspace: Workspace) -> None:
    in_force(rule("fit", 15, "industry", "eq", "saas"), rule("fit", 5, "employees", "gte", 50))
    leads = [a_lead(industry="saas" if n % 2 else "farming", employees=n) for n in range(20)]
    assert rescore(None, as_of=NOW) == 20
    before = row_versions()
    assert rescore(None, as_of=NOW + timedelta(days=3)) == 0
    assert row_versions() == before
    Lead.objects.filter(pk=leads[0].pk).update(industry="saas")
    before = row_versions()
    assert rescore([lead.pk for lead in leads], as_of=NOW) == 1
    assert {pk for pk, version in row_versions().items() if version != before[pk]} == {leads[0].pk}


def row_versions() -> dict[Any, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ctid::text FROM leads_lead WHERE workspace_id = current_setting('app.workspace_id')::uuid"
        )
        return dict(cursor.fetchall())


def test_the_same_rules_in_other_places_change_the_parts_alone(workspace: Workspace) -> None:
    lead = a_lead(industry="saas", employees=90)
    in_force(rule("fit", 10, "industry", "eq", "saas"))
    rescore(None, as_of=NOW)
    card = in_force(rule("fit", 10, "employees", "gte", 50))
    assert rescore(None, as_of=NOW) == 1
    lead.refresh_from_db()
    assert (lead.score, lead.scorecard_id) == (10, card.pk)


@pytest.mark.parametrize("many", [1, 300])
def test_it_costs_the_same_statements_for_any_set(
    workspace: Workspace, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(happened._following, "rescored", [])  # what follows is counted by its own rooms
    in_force(
        rule("fit", 15, "industry", "eq", "saas"), rule("engagement", 9, "touches.webinar", "gte", 1, days=30)
    )
    leads = [a_lead(industry="saas").pk for _ in range(many)]
    rescore(leads[:1], as_of=NOW)
    Lead.objects.update(scorecard_id=None)
    with CaptureQueriesContext(connection) as seen:
        assert rescore(leads, as_of=NOW) == many
    asked = [one["sql"] for one in seen if not one["sql"].startswith("SET LOCAL")]
    assert len(asked) == 3, asked  # is the card still the same; lock; score


def test_a_changed_grade_is_in_the_timeline_and_nothing_else_is(workspace: Workspace) -> None:
    in_force(rule("fit", 20, "industry", "eq", "saas"), rule("fit", 5, "employees", "gte", 50))
    lead, other = a_lead(industry="saas"), a_lead(employees=60)
    rescore(None, as_of=NOW)
    told = TimelineEntry.objects.get(kind="graded")
    assert (told.lead_id, told.at, told.actor_id) == (lead.pk, NOW, None)
    assert told.data == {"from": "D", "to": "C", "score": 20}
    assert not TimelineEntry.objects.filter(lead_id=other.pk).exists()
    version = Lead.objects.get(pk=lead.pk).version
    assert version == lead.version  # an open form is not stale because of a score


def test_two_hundred_rules_are_one_statement(workspace: Workspace) -> None:
    in_force(*(rule("fit", 1, "employees", "gte", n) for n in range(200)))
    lead = a_lead(employees=150)
    rescore([lead.pk], as_of=NOW)
    lead.refresh_from_db()
    assert lead.score == 20
    assert len(points_by_rule(lead.score_parts)) == 151


def test_a_rule_on_a_custom_field_that_is_no_more_gives_nothing(workspace: Workspace) -> None:
    from leads.models import CustomField

    field = CustomField.objects.create(key="plan", label="Plan", kind="text")
    in_force(rule("fit", 15, "attributes.plan", "eq", "gold"), rule("fit", 5, "employees", "gte", 50))
    lead = a_lead(employees=60, attributes={"plan": "gold"})
    rescore(None, as_of=NOW)
    assert Lead.objects.get(pk=lead.pk).score == 20
    field.delete()
    rescore(None, as_of=NOW)
    assert Lead.objects.get(pk=lead.pk).score == 5
    assert [part["points"] for part in explain(Lead.objects.get(pk=lead.pk))["parts"]] == [5]
