"""Tags of rules as they were on any day: from when to when a lead had them, and by which rule."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from leads.actions import apply_tag_rules, capture, edit, merge, tag, undo_merge, untag
from leads.actions.delete import delete_lead
from leads.actions.rules import add_tag_rule, change_tag_rule, drop_tag_rule
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import LeadTag, TagRule, TagSpan
from leads.past import look_back
from tests.cast import NOW
from workspaces.models import Member

DAY = timedelta(days=1)
STEEL = {"field": "industry", "op": "eq", "value": "Steel"}
LARGE = {"field": "employees", "op": "gte", "value": 50}
pytestmark = pytest.mark.usefixtures("workspace")


def arrive(**facts: Any) -> UUID:
    item = incoming_from({"name": "Li Lei", "email": "li@acme.example"} | facts)
    return capture([item], source=Source("hand"), as_of=NOW, actor=None)[0].lead_id


def add(name: str, condition: Any) -> TagRule:
    return add_tag_rule(name, condition, as_of=NOW, actor=None)


def write(pk: UUID, day: int, **facts: Any) -> None:
    edit(pk, facts, as_of=NOW + day * DAY, actor=None)


def known(pk: UUID, at: datetime) -> list[str]:
    look_back([(pk, at)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT t.name FROM past_tag x JOIN leads_tag t ON t.id = x.tag_id ORDER BY t.name")
        return [row[0] for row in cursor.fetchall()]


def by_day(pk: UUID, *days: int) -> list[list[str]]:
    return [known(pk, NOW + day * DAY) for day in days]


def test_a_rules_tag_is_known_from_the_day_it_came_until_the_day_it_went() -> None:
    rule = add("heavy", STEEL)
    pk = arrive()
    write(pk, 1, industry="Steel")
    write(pk, 3, industry="SaaS")
    assert by_day(pk, 0, 1, 2, 3, 4) == [[], ["heavy"], ["heavy"], [], []]
    (span,) = TagSpan.objects.filter(lead_id=pk)
    assert (span.rule_id, span.since, span.until) == (rule.pk, NOW + DAY, NOW + 3 * DAY)
    write(pk, 5, industry="Steel")
    assert by_day(pk, 2, 4, 5) == [["heavy"], [], ["heavy"]]


def test_a_new_leads_tag_is_known_since_it_came_in() -> None:
    add("heavy", STEEL)
    pk = arrive(industry="Steel")
    write(pk, 1, industry="SaaS")
    assert by_day(pk, 0, 1) == [["heavy"], []]


def test_each_rule_that_had_the_tag_on_is_told() -> None:
    first, second = add("big", STEEL), add("big", LARGE)
    pk = arrive(industry="Steel")
    write(pk, 1, industry="SaaS", employees=90)
    write(pk, 2, employees=10)
    spans = TagSpan.objects.filter(lead_id=pk).order_by("since").values_list("rule_id", "since", "until")
    assert list(spans) == [(first.pk, NOW, NOW + DAY), (second.pk, NOW + DAY, NOW + 2 * DAY)]
    assert by_day(pk, 0, 1, 2) == [["big"], ["big"], []]


def test_what_came_and_went_at_one_moment_leaves_nothing() -> None:
    add("heavy", STEEL)
    pk = arrive(industry="Steel")
    write(pk, 0, industry="SaaS")
    assert not TagSpan.objects.exists() and by_day(pk, 0) == [[]]


@pytest.mark.parametrize("how", ["dropped", "switched off", "another tag"])
def test_a_changed_rule_leaves_what_it_had_put_on(how: str) -> None:
    rule = add("heavy", STEEL)
    pk = arrive(industry="Steel")
    later: Any = {"as_of": NOW + DAY, "actor": None}
    if how == "dropped":
        drop_tag_rule(rule, **later)
    else:
        change_tag_rule(rule, {"is_active": False} if how == "switched off" else {"tag": "steel"}, **later)
    after = ["steel"] if how == "another tag" else []
    assert by_day(pk, 0, 1) == [["heavy"], after]


def test_taken_over_or_off_by_hand_it_is_known_for_the_rules_time_too() -> None:
    add("heavy", STEEL)
    kept, off = arrive(), arrive(name="Han", email="han@acme.example")
    for pk in (kept, off):
        write(pk, 1, industry="Steel")
    tag([kept], ["heavy"], as_of=NOW + 2 * DAY, actor=None)
    write(kept, 3, industry="SaaS")
    untag([kept], ["heavy"], as_of=NOW + 4 * DAY, actor=None)
    assert by_day(kept, 0, 1, 2, 3, 4) == [[], ["heavy"], ["heavy"], ["heavy"], []]
    TagRule.objects.update(is_active=False)
    untag([off], ["heavy"], as_of=NOW + 2 * DAY, actor=None)
    assert by_day(off, 0, 1, 2) == [[], ["heavy"], []]


def test_a_merge_takes_the_times_along_and_its_undo_gives_them_back() -> None:
    add("heavy", STEEL)
    stays, other = arrive(industry="SaaS"), arrive(name="Han", email="han@acme.example", industry="Steel")
    write(other, 1, industry="Retail")
    write(other, 2, industry="Steel")
    made = merge(stays, other, as_of=NOW + 3 * DAY, actor=None)  # its industry stays, so the tag goes
    assert by_day(stays, 0, 1, 2, 3) == [["heavy"], [], ["heavy"], []]
    undone = undo_merge(made.pk, as_of=NOW + 4 * DAY, actor=None)
    assert undone.kept == []
    assert by_day(other, 0, 1, 2, 4) == [["heavy"], [], ["heavy"], ["heavy"]]
    assert by_day(stays, 0, 2, 4) == [[], [], []]


def test_with_the_lead_its_history_goes(alice: Member) -> None:
    add("heavy", STEEL)
    pk = arrive(industry="Steel")
    write(pk, 1, industry="SaaS")
    delete_lead(pk, as_of=NOW + DAY, actor=alice)
    assert not TagSpan.objects.exists()


def test_of_no_leads_nothing_ends() -> None:
    for act in (tag, untag):
        assert act([], ["heavy"], as_of=NOW, actor=None) == []


def test_many_leads_cost_one_statement(django_assert_num_queries: Any) -> None:
    rule = add("heavy", STEEL)
    leads = [arrive(name=str(n), email=f"p{n}@acme.example", industry="Steel") for n in range(3)]
    TagRule.objects.filter(pk=rule.pk).update(condition=LARGE)
    for some in (leads[:1], leads[1:]):
        with django_assert_num_queries(3):  # the rules, the fields, the tags
            assert apply_tag_rules(some, as_of=NOW + DAY) == sorted(some)
    assert TagSpan.objects.count() == 3 and not LeadTag.objects.exists()
