"""The facts as they were known at a moment: whatever happened later is taken back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from leads.actions import (
    add_contact,
    advance,
    assess,
    capture,
    drop_contact,
    edit,
    log_follow_up,
    merge,
    record_touches,
    tag,
    undo_merge,
    untag,
)
from leads.actions.fill_in import Found, fill_in
from leads.actions.take_back import unfill
from leads.conditions.moments import EACH
from leads.facts import incoming_from
from leads.incoming import Source
from leads.past import PAST, look_back
from scoring.cards import read
from scoring.engine import Engine
from tests.cast import NOW
from tests.scoring.cards import in_force, rule
from workspaces.ids import uuid7
from workspaces.models import Workspace

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("workspace")


def arrive(**facts: Any) -> Any:
    item = incoming_from({"name": "Li Lei", "email": "li@acme.example"} | facts)
    return capture([item], source=Source("hand"), as_of=NOW, actor=None)[0].lead_id


def as_known(pk: Any, at: datetime, what: str = "*") -> dict[str, Any]:
    look_back([(pk, at)])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {what} FROM past_lead")
        row = cursor.fetchone()
        return dict(zip([column.name for column in cursor.description], row, strict=True))


def test_facts_written_later_are_taken_back(custom_size: None) -> None:
    pk = arrive(industry="SaaS", attributes={"size": 5})
    edit(pk, {"industry": "Steel", "employees": 90, "attributes": {"size": 7}}, as_of=NOW + DAY, actor=None)
    edit(pk, {"industry": "", "employees": None}, as_of=NOW + 2 * DAY, actor=None)
    what = "industry, employees, (attributes ->> 'size')::int AS size"
    assert as_known(pk, NOW, what) == {"industry": "SaaS", "employees": None, "size": 5}
    assert as_known(pk, NOW + DAY, what) == {"industry": "Steel", "employees": 90, "size": 7}
    assert as_known(pk, NOW + 3 * DAY, what) == {"industry": "", "employees": None, "size": 7}


def test_blanks_that_an_arrival_filled_are_blank_again(custom_size: None) -> None:
    pk = arrive()
    item = incoming_from({"email": "li@acme.example", "industry": "Steel", "attributes": {"size": 3}})
    capture([item], source=Source("import"), as_of=NOW + DAY, actor=None)
    what = "industry, attributes ->> 'size' AS size"
    assert as_known(pk, NOW, what) == {"industry": "", "size": None}
    assert as_known(pk, NOW + DAY, what) == {"industry": "Steel", "size": "3"}


def test_what_a_service_filled_in_or_an_undone_list_took_back_is_known_for_its_time(
    custom_size: None,
) -> None:
    pk = arrive()
    fill_in({pk: {"region": "Jiangsu"}}, Found("http", uuid7(), "X"), as_of=NOW + DAY)
    item = incoming_from({"email": "li@acme.example", "industry": "Steel", "attributes": {"size": 3}})
    capture([item], source=Source("import"), as_of=NOW + 2 * DAY, actor=None)
    fills: dict[str, list[Any]] = {"industry": ["", "Steel"], "attributes.size": [None, 3]}
    unfill({pk: fills}, {}, as_of=NOW + 4 * DAY, actor=None)
    what = "region, industry, attributes ->> 'size' AS size"
    seen = [tuple(as_known(pk, NOW + day * DAY, what).values()) for day in (0, 1, 3, 5)]
    assert seen == [("", "", None), ("Jiangsu", "", None), ("Jiangsu", "Steel", "3"), ("Jiangsu", "", None)]


def test_what_hangs_on_a_lead_is_as_it_was_and_the_engine_scores_it(workspace: Workspace) -> None:
    pk = arrive()
    card = read(
        in_force(
            rule("engagement", 3, "touches.download", "gte", 1, days=30, per_unit=True, cap=9),
            rule("engagement", 5, "follow_ups", "gte", 1),
            rule("fit", 7, "contacts.decision_maker", "is_set"),
            rule("fit", 2, "tags", "has_any", ["Event"]),
            rule("fit", 4, "age_days", "gte", 2),
            rule("fit", 1, "timeline_date", "is_empty"),
        )
    )
    record_touches([(pk, "download", None, {})], as_of=NOW + DAY, actor=None)
    tag([pk], ["Event"], as_of=NOW + DAY, actor=None)
    made = add_contact(pk, role="decision_maker", name="Boss", as_of=NOW + 2 * DAY, actor=None)
    log_follow_up(pk, channel="call", summary="Talked", as_of=NOW + 3 * DAY, actor=None)
    untag([pk], ["Event"], as_of=NOW + 3 * DAY, actor=None)
    drop_contact(made.pk, as_of=NOW + 4 * DAY, actor=None)
    seen = {}
    for day in (0, 1, 2, 3, 4, 40):
        look_back([(pk, NOW + day * DAY)])
        with connection.cursor() as cursor:
            statement = Engine(card, workspace, EACH, PAST).scored(None, rules=True)
            cursor.execute(f"SELECT parts #>> '{{}}' FROM ({statement.text}) s", statement.params)
            seen[day] = cursor.fetchone()[0]
    assert seen[0] == "5:1"
    assert seen[1] == "0:3 3:2 5:1"
    assert seen[2] == "0:3 2:7 3:2 4:4 5:1"
    assert seen[3] == "0:3 1:5 2:7 4:4 5:1"
    assert seen[4] == "0:3 1:5 4:4 5:1"
    assert seen[40] == "1:5 4:4 5:1"


def test_answers_are_those_given_by_then(workspace: Workspace) -> None:
    pk = arrive()
    assess(pk, "need", verdict="bad", as_of=NOW + DAY, actor=None)
    assess(pk, "need", verdict="good", as_of=NOW + 2 * DAY, actor=None)
    assess(pk, "authority", verdict="mixed", as_of=NOW + 2 * DAY, actor=None)
    edit(pk, {"industry": "Steel"}, as_of=NOW + 3 * DAY, actor=None)
    card = read(in_force(rule("fit", 7, "answers.need", "eq", "good")))
    seen = {}
    for day in (0, 1, 2, 3):
        look_back([(pk, NOW + day * DAY)])
        with connection.cursor() as cursor:
            statement = Engine(card, workspace, EACH, PAST).scored(None)
            known = "l.assessment ->> 'need', l.assessment ->> 'authority'"
            text = f"SELECT s.score, {known} FROM ({statement.text}) s JOIN past_lead l ON l.id = s.id"
            cursor.execute(text, statement.params)
            seen[day] = cursor.fetchone()
    assert seen == {0: (0, None, None), 1: (0, "bad", None), 2: (7, "good", "mixed"), 3: (7, "good", "mixed")}


def test_the_stage_is_the_one_of_the_moment() -> None:
    pk = arrive()
    advance([pk], "disqualify", as_of=NOW + DAY, actor=None, details={"reason": "student"})
    advance([pk], "reopen", as_of=NOW + 3 * DAY, actor=None)
    stages = [as_known(pk, NOW + day * DAY, "stage, stage_since") for day in (0, 1, 2, 3)]
    assert [one["stage"] for one in stages] == ["lead", "disqualified", "disqualified", "lead"]
    assert [one["stage_since"] for one in stages] == [NOW, NOW + DAY, NOW + DAY, NOW + 3 * DAY]


def test_what_a_merge_brought_was_not_known_before_it(custom_size: None) -> None:
    pk = arrive(industry="SaaS")
    other = arrive(name="Li", email="lilei@acme.example", employees=90, pain="x", attributes={"size": 3})
    advance([other], "disqualify", as_of=NOW, actor=None, details={"reason": "student"})
    choose = {"industry": "other", "pursuit": "other"}
    made = merge(pk, other, choose=choose, as_of=NOW + DAY, actor=None)
    what = "industry, employees, pain, attributes ->> 'size' AS size, stage"
    alone = {"industry": "SaaS", "employees": None, "pain": "", "size": None, "stage": "lead"}
    both = {"industry": "", "employees": 90, "pain": "x", "size": "3", "stage": "disqualified"}
    assert as_known(pk, NOW, what) == alone
    assert as_known(pk, NOW + DAY, what) == both
    edit(pk, {"pain": "much"}, as_of=NOW + 2 * DAY, actor=None)
    undo_merge(made.pk, as_of=NOW + 3 * DAY, actor=None)
    assert as_known(pk, NOW, what) == alone
    assert as_known(pk, NOW + DAY, what) == both
    assert as_known(pk, NOW + 2 * DAY, "employees, pain") == {"employees": 90, "pain": "much"}
    assert as_known(pk, NOW + 3 * DAY, what) == alone | {"pain": "much"}


def test_many_leads_cost_no_more_statements_than_one(django_assert_num_queries: Any) -> None:
    first, second = arrive(), arrive(name="Han", email="han@acme.example")
    with django_assert_num_queries(32):
        look_back([(first, NOW)])
    with django_assert_num_queries(32):
        look_back([(first, NOW), (second, NOW + DAY)])


@pytest.fixture
def custom_size(workspace: Workspace) -> None:
    from leads.models import CustomField

    CustomField.objects.create(key="size", label="Size", kind="number")
