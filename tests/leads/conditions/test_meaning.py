"""The SQL means what the reference says, for every field and operator, joined or correlated."""

import os
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.conditions import (
    EVERYONE,
    Condition,
    Sources,
    Sql,
    Vocabulary,
    compile_sql,
    number_sql,
    parse,
    to_json,
    where,
)
from leads.conditions.fields import ANSWERS, DERIVED, FOLLOW_UPS, TRAITS_OF_EMAIL
from leads.models import Lead
from tests.cast import NOW
from tests.leads.conditions import crowd
from tests.leads.conditions.reference import PER_UNIT, World, holds, how_many, value_of
from workspaces.models import Workspace
from workspaces.tenancy import enter

UNTESTED = {"created_at", "updated_at"}  # the database's own clock writes them
UNTESTED |= {field.name for field in (*DERIVED, *FOLLOW_UPS, *ANSWERS)}  # see test_derived.py
UNTESTED |= {field.name for field in TRAITS_OF_EMAIL} | {"credit_code"}  # see test_recognising.py
EXAMPLES = int(os.environ.get("CONDITION_EXAMPLES", "90"))
QUICK = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def rows(text: str, params: tuple) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchall()


def asked(conditions: list[Condition], workspace: Workspace, world: World, joined: bool) -> dict:
    """For each lead, the answers to all conditions, by one statement."""
    sources = Sources.of(conditions, as_of=world.as_of) if joined else None
    compiled = [
        compile_sql(one, as_of=world.as_of, time_zone=world.zone, lead="lead", sources=sources)
        for one in conditions
    ]
    joins = sources.joins("lead") if sources else None
    text = "SELECT lead.id, " + ", ".join(one.text for one in compiled) + " FROM leads_lead lead "
    text += (joins.text if joins else "") + " WHERE lead.workspace_id = %s"
    params = [p for one in compiled for p in one.params] + list(joins.params if joins else ())
    return {row[0]: row[1:] for row in rows(text, (*params, str(workspace.pk)))}


@dataclass
class Asking:
    """A crowd in the database, and all there is to ask about it."""

    workspace: Workspace
    people: crowd.Crowd
    vocabulary: Vocabulary
    leaves: dict[str, list[st.SearchStrategy]]  # by field, one for each operator

    def check(self, written: list[dict], as_of: datetime, zone: str) -> None:
        """The statement with joins, the one with subqueries and the reference agree on every lead."""
        conditions = [parse(one, self.vocabulary) for one in written]
        for data, condition in zip(written, conditions, strict=True):
            assert parse(to_json(condition), self.vocabulary) == condition, data
        world = World(as_of, ZoneInfo(zone), crowd.KINDS)
        correlated = asked(conditions, self.workspace, world, joined=False)
        assert asked(conditions, self.workspace, world, joined=True) == correlated, written
        for pk, facts in self.people.leads.items():
            expected = tuple(holds(one, facts, world) for one in written)
            assert correlated[pk] == expected, (written, facts)


@pytest.fixture
def asking(workspace: Workspace) -> Asking:
    people, vocabulary = crowd.Crowd(workspace), crowd.words()
    links = {
        name: [text for row in found for text in (str(row.pk), *people.called(row))]
        for name, found in people.links.items()
    }
    names = [name for name in [*vocabulary.names, "touches.报名"] if name not in UNTESTED]
    leaves = {
        name: [crowd.questions(vocabulary, name, op, links) for op in vocabulary.find(name).ops]
        for name in names
    }
    return Asking(workspace, people, vocabulary, leaves)


MOMENTS, ZONES = st.sampled_from(crowd.MOMENTS), st.sampled_from(crowd.ZONES)


def test_every_operator_of_every_field_means_what_the_reference_says(asking: Asking) -> None:
    for leaves in asking.leaves.values():
        settings(QUICK, max_examples=EXAMPLES // 30)(
            given(st.tuples(*leaves).map(list), MOMENTS, ZONES)(asking.check)
        )()


def test_every_condition_means_what_the_reference_says(asking: Asking) -> None:
    every = [leaf for leaves in asking.leaves.values() for leaf in leaves]
    some = st.lists(crowd.conditions(every), min_size=1, max_size=4)
    settings(QUICK, max_examples=EXAMPLES)(given(some, MOMENTS, ZONES)(asking.check))()


def test_in_the_orm_it_finds_the_same_leads(asking: Asking) -> None:
    """Also under another alias, denied by exclude, and beside joins."""
    condition = parse(
        {"any": [{"field": "employees", "op": "gte", "value": 50}, {"field": "tags", "op": "is_set"}]},
        asking.vocabulary,
    )
    there = where(condition, as_of=NOW, time_zone="UTC")
    world = World(NOW, ZoneInfo("UTC"), crowd.KINDS)
    expected = {pk for pk, facts in asking.people.leads.items() if holds(to_json(condition), facts, world)}
    assert 0 < len(expected) < len(asking.people.leads)
    assert set(Lead.objects.filter(there).values_list("pk", flat=True)) == expected
    assert (
        set(Lead.objects.exclude(there).values_list("pk", flat=True)) == set(asking.people.leads) - expected
    )
    assert Lead.objects.filter(there | Q(pk=None), company__name="Acme Ltd").count() > 0
    assert Lead.objects.annotate(met=there).filter(met=True).count() == len(expected)
    inner = Lead.objects.filter(there).values("pk")
    assert Lead.objects.filter(pk__in=inner).count() == len(expected)


def test_numbers_are_those_the_conditions_compare(asking: Asking) -> None:
    """``number_sql`` gives the count, the days, the units of money that a leaf is compared with."""
    find = asking.vocabulary.find
    wanted = [
        (find("touches.page_view"), 30),
        (find("follow_ups"), None),
        (find("employees"), None),
        (find("days_since_follow_up"), None),
        (find("budget_amount"), None),
        (find("attributes.size"), None),
    ]
    world = World(NOW, ZoneInfo("UTC"), crowd.KINDS)
    for sources in (None, Sources.of([], as_of=NOW, numbers=wanted)):
        compiled = [number_sql(f, as_of=NOW, days=days, lead="lead", sources=sources) for f, days in wanted]
        joins = sources.joins("lead") if sources else Sql("")
        text = (
            "SELECT lead.id, "
            + ", ".join(one.text for one in compiled)
            + " FROM leads_lead lead "
            + joins.text
        )
        params = [p for one in compiled for p in one.params] + list(joins.params)
        for pk, views, follow_ups, employees, days, budget, size in rows(text, tuple(params)):
            facts = asking.people.leads[pk]
            assert views == how_many("touches.page_view", 30, facts, world)
            assert follow_ups == how_many("follow_ups", None, facts, world)
            assert employees == facts.columns["employees"]
            assert days == value_of("days_since_follow_up", facts, world)
            assert size == value_of("attributes.size", facts, world)
            minor, currency = facts.columns["budget_amount"], facts.columns["budget_currency"]
            assert budget == (None if minor is None else Decimal(minor) / PER_UNIT.get(currency, 100))


def test_it_sees_its_own_workspace_only(asking: Asking, elsewhere: Workspace) -> None:
    sources = Sources.of([parse({"field": "tags", "op": "is_set"}, asking.vocabulary)], as_of=NOW)
    compiled = compile_sql(EVERYONE, as_of=NOW, time_zone="UTC", lead="lead")
    with enter(elsewhere):
        joins = sources.joins("lead")
        text = f"SELECT count(*) FROM leads_lead lead {joins.text} WHERE {compiled.text}"
        assert rows(text, joins.params) == [(0,)]
