"""Conditions read as sentences, in both languages."""

from typing import Any

import pytest

from leads.conditions import Vocabulary, custom_field, names_of, parse, say
from tests.leads.conditions.crowd import words as crowd_words
from workspaces.models import Member

VOCABULARY = Vocabulary(
    [custom_field("size", "number", label="厂房面积"), custom_field("vip", "boolean", "VIP")]
)

CONTRACT = {
    "all": [
        {"field": "industry", "op": "in", "value": ["manufacturing", "saas"]},
        {
            "any": [
                {"field": "employees", "op": "gte", "value": 200},
                {"field": "touches.page_view", "op": "gte", "value": 3, "days": 30},
            ]
        },
        {"not": {"field": "tags", "op": "has_any", "value": ["competitor"]}},
    ]
}


CONTRACT_SAID = (
    "Industry is “manufacturing” or “saas”, and (number of employees is at least 200, "
    "or at least 3 page views in the last 30 days), and not tagged “competitor”"
)


def leaf(field: str, op: str, value: Any = None, **more: Any) -> dict:
    return {"field": field, "op": op, "value": value, **more}


SENTENCES = [
    (None, "Every lead", "所有线索"),
    (
        CONTRACT,
        CONTRACT_SAID,
        "行业为“manufacturing”或“saas”，且（员工人数至少为200，或最近30天内浏览网页至少3次），且没有标签“competitor”",
    ),
    (
        leaf("stage", "not_in", ["won", "lost", "sql"]),
        "Stage is not Won, Lost or SQL",
        "阶段不是赢单、丢单或SQL",
    ),
    (leaf("pain", "is_set"), "Pain is filled in", "已填写痛点"),
    ({"not": leaf("pain", "is_set")}, "Pain is not filled in", "未填写痛点"),
    ({"not": leaf("name", "contains", "测试")}, "Name does not contain “测试”", "姓名不包含“测试”"),
    ({"not": leaf("score", "gt", 60)}, "Not (score is more than 60)", "并非（分数超过60）"),
    (leaf("grade", "gte", "B"), "Grade is at least B", "等级至少为B"),
    (leaf("need_level", "is_empty"), "Need is not known", "需求程度未知"),
    (leaf("owner", "is_empty"), "No owner", "没有负责人"),
    (leaf("company", "is_set"), "Company is known", "公司已知"),
    (
        leaf("employees", "between", [50, 12000]),
        "Number of employees is between 50 and 12,000",
        "员工人数在50到12,000之间",
    ),
    (
        leaf("budget_amount", "gte", {"amount": "50000", "currency": "CNY"}),
        "Budget is at least CNY 50,000",
        "预算至少为CNY 50,000",
    ),
    (
        leaf("timeline_date", "before", "2026-03-31"),
        "Go-live date is before March 31, 2026",
        "期望上线日期早于2026年3月31日",
    ),
    (
        leaf("captured_at", "after", "2026-03-31T09:00:00+08:00"),
        "Time of capture is after March 31, 2026 09:00 (UTC+08:00)",
        "采集时间晚于2026年3月31日 09:00 (UTC+08:00)",
    ),
    (
        leaf("captured_at", "in_last_days", 1),
        "Time of capture is within the last 1 day",
        "采集时间在最近1天内",
    ),
    (leaf("days_in_stage", "gte", 14), "Time in the stage is at least 14 days", "在当前阶段的时间至少为14天"),
    (leaf("days_since_follow_up", "is_empty"), "Never followed up", "从未跟进"),
    (leaf("follow_ups", "eq", 1), "Exactly 1 follow-up", "跟进恰好1次"),
    (leaf("follow_ups", "is_empty", days=7), "No follow-ups in the last 7 days", "最近7天内没有跟进"),
    (leaf("touches.download", "is_set"), "Some downloads", "有过下载资料"),
    (leaf("touches.参观", "gte", 2), "At least 2 touches of the kind “参观”", "“参观”行为至少2次"),
    (leaf("contacts.decision_maker", "is_set"), "Decision maker among the contacts", "联系人中有决策人"),
    (leaf("contacts.finance", "eq", False), "No finance person among the contacts", "联系人中没有财务人员"),
    (leaf("tags", "has_all", ["VIP", "华东"]), "Tagged “VIP” and “华东”", "带有标签“VIP”和“华东”"),
    (leaf("attributes.size", "lt", 2.5), "厂房面积 is less than 2.5", "厂房面积不到2.5"),
    (leaf("attributes.vip", "eq", True), "VIP is yes", "VIP为是"),
]


@pytest.mark.parametrize(("data", "english", "chinese"), SENTENCES)
def test_a_condition_is_a_sentence(data: Any, english: str, chinese: str) -> None:
    condition = parse(data, VOCABULARY)
    assert say(condition, "en", names={}) == english
    assert say(condition, "zh-hans", names={}) == chinese


def test_ids_are_called_by_their_names(ming: Member) -> None:
    condition = parse(leaf("owner", "in", [str(ming.pk), "alice@acme.test"]), VOCABULARY)
    assert names_of([condition]) == {str(ming.pk): "Ming"}
    assert say(condition, "en") == "Owner is “Ming” or “alice@acme.test”"


def test_everything_can_be_said() -> None:
    """No operator of any field lacks its words, also when denied."""
    vocabulary = crowd_words()
    for name in vocabulary.names:
        field = vocabulary.find(name)
        assert field is not None
        for op in field.ops:
            data = leaf(name, op, sample(str(field.kind), op, field.values))
            for asked in (data, {"not": data}):
                for language in ("en", "zh-hans"):
                    assert "%(" not in say(parse(asked, vocabulary), language, names={})


def sample(kind: str, op: str, choices: tuple[str, ...]) -> Any:
    """Some value of the right shape."""
    by_kind = {"boolean": True, "role": True, "number": 7, "money": 7, "days": 7, "count": 7}
    by_kind |= {"date": "2026-03-31", "time": "2026-03-31T00:00:00+00:00"}
    one = choices[0] if choices else by_kind.get(kind, "x")
    if op in ("is_set", "is_empty"):
        return None
    if op in ("in", "not_in", "has_any", "has_all"):
        return [one]
    if op.endswith("in_last_days"):
        return 7
    return [one, one] if op == "between" else one
