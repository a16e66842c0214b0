"""Templates of scorecards: the weighted default, the simple one, BANT, MEDDICC, and one for an ideal customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from scoring import defaults
from scoring.defaults import DECIDING, all_of, any_of, leaf, role
from scoring.ideal import DIMENSIONS as IDEAL_DIMENSIONS
from scoring.ideal import rules_for

Rules = list[dict[str, Any]]
GRADES = {"A": 80, "B": 60, "C": 40}


@dataclass(frozen=True)
class Pattern:
    """``wizard``: its rules come from answers (``scoring.ideal``)."""

    key: str
    name: Any
    text: Any
    dimensions: list[dict[str, Any]]
    rules: Rules
    threshold: int = 60
    wizard: bool = False

    def card(self, answers: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Settings and rules as ``new_card`` and ``write_rules`` take them."""
        rules = rules_for(answers or {}) if self.wizard else self.rules
        return {
            "name": str(self.name),
            "dimensions": self.dimensions,
            "grades": GRADES,
            "threshold": self.threshold,
            "rules": rules,
        }


def dimension(key: str, cap: int | None, english: str, chinese: str) -> dict[str, Any]:
    return {"key": key, "cap": cap, "label": {"en": english, "zh-hans": chinese}}


def gives(key: str, points: int, english: str, chinese: str, condition: Any, **more: Any) -> dict[str, Any]:
    label = {"en": english, "zh-hans": chinese}
    return {"dimension": key, "points": points, "label": label, "condition": condition, **more}


def weighted() -> Rules:
    return [gives(key, points, en, zh, condition) for key, points, en, zh, condition in defaults.RULES]


EXCLUDED = dimension("exclusion", 0, "Exclusion", "排除项")
OUT = {
    "dimension": "exclusion",
    "kind": "disqualifier",
    "label": {"en": "Student, job seeker or competitor", "zh-hans": "学生、求职者或竞争对手"},
    "condition": leaf(
        "tags", "has_any", ["student", "job seeker", "competitor", "学生", "求职者", "竞争对手"]
    ),
}
DECIDES = any_of(leaf("authority", "in", DECIDING), *role(*DECIDING))
CHAMPION = any_of(*role("champion"), leaf("authority", "eq", "influencer"))
CLEAR = leaf("need_level", "in", ["clear", "urgent"])

SIMPLE: Rules = [
    gives("industry", 20, "Target industry", "目标行业", leaf("industry", "in", defaults.INDUSTRIES)),
    gives("pain", 30, "Clear pain", "痛点明确", any_of(leaf("pain", "is_set"), CLEAR)),
    gives("budget", 30, "Budget known", "预算已知", any_of(
        leaf("budget_amount", "is_set"), leaf("budget_status", "in", ["estimated", "approved"])
    )),
    gives("role", 40, "A decision role has appeared", "出现决策角色", DECIDES),
]  # fmt: skip

BANT: Rules = [
    gives("budget", 25, "Budget approved", "预算已批准", leaf("budget_status", "eq", "approved")),
    gives("budget", 15, "Budget estimated", "预算已估算", leaf("budget_status", "eq", "estimated")),
    gives("budget", 10, "Amount known", "金额已知", leaf("budget_amount", "is_set")),
    gives("authority", 25, "Reaches the one who decides", "已接触决策人", DECIDES),
    gives("authority", 12, "A champion or somebody with influence", "有支持者或影响者", CHAMPION),
    gives("authority", 8, "Decision process described", "决策流程清楚", leaf("decision_process", "is_set")),
    gives("need", 25, "Need is urgent", "需求迫切", leaf("need_level", "eq", "urgent")),
    gives("need", 18, "Need is clear", "需求明确", leaf("need_level", "eq", "clear")),
    gives("need", 10, "Pain written down", "已记录痛点", leaf("pain", "is_set")),
    gives("timeline", 15, "Go-live date known", "上线时间已知", leaf("timeline_date", "is_set")),
    gives("timeline", 10, "In conversation", "保持沟通", leaf("follow_ups", "gte", 1, days=30)),
    gives("timeline", 10, "Asked for a demo or a price", "主动询价或要求演示", leaf(
        "touches.inquiry", "gte", 1, days=90), half_life=30),
    OUT,
]  # fmt: skip

MEDDICC: Rules = [
    gives("metrics", 15, "Budget or size of the gain known", "收益或预算可衡量", leaf("budget_amount", "is_set")),
    gives("economic_buyer", 20, "Economic buyer known", "已接触经济决策人", any_of(
        leaf("authority", "eq", "economic_buyer"), *role("economic_buyer", "finance"))),
    gives("criteria", 10, "Decision criteria: asked for details", "决策标准：主动了解细节", any_of(
        leaf("touches.inquiry", "gte", 1), leaf("touches.download", "gte", 2))),
    gives("process", 15, "Decision process described", "决策流程清楚", leaf("decision_process", "is_set")),
    gives("process", 5, "Go-live date known", "上线时间已知", leaf("timeline_date", "is_set")),
    gives("pain", 20, "Pain identified, need at least clear", "痛点明确，需求清晰", all_of(
        leaf("pain", "is_set"), CLEAR)),
    gives("pain", 10, "Pain written down", "已记录痛点", leaf("pain", "is_set")),
    gives("champion", 15, "A champion inside", "内部有支持者", CHAMPION),
    gives("competition", 5, "No competitor named", "未提及竞争对手", leaf(
        "tags", "not_in", ["competing offer", "竞品"])),
    OUT,
]  # fmt: skip

PATTERNS = {
    one.key: one
    for one in (
        Pattern(
            "weighted",
            _("Weighted scorecard"),
            _("Fit, need, budget, authority and engagement, each with its limit; together 100 points."),
            defaults.DIMENSIONS,
            weighted(),
        ),
        Pattern(
            "simple",
            _("Simple 20 / 30 / 30 / 40"),
            _("Four questions, four rules: target industry, clear pain, known budget, a decision role."),
            [
                dimension("industry", 20, "Industry", "行业"),
                dimension("pain", 30, "Pain", "痛点"),
                dimension("budget", 30, "Budget", "预算"),
                dimension("role", 40, "Decision role", "决策角色"),
            ],
            SIMPLE,
        ),
        Pattern(
            "bant",
            "BANT",
            _("Budget, authority, need and timeline, 25 points each."),
            [
                dimension("budget", 25, "Budget", "预算"),
                dimension("authority", 25, "Authority", "决策链"),
                dimension("need", 25, "Need", "需求"),
                dimension("timeline", 25, "Timeline", "时间窗口"),
                EXCLUDED,
            ],
            BANT,
        ),
        Pattern(
            "meddicc",
            "MEDDICC",
            _(
                "Metrics, economic buyer, criteria, process, pain, champion, competition: for long, large sales."
            ),
            [
                dimension("metrics", 15, "Metrics", "衡量指标"),
                dimension("economic_buyer", 20, "Economic buyer", "经济决策人"),
                dimension("criteria", 10, "Decision criteria", "决策标准"),
                dimension("process", 15, "Decision process", "决策流程"),
                dimension("pain", 20, "Identified pain", "已识别痛点"),
                dimension("champion", 15, "Champion", "支持者"),
                dimension("competition", 5, "Competition", "竞争"),
                EXCLUDED,
            ],
            MEDDICC,
        ),
        Pattern(
            "ideal_customer",
            _("Ideal customer profile"),
            _("Five questions about your best customers make the rules."),
            IDEAL_DIMENSIONS,
            [],
            wizard=True,
        ),
    )
}
