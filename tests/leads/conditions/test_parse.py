"""What is refused, and where the fault is said to be."""

from typing import Any

import pytest

from leads.conditions import (
    EVERYONE,
    ConditionError,
    Vocabulary,
    compile_sql,
    custom_field,
    fields_used,
    first_field,
    parse,
    parts,
    say,
    time_dependent,
    to_json,
    vocabulary,
)
from leads.models import CustomField
from tests.cast import NOW
from workspaces.models import Workspace
from workspaces.refusals import Invalid

VOCABULARY = Vocabulary([custom_field("plan", "choice", choices=["gold", "silver"])], region="CN")
GOOD = {"field": "score", "op": "gte", "value": 60}


def leaf(field: Any, op: Any, value: Any = None, **more: Any) -> dict:
    return {"field": field, "op": op, "value": value, **more}


def nested(depth: int) -> dict:
    data: dict = GOOD
    for at in range(depth):
        data = {"any": [data]} if at % 2 else {"not": data}
    return data


REFUSED = [
    ([], "", "not_a_condition"),
    ("score > 60", "", "not_a_condition"),
    ({"all": GOOD}, "all", "wrong_type"),
    ({"any": []}, "any", "empty"),
    ({"all": [GOOD, {}]}, "all[1].field", "required"),
    ({"all": [GOOD, None]}, "all[1]", "not_a_condition"),
    ({"all": [GOOD], "any": [GOOD]}, "any", "unknown_key"),
    ({"op": "eq", "value": 1}, "field", "required"),
    ({"field": "score"}, "op", "required"),
    ({"field": "score", "op": "gte"}, "value", "required"),
    ({"field": "score", "op": "gte", "values": 3}, "values", "unknown_key"),
    ({"field": 7, "op": "eq"}, "field", "wrong_type"),
    (leaf("colour", "eq", "red"), "field", "unknown_field"),
    (leaf("attributes.colour", "eq", "red"), "field", "unknown_field"),
    (leaf("contacts.boss", "is_set"), "field", "unknown_field"),
    (leaf("touches.", "is_set"), "field", "unknown_field"),
    (leaf("search", "contains", "x"), "field", "unknown_field"),
    (leaf("score", "matches", 1), "op", "unknown_op"),
    (leaf("score", "contains", "1"), "op", "wrong_op"),
    (leaf("name", "gte", "a"), "op", "wrong_op"),
    ({"all": [GOOD, {"not": leaf("score", "gte", "60")}]}, "all[1].not.value", "wrong_type"),
    (leaf("score", "gte", True), "value", "wrong_type"),
    (leaf("score", "gte", float("nan")), "value", "wrong_type"),
    (leaf("score", "gte", 10**16), "value", "wrong_value"),
    (leaf("score", "between", [1]), "value", "wrong_type"),
    (leaf("score", "between", [1, "2"]), "value[1]", "wrong_type"),
    (leaf("score", "between", [2, 1]), "value", "wrong_value"),
    (leaf("industry", "in", "saas"), "value", "wrong_type"),
    (leaf("industry", "in", []), "value", "empty"),
    (leaf("industry", "in", ["saas", 7]), "value[1]", "wrong_type"),
    (leaf("industry", "in", ["x"] * 1001), "value", "too_many"),
    (leaf("industry", "eq", " "), "value", "empty"),
    (leaf("industry", "eq", "x" * 501), "value", "too_long"),
    (leaf("industry", "is_set", False), "value", "wrong_value"),
    (leaf("stage", "in", ["mql", "customer"]), "value[1]", "wrong_value"),
    (leaf("attributes.plan", "eq", "bronze"), "value", "wrong_value"),
    (leaf("timeline_date", "before", "31.3.2026"), "value", "wrong_type"),
    (leaf("timeline_date", "before", "2026-02-30"), "value", "wrong_type"),
    (leaf("timeline_date", "before", "2026-03-31T00:00:00Z"), "value", "wrong_type"),
    (leaf("timeline_date", "before", "0001-01-01"), "value", "wrong_value"),
    (leaf("captured_at", "after", "2026-03-31T09:00:00"), "value", "wrong_type"),
    (leaf("captured_at", "in_last_days", 0), "value", "wrong_value"),
    (leaf("captured_at", "in_last_days", "7"), "value", "wrong_type"),
    (leaf("touches.page_view", "gte", 1, days=0.5), "days", "wrong_type"),
    (leaf("score", "gte", 1, days=3), "days", "unknown_key"),
    (leaf("contacts.champion", "eq", "yes"), "value", "wrong_type"),
    (leaf("budget_amount", "gte", {"amount": "much", "currency": "CNY"}), "value.amount", "wrong_type"),
    (leaf("budget_amount", "gte", {"amount": 1, "currency": "yuan"}), "value.currency", "wrong_type"),
    (leaf("budget_amount", "gte", {"amount": 1}), "value", "wrong_type"),
    (nested(6), "any[0].not.any[0].not.any[0]", "too_deep"),
    ({"all": [GOOD] * 101}, "all[100]", "too_many"),
]


@pytest.mark.parametrize(("data", "path", "code"), REFUSED)
def test_a_fault_is_refused_with_its_path(data: Any, path: str, code: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(data, VOCABULARY)
    assert (refused.value.path, refused.value.code) == (path, code)
    assert refused.value.message


def test_it_answers_422_with_the_path() -> None:
    with pytest.raises(Invalid) as refused:
        parse({"all": [leaf("industri", "eq", "saas")]}, VOCABULARY, path="where")
    assert refused.value.status == 422
    assert refused.value.errors == [
        {
            "field": "where.all[0].field",
            "code": "unknown_field",
            "message": "There is no field “industri”. Did you mean “industry”?",
        }
    ]


def test_five_deep_and_a_hundred_leaves_are_allowed() -> None:
    assert to_json(parse(nested(5), VOCABULARY)) == nested(5)
    assert len(parts(parse({"all": [GOOD] * 100}, VOCABULARY))) == 100


@pytest.mark.parametrize("data", [None, {}, {"all": []}])
def test_nothing_asked_means_everyone(data: Any) -> None:
    condition = parse(data, VOCABULARY)
    assert condition == EVERYONE
    assert compile_sql(condition, as_of=NOW, time_zone="UTC").text == "TRUE"
    assert parts(condition) == []
    assert first_field(condition) == ""


def test_values_are_brought_into_the_form_they_are_compared_in() -> None:
    assert parse(leaf("phone", "eq", "138 0013 8000"), VOCABULARY).value == "+8613800138000"
    assert parse(leaf("email", "eq", " Li@ACME.com"), VOCABULARY).value == "li@acme.com"
    assert parse(leaf("stage", "eq", "ＭＱＬ"), VOCABULARY).value == "mql"
    assert parse(leaf("score", "eq", 60.0), VOCABULARY).value == 60


def test_what_can_be_asked_of_a_condition() -> None:
    condition = parse(
        {"all": [GOOD, {"any": [leaf("pain", "is_set"), leaf("attributes.plan", "eq", "GOLD")]}]}, VOCABULARY
    )
    assert fields_used(condition) == {"score", "pain", "attributes.plan"}
    assert first_field(condition) == "score"
    assert [first_field(part) for part in parts(condition)] == ["score", "pain"]
    assert len(parts(parse(GOOD, VOCABULARY))) == 1


@pytest.mark.parametrize(
    ("data", "moves"),
    [
        (GOOD, False),
        (leaf("touches.page_view", "gte", 1), False),
        (leaf("touches.page_view", "gte", 1, days=30), True),
        ({"not": leaf("captured_at", "in_last_days", 7)}, True),
        (leaf("captured_at", "not_in_last_days", 7), True),
        (leaf("captured_at", "before", "2026-03-31"), False),
        ({"any": [GOOD, leaf("age_days", "gte", 30)]}, True),
    ],
)
def test_it_is_known_whether_time_alone_can_change_the_answer(data: dict, moves: bool) -> None:
    assert time_dependent(parse(data, VOCABULARY)) is moves


def test_a_stored_question_about_a_deleted_field_is_answered_as_unset() -> None:
    gone = {"all": [leaf("attributes.old", "in", ["x"]), leaf("attributes.plan", "gte", 3)]}
    with pytest.raises(ConditionError):
        parse(gone, VOCABULARY)
    condition = parse(gone, VOCABULARY, stored=True)
    assert parse(to_json(condition), VOCABULARY, stored=True) == condition
    assert compile_sql(condition, as_of=NOW, time_zone="UTC").text == "(FALSE AND FALSE)"
    denied = parse({"not": leaf("attributes.old", "is_set")}, VOCABULARY, stored=True)
    assert compile_sql(denied, as_of=NOW, time_zone="UTC").text == "NOT (FALSE)"
    assert say(denied, "en", names={}) == "Not (a custom field that is no more (old))"
    with pytest.raises(ConditionError):
        parse(leaf("colour", "eq", "red"), VOCABULARY, stored=True)


def test_the_vocabulary_of_a_workspace_takes_one_query(
    workspace: Workspace, django_assert_num_queries: Any
) -> None:
    CustomField.objects.create(key="plan", label="Plan", kind="choice", choices=["gold", "silver"])
    with django_assert_num_queries(1):
        words = vocabulary(workspace)
        parse({"all": [leaf("attributes.plan", "eq", "gold"), GOOD]}, words)
    described = {field["name"]: field for field in words.describe()}
    assert described["attributes.plan"]["label"] == "Plan"
    assert [choice["value"] for choice in described["attributes.plan"]["choices"]] == ["gold", "silver"]
    assert "has_any" in described["tags"]["ops"]


def test_values_are_always_parameters() -> None:
    nasty = "x'; DROP TABLE leads_lead; --"
    data = {"all": [leaf("name", "contains", nasty), leaf(f"touches.{nasty[:1]}a", "gte", 1, days=3)]}
    compiled = compile_sql(parse(data, VOCABULARY), as_of=NOW, time_zone="UTC")
    assert "DROP" not in compiled.text
    assert nasty in compiled.params
    with pytest.raises(ConditionError):
        parse(leaf(f"touches.{nasty}", "is_set"), VOCABULARY)
    with pytest.raises(ValueError, match="alias"):
        compile_sql(EVERYONE, as_of=NOW, time_zone="UTC", lead='x" OR 1=1')
