"""The demo's scoring: a card with rules of every kind, a quarter of leads whose end is known, a draft, a review."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadcrm.demo.weeks import DAYS, Weeks
from leads.actions import advance, capture
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Lead
from scoring.actions import activate, copy_card, rules_of, write_rules
from scoring.defaults import leaf
from scoring.learning.actions import start_training, train_due
from scoring.models import CardStatus, Scorecard
from scoring.review.actions import review_due, start_review
from workspaces.models import Member
from workspaces.tenancy import enter

WEEKS, A_WEEK = 12, 14
SQL = {"field": "stage", "op": "eq", "value": "sql"}
Rule = dict[str, Any]


def kind(dimension: str, english: str, chinese: str, **rule: Any) -> Rule:
    return {"dimension": dimension, "label": {"en": english, "zh-hans": chinese}, "condition": {}} | rule


# What each takes the place of, by its English label; None is added.
KINDS: list[tuple[str | None, Rule]] = [
    (
        "At least 50 employees",
        kind(
            "fit", "Number of employees", "员工人数", kind="bands", measure={"field": "employees"},
            bands=[{"from": 0, "to": 49, "points": 0}, {"from": 50, "to": 199, "points": 3},
                   {"from": 200, "points": 5}, {"unset": True, "points": 0}],
        ),
    ),
    (
        "Downloaded material",
        kind(
            "engagement", "Downloads, fading", "下载资料，逐渐淡化", kind="per_unit", points=3, cap=9,
            measure={"field": "touches.download", "days": 90}, half_life=30,
        ),
    ),
    (
        "Asked for a demo or a price",
        kind(
            "engagement", "Asked for a demo or a price", "主动询价或要求演示", points=10, half_life=45,
            condition=leaf("touches.inquiry", "gte", 1, days=90),
        ),
    ),
    (None, kind("budget", "Size of the budget", "预算规模", kind="formula", cap=5,
                formula="min(5, budget_amount / 10000)")),
    (
        "Student, job seeker or competitor",
        kind(
            "exclusion", "Student, job seeker or competitor", "学生、求职者或竞争对手", kind="disqualifier",
            condition=leaf("tags", "has_any", ["student", "job seeker", "competitor", "学生", "求职者", "竞争对手"]),
        ),
    ),
]  # fmt: skip


def in_force(as_of: datetime) -> None:
    """Rules of every kind, in the card that is in force from the first lead on."""
    active = Scorecard.objects.get(status=CardStatus.ACTIVE)
    rules = rules_of(active)
    for replaced, rule in KINDS:
        at = next((i for i, one in enumerate(rules) if one["label"].get("en") == replaced), None)
        rules[len(rules) if at is None else at : len(rules) if at is None else at + 1] = [rule]
    activate(write_rules(active, rules, as_of=as_of, actor=None), as_of=as_of, actor=None)


class Quarter:
    """Twelve weeks before the weeks of ``Weeks``: of each lead it is known what became of it."""

    def __init__(self, weeks: Weeks) -> None:
        self.weeks, self.dice, self.words = weeks, weeks.dice, weeks.words

    def play(self) -> None:
        with enter(self.weeks.workspace):
            manager = Member.objects.get(role="manager")
            for back in range(WEEKS, 0, -1):
                came = self.weeks.until - timedelta(days=DAYS + 7 * back)
                leads = self.arrivals(came)
                self.ends(leads, came + timedelta(days=4), manager)

    def arrivals(self, at: datetime) -> list[UUID]:
        items = []
        for _number in range(A_WEEK):
            facts = self.weeks.person()
            if self.dice.random() < 0.6:
                facts |= {"pain": self.dice.choice(self.words.pains), "need_level": "urgent"}
                facts |= {"budget_status": "approved", "authority": "decision_maker"}
            item = incoming_from(facts)
            item.channel = self.dice.choice(self.words.channels)
            items.append(item)
        found = capture(items, source=Source("import"), as_of=at, actor=None)
        return [one.lead_id for one in found if one.lead_id]

    def ends(self, leads: list[UUID], at: datetime, manager: Member) -> None:
        """The better the score, the likelier a lead becomes an SQL; no lead stays open."""
        rows = (
            Lead.objects.filter(pk__in=leads).order_by("pk").values_list("pk", "stage", "score", "employees")
        )
        good: list[UUID] = []
        lost: list[UUID] = []
        out: list[UUID] = []
        for pk, stage, score, employees in rows:
            chance = 0.35 + (score - 60) / 60 + (0.15 if employees and employees >= 200 else -0.15)
            if stage != "mql":
                out.append(pk)
            else:
                (good if self.dice.random() < chance else lost).append(pk)
        reason = {"reason": self.dice.choice(self.words.no)}
        advance(out, "disqualify", as_of=at, actor=manager, details=reason)
        advance(lost, "lose", as_of=at, actor=manager, details={"reason": self.dice.choice(self.words.later)})
        advance(good, "to_sql", as_of=at, actor=manager)
        over = [pk for pk in good if self.dice.random() < 0.8]
        later = {"reason": self.dice.choice(self.words.later)}
        advance(over, "lose", as_of=at + timedelta(days=2), actor=manager, details=later)


def looked_at(weeks: Weeks) -> None:
    """What is shown of scoring: a draft with its preview, a card learned from the quarter, this month's review."""
    workspace, now = weeks.workspace, weeks.until
    with enter(workspace):
        active = Scorecard.objects.get(status=CardStatus.ACTIVE)
        draft = copy_card(active, as_of=now, actor=None)
        rules = rules_of(draft)
        for rule in rules:
            if rule["kind"] == "points" and rule["dimension"] == "need" and rule["points"] > 0:
                rule["points"] = max(1, rule["points"] - 5)
        write_rules(draft, rules, as_of=now, actor=None)
        start_training(SQL, monthly=False, as_of=now, actor=None)
        start_review(as_of=now, actor=None)
    train_due(workspace, now)
    review_due(workspace, now)
