"""The scorecard a new workspace starts with: weighted, its caps make 100. Everything is editable."""

from datetime import datetime
from typing import Any

from leads.models import CustomField
from scoring.models import CardStatus, Rule, Scorecard
from workspaces.models import Workspace

Label = dict[str, str]
Condition = dict[str, Any]

NAMES = {"en": "Weighted scorecard", "zh-hans": "加权评分卡"}
DIMENSIONS = [
    {"key": "fit", "cap": 20, "label": {"en": "Fit", "zh-hans": "匹配度"}},
    {"key": "need", "cap": 25, "label": {"en": "Need", "zh-hans": "需求"}},
    {"key": "budget", "cap": 20, "label": {"en": "Budget", "zh-hans": "预算"}},
    {"key": "authority", "cap": 15, "label": {"en": "Authority", "zh-hans": "决策链"}},
    {"key": "engagement", "cap": 20, "label": {"en": "Engagement", "zh-hans": "互动"}},
    # Takes points only.
    {"key": "exclusion", "cap": 0, "label": {"en": "Exclusion", "zh-hans": "排除项"}},
]
GRADES = {"A": 80, "B": 60, "C": 40}
THRESHOLD = 60

INDUSTRIES = [
    "manufacturing", "technology", "information technology", "it", "it services", "software", "saas", "internet",
    "financial services", "finance", "banking", "insurance", "pharma", "pharmaceuticals", "healthcare", "automotive",
    "electronics", "machinery", "logistics",
    "制造业", "制造", "智能制造", "软件", "软件服务", "信息技术", "互联网", "科技",
    "金融", "金融服务", "银行", "保险", "医药", "医疗", "医疗健康", "汽车", "电子", "机械", "物流",
]  # fmt: skip
# Somebody recommended us to them, or we have met.
MET = [
    "employee referral", "external referral", "referral", "customer referral", "recommendation", "partner",
    "trade show", "conference", "event", "exhibition",
    "转介绍", "客户转介绍", "老客户推荐", "内部推荐", "推荐", "合作伙伴", "渠道伙伴", "展会", "会议", "活动",
]  # fmt: skip
QUALIFIED = [
    "pre qualified",
    "pre-qualified",
    "prequalified",
    "qualified",
    "已确认",
    "已验证",
    "已筛选",
    "合格",
]
JUNK = ["junk lead", "junk", "spam", "invalid", "lost lead", "垃圾线索", "垃圾", "无效", "无效线索"]
SENIOR = [
    "director",
    "chief",
    "head of",
    "vice president",
    "founder",
    "总监",
    "总经理",
    "总裁",
    "董事",
    "创始人",
    "负责人",
]
DECIDING = ["decision_maker", "economic_buyer"]
SHORT_SENIOR = ["ceo", "cto", "cfo", "coo", "cio", "vp", "owner", "president"]


def leaf(field: str, op: str, value: Any = None, **more: Any) -> Condition:
    found: Condition = {"field": field, "op": op, **more}
    return found if value is None else found | {"value": value}


def any_of(*parts: Condition) -> Condition:
    return {"any": list(parts)}


def all_of(*parts: Condition) -> Condition:
    return {"all": list(parts)}


def role(*names: str) -> list[Condition]:
    return [leaf(f"contacts.{name}", "is_set") for name in names]


# (dimension, points, English, Chinese, condition)
RULES: list[tuple[str, int, str, str, Condition]] = [
    ("fit", 15, "Target industry", "目标行业", leaf("industry", "in", INDUSTRIES)),
    ("fit", 5, "Company known", "公司已知", leaf("company", "is_set")),
    ("fit", 5, "At least 50 employees", "员工不少于 50 人", leaf("employees", "gte", 50)),
    ("need", 15, "Pain written down", "已记录痛点", leaf("pain", "is_set")),
    ("need", 10, "Need is clear", "需求明确", leaf("need_level", "eq", "clear")),
    ("need", 20, "Need is urgent", "需求迫切", leaf("need_level", "eq", "urgent")),
    (
        "need", 20, "Qualified at the source", "来源已确认",
        leaf("attributes.source_status", "in", QUALIFIED),
    ),
    ("need", 5, "Go-live date known", "上线时间已知", leaf("timeline_date", "is_set")),
    ("budget", 20, "Budget approved", "预算已批准", leaf("budget_status", "eq", "approved")),
    ("budget", 15, "Budget estimated", "预算已估算", leaf("budget_status", "eq", "estimated")),
    ("budget", 10, "Amount known", "金额已知", leaf("budget_amount", "is_set")),
    (
        "authority", 15, "Reaches the one who decides", "已接触决策人",
        any_of(leaf("authority", "in", DECIDING), *role(*DECIDING)),
    ),
    (
        "authority", 8, "Somebody with influence", "有影响者参与",
        any_of(leaf("authority", "eq", "influencer"), *role("influencer", "champion")),
    ),
    (
        "authority", 8, "Senior title", "高级职位",
        any_of(*(leaf("title", "contains", word) for word in SENIOR), leaf("title", "in", SHORT_SENIOR)),
    ),
    ("engagement", 15, "Recommended, or met in person", "转介绍或见过面", leaf("channel", "in", MET)),
    (
        "engagement", 5, "Can be mailed and called", "邮箱和电话都有",
        all_of(leaf("email", "is_set"), leaf("phone", "is_set")),
    ),
    ("engagement", 10, "Asked for a demo or a price", "主动询价或要求演示", leaf("touches.inquiry", "gte", 1, days=90)),
    ("engagement", 8, "Looked at the prices", "浏览过价格页", leaf("touches.pricing_page", "gte", 1, days=30)),
    ("engagement", 5, "Filled in a form", "提交过表单", leaf("touches.form_submit", "gte", 1, days=30)),
    ("engagement", 5, "Attended a webinar", "参加过线上研讨会", leaf("touches.webinar", "gte", 1, days=90)),
    ("engagement", 5, "Downloaded material", "下载过资料", leaf("touches.download", "gte", 1, days=90)),
    ("engagement", 4, "Came back to the website", "多次访问网站", leaf("touches.page_view", "gte", 3, days=30)),
    ("engagement", 5, "In conversation", "保持沟通", leaf("follow_ups", "gte", 2, days=30)),
    ("exclusion", -20, "Junk or lost at the source", "来源标为无效", leaf("attributes.source_status", "in", JUNK)),
    (
        "exclusion", -50, "Student, job seeker or competitor", "学生、求职者或竞争对手",
        leaf("tags", "has_any", ["student", "job seeker", "competitor", "学生", "求职者", "竞争对手"]),
    ),
]  # fmt: skip


def create(workspace: Workspace, as_of: datetime) -> None:
    """The default card of the open workspace, active from the first lead on."""
    CustomField.objects.get_or_create(
        key="source_status", defaults={"label": "Source status" if workspace.locale == "en" else "来源状态"}
    )
    card = Scorecard.objects.create(
        name=NAMES.get(workspace.locale, NAMES["en"]),
        status=CardStatus.ACTIVE,
        dimensions=DIMENSIONS,
        grades=GRADES,
        threshold=THRESHOLD,
        activated_at=as_of,
    )
    Rule.objects.bulk_create(
        [
            Rule(
                scorecard=card,
                dimension=dimension,
                position=position,
                label={"en": english, "zh-hans": chinese},
                condition=condition,
                points=points,
            )
            for position, (dimension, points, english, chinese, condition) in enumerate(RULES)
        ]
    )
