"""The fields a condition may speak about: their kind, what they are called, which operators they take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.conditions import derived
from leads.models.assessment import Verdict
from leads.models.company import BuyingRole
from leads.models.followup import FollowUpChannel
from leads.models.lead import Authority, BudgetStatus, NeedLevel, Pool, Quality, Stage
from leads.normalise import email_key


class Kind(StrEnum):
    """What sort of value a field has; it decides the operators, the SQL and the words."""

    TEXT = "text"
    CHOICE = "choice"
    RANKED = "ranked"  # a choice whose values have an order: D < C < B < A
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    DAYS = "days"  # whole days elapsed since a time
    YES_NO = "boolean"
    COUNT = "count"  # how many touches or follow-ups, in a window of days or ever
    ROLE = "role"  # is there a contact in that buying role
    TAGS = "tags"
    LINK = "reference"  # a company, channel, member or team: by id or by name


SAME = ("eq", "ne")
ONE_OF = ("in", "not_in")
ORDER = ("gt", "gte", "lt", "lte", "between")
WORDS = ("contains", "has_word", "starts_with")
FILLED = ("is_set", "is_empty")
CLOCK = ("before", "after", "in_last_days", "not_in_last_days")
NUMERIC = (*SAME, *ONE_OF, *ORDER, *FILLED)

OPS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: (*SAME, *ONE_OF, *WORDS, *FILLED),
    Kind.CHOICE: (*SAME, *ONE_OF, *FILLED),
    Kind.RANKED: NUMERIC,
    Kind.NUMBER: NUMERIC,
    Kind.MONEY: NUMERIC,
    Kind.DATE: (*SAME, *ORDER, *CLOCK, *FILLED),
    Kind.TIME: (*SAME, *ORDER, *CLOCK, *FILLED),
    Kind.DAYS: NUMERIC,
    Kind.YES_NO: (*SAME, *FILLED),
    Kind.COUNT: NUMERIC,
    Kind.ROLE: (*SAME, *FILLED),
    Kind.TAGS: ("has_any", "has_all", *SAME, *ONE_OF, *FILLED),
    Kind.LINK: (*SAME, *ONE_OF, *WORDS, *FILLED),
}

ALL_OPS = tuple(dict.fromkeys(op for ops in OPS.values() for op in ops))

# The positive of each negative operator; a negative one holds where nothing is known.
POSITIVE = {"ne": "eq", "not_in": "in", "is_empty": "is_set", "not_in_last_days": "in_last_days"}
# What is true exactly when the other is not: on an unset value, too.
OPPOSITE = POSITIVE | {positive: negative for negative, positive in POSITIVE.items()}
# The same, and what is so of values that are known.
TURNED = OPPOSITE | {"gt": "lte", "lte": "gt", "gte": "lt", "lt": "gte"}


@dataclass(frozen=True)
class Field:
    """One thing a condition can ask about.

    ``column``: of the lead. ``key``: the attribute, the kind of touch or the buying role.
    ``choices``: (value, label), ascending where they are ranked. ``unset``: the choice that says nothing.
    """

    name: str
    kind: Kind
    label: Any = field(default="", compare=False)
    column: str = ""
    key: str = ""
    choices: tuple[tuple[str, Any], ...] = field(default=(), compare=False)
    unset: str = ""
    nullable: bool = False
    normalise: Callable[[str], str] | None = field(default=None, compare=False)
    expression: Callable[[Any], Any] | None = field(default=None, compare=False)  # a Scope's piece of SQL
    timed: bool = False  # its value may change merely because time passes

    @property
    def ops(self) -> tuple[str, ...]:
        return OPS[self.kind]

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value, _label in self.choices)

    @property
    def custom(self) -> bool:
        """Is it a workspace's own field, read out of JSON?"""
        return self.name.startswith("attributes.")

    @property
    def in_json(self) -> bool:
        return self.column in ("attributes", "assessment")


def text(name: str, label: Any) -> Field:
    return Field(name, Kind.TEXT, label, column=name)


def choice(name: str, label: Any, choices: Any, kind: Kind = Kind.CHOICE, unset: str = "") -> Field:
    return Field(name, kind, label, column=name, choices=tuple(choices), unset=unset)


def number(name: str, label: Any, nullable: bool = False) -> Field:
    return Field(name, Kind.NUMBER, label, column=name, nullable=nullable)


def moment(name: str, label: Any, nullable: bool = True) -> Field:
    return Field(name, Kind.TIME, label, column=name, nullable=nullable)


def days(name: str, label: Any, since: str, nullable: bool = False) -> Field:
    return Field(name, Kind.DAYS, label, column=since, nullable=nullable)


def link(name: str, label: Any) -> Field:
    return Field(name, Kind.LINK, label, column=f"{name}_id", nullable=True)


FIXED = (
    text("name", _("name")),
    text("title", _("job title")),
    Field("email", Kind.TEXT, _("e-mail"), column="email_key", normalise=email_key),
    Field("phone", Kind.TEXT, _("phone"), column="phone_e164", normalise=lambda typed: typed),
    text("wechat", _("WeChat")),
    link("company", _("company")),
    text("credit_code", _("unified social credit code")),
    text("website", _("website")),
    text("domain", _("web domain")),
    text("industry", _("industry")),
    text("region", _("region")),
    number("employees", _("number of employees"), nullable=True),
    link("channel", _("channel")),
    text("campaign", _("campaign")),
    text("external_id", _("external ID")),
    text("pain", _("pain")),
    choice("need_level", _("need"), NeedLevel.choices, Kind.RANKED, unset="unknown"),
    Field("budget_amount", Kind.MONEY, _("budget"), column="budget_amount", nullable=True),
    choice("budget_status", _("budget status"), BudgetStatus.choices, unset="unknown"),
    choice("authority", _("authority"), Authority.choices, unset="unknown"),
    text("decision_process", _("decision process")),
    Field("timeline_date", Kind.DATE, _("go-live date"), column="timeline_date", nullable=True),
    Field("tags", Kind.TAGS, _("tags")),
    choice("stage", _("stage"), Stage.choices),
    choice("pool", _("pool"), Pool.choices),
    link("owner", _("owner")),
    link("team", _("team")),
    number("score", _("score")),
    choice("quality", _("quality"), Quality.choices[1:]),
    choice("grade", _("grade"), [(grade, grade) for grade in "DCBA"], Kind.RANKED),
    number("version", _("version")),
    Field("follow_ups", Kind.COUNT, _("follow-ups")),
    Field("touches", Kind.COUNT, _("touches")),
    Field("contacts", Kind.ROLE, _("contacts with a buying role")),
    days("age_days", _("age"), since="captured_at"),
    days("days_in_stage", _("time in the stage"), since="stage_since"),
    days(
        "days_since_follow_up", _("time since the last follow-up"), since="last_follow_up_at", nullable=True
    ),
    moment("captured_at", _("time of capture"), nullable=False),
    moment("created_at", _("time of entry"), nullable=False),
    moment("updated_at", _("last change"), nullable=False),
    moment("stage_since", _("start of the stage"), nullable=False),
    moment("pool_since", _("start in the pool"), nullable=False),
    moment("held_since", _("start with the owner")),
    moment("next_action_at", _("next action")),
    moment("first_response_at", _("first response")),
    moment("last_follow_up_at", _("last follow-up")),
    moment("reclaim_at", _("time of reclaim")),
    moment("resume_at", _("time of restart")),
)

DERIVED = (
    Field(
        "customer_share",
        Kind.NUMBER,
        _("share of contacts the customer began (%)"),
        nullable=True,
        expression=derived.customer_share,
    ),
    Field(
        "days_between_contacts",
        Kind.NUMBER,
        _("days between contacts"),
        nullable=True,
        expression=derived.days_between,
    ),
    Field(
        "tier",
        Kind.CHOICE,
        _("tier"),
        choices=tuple(derived.TIERS.items()),
        expression=derived.tier,
        timed=True,
    ),
)

# What kind of address the e-mail is; nothing where there is none.
TRAITS_OF_EMAIL = tuple(
    Field(f"email_is_{trait}", Kind.YES_NO, label, expression=partial(derived.has_trait, trait))
    for trait, label in derived.EMAIL_TRAITS.items()
)

FOLLOW_UPS = tuple(
    Field(f"follow_ups.{kind}", Kind.COUNT, derived.FOLLOW_UP_LABELS[kind], key=kind)
    for kind in FollowUpChannel.values
)
ANSWERS = tuple(
    Field(
        f"answers.{question}",
        Kind.CHOICE,
        label,
        column="assessment",
        key=question,
        choices=tuple(Verdict.choices),
        nullable=True,
    )
    for question, label in derived.QUESTIONS.items()
)

ROLES = tuple(Field(f"contacts.{role}", Kind.ROLE, label, key=role) for role, label in BuyingRole.choices)

# The kinds of touch that are known by name; others are allowed, and called as they are written.
TOUCHES = (
    *("page_view", "pricing_page", "form_submit", "download"),
    *("webinar", "event_signup", "email_open", "inquiry"),
)
