"""The demo's sales floor: teams, rules and policies from the first day on, and what happens there today."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from leadcrm.demo.floor_words import FLOOR, FloorWords
from leadcrm.demo.weeks import Weeks
from leadcrm.demo.words import Words
from leadcrm.flow import run_due
from leads.actions import capture, log_follow_up
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Lead
from notices.actions.wishes import set_hours, set_preferences
from pools.actions import claim, extend, hand_over, lock_until, mark_invalid, release
from pools.actions.response_policies import save_response_policy
from pools.actions.rules import change_claim_policy, save_claim_rule, save_policy, save_rule, set_terms
from pools.models import AssignmentRule, ClaimRule, Counts, PoolPolicy, ResponsePolicy
from workspaces.actions import change_member
from workspaces.calendar.actions import add_absence, change_calendar, set_day
from workspaces.models import Member, Team, Workspace
from workspaces.teams import add_team
from workspaces.tenancy import enter

LARGE = {"field": "employees", "op": "gte", "value": 450}
IS_A = {"field": "grade", "op": "eq", "value": "A"}
STEP = dict[str, Any]


def opened(words: Words, at: datetime) -> None:
    """In the open workspace, on its first day: who takes what, and until when."""
    told, manager = FLOOR[words.locale], Member.objects.get(role="manager")
    admin = Member.objects.get(role="admin")
    first, second, third = reps()
    who: dict[str, Any] = {"as_of": at, "actor": admin}
    key, other = add_team(told.key_team, **who), add_team(told.other_team, **who)
    add_team(told.empty_team, **who)
    change_member(second, {"team": key}, **who)
    for member in (first, third):
        change_member(member, {"team": other}, **who)
    terms: list[tuple[Member, dict[str, Any]]] = [
        (first, {"weight": 2, "per_week": 40}),
        (second, {"level": "senior", "weight": 3, "per_day": 12}),
        (third, {"level": "beginner", "weight": 1, "per_week": 25}),
    ]
    for member, changes in terms:
        set_terms(member, changes, as_of=at, actor=manager)
    change_calendar({"country": told.country}, **who)
    policies(told, who)
    rules(words, told, key, who)
    change_claim_policy({"capacity_by_grade": {"A": 25}}, **who)
    save_claim_rule(ClaimRule(name=told.claim_rule, position=1, condition=LARGE, team=key), [], **who)


def reps() -> list[Member]:
    return list(Member.objects.filter(role="rep").order_by("email"))


def policies(told: FloorWords, who: dict[str, Any]) -> None:
    for usual in PoolPolicy.objects.all():
        usual.position, usual.invalid_marks = 3, 2
        save_policy(usual, **who)
    budget = {"not": {"field": "budget_status", "op": "eq", "value": "unknown"}}
    held = {"first_contact_hours": 48, "follow_up_days": 30, "max_hold_days": 180, "counts": Counts.WORKING}
    facts = {"facts": budget, "facts_days": 20}
    save_policy(PoolPolicy(name=told.key_policy, position=1, condition=LARGE, **held, **facts), **who)
    short = {"follow_up_days": 3, "max_hold_days": 60, "target": "lead"}
    save_policy(PoolPolicy(name=told.a_policy, position=2, condition=IS_A, **short), **who)
    hours: list[STEP] = [
        {"after": 2, "unit": "hours", "do": "remind"},
        {"after": 4, "unit": "hours", "do": "manager"},
    ]
    days: list[STEP] = [
        {"after": 3, "unit": "days", "do": "remind"},
        {"after": 5, "unit": "days", "do": "manager"},
        {"after": 7, "unit": "days", "do": "hand_on"},
    ]
    for name, awaited, after, unit, steps in (
        (told.a_response, "first_contact", 4, "hours", hours),
        (told.next_response, "follow_up", 5, "days", days),
    ):
        policy = ResponsePolicy(name=name, position=0, condition=IS_A, awaited=awaited, steps=steps)
        policy.counts, policy.after, policy.unit = Counts.WORKING, after, unit
        save_response_policy(policy, **who)


def rules(words: Words, told: FloorWords, key: Team, who: dict[str, Any]) -> None:
    """One of each strategy; what none of them fits goes on in turn, as in every new workspace."""
    first, second, third = reps()
    for usual in AssignmentRule.objects.all():
        usual.position, usual.monthly_turn = 9, True
        save_rule(usual, **who)
    near = {"field": "region", "op": "in", "value": list(words.regions[:2])}
    pharma = {"field": "industry", "op": "eq", "value": words.industries[2]}
    made: list[tuple[str, Any, str, dict[Member, int | None], dict[str, Any]]] = [
        (told.largest, LARGE, "sticky_company", {}, {"team": key, "overflow": "next_rule"}),
        (told.regional, near, "weighted", {first: 3, second: 1, third: 1}, {"overflow": "next_rule"}),
        (told.closers, pharma, "best_closer", {}, {}),
        (told.by_level, IS_A, "by_level", {}, {"overflow": "next_rule"}),
    ]
    for position, (name, condition, strategy, members, more) in enumerate(made, start=3):
        rule = AssignmentRule(name=name, position=position, condition=condition, strategy=strategy, **more)
        save_rule(rule, members, **who)


class Floor:
    """What happens on the floor around ``until``: claims, an absence, a handover, what leaves and what waits."""

    def __init__(self, weeks: Weeks) -> None:
        self.weeks, self.words, self.now = weeks, weeks.words, weeks.until
        self.told = FLOOR[weeks.words.locale]
        self.workspace: Workspace = weeks.workspace

    def play(self) -> None:
        for part in (self.yesterday, self.away, self.arrivals, self.talk):
            with enter(self.workspace):
                part()
        run_due(self.workspace, self.now)
        with enter(self.workspace):
            self.kept()

    def yesterday(self) -> None:
        """Reps claimed, and have not been in touch since: their clocks end soon. One gave a lead back."""
        first, second, _third = reps()
        for member, hours, many in ((first, 22, 6), (second, 21, 4), (first, 30, 2)):
            at = self.now - timedelta(hours=hours, minutes=20)
            free = Lead.objects.filter(pool__in=["lead", "recycle"], stage="lead", pool_since__lt=at)
            best = list(free.order_by("-score", "id").values_list("pk", flat=True)[: many + 1])
            found = claim(member, best, as_of=at)
            spare = found.claimed[many:]
            if spare:
                release(spare, self.told.given_back, as_of=at + timedelta(hours=1), actor=member)

    def away(self) -> None:
        """One is on leave: some of what they hold goes to colleagues; their own rule has nobody."""
        first, second, third = reps()
        manager = Member.objects.get(role="manager")
        today = self.now.date()
        who: dict[str, Any] = {"as_of": self.now - timedelta(hours=3), "actor": manager}
        add_absence(third, today - timedelta(days=1), today + timedelta(days=6), self.told.leave, **who)
        admin = Member.objects.get(role="admin")
        set_day(today + timedelta(days=12), False, self.told.day_off, as_of=self.now, actor=admin)
        theirs = Lead.objects.filter(owner=third, stage__in=["mql", "sql", "opportunity"]).order_by(
            "-score", "id"
        )
        some = list(theirs.values_list("pk", flat=True)[:6])
        if some:
            hand_over(third, [first, second], self.told.handover, leads=some, **who)

    def arrivals(self) -> None:
        """Good leads of this hour: one rule has an empty team, another only somebody who is away."""
        third = reps()[2]
        who: dict[str, Any] = {
            "as_of": self.now - timedelta(hours=2),
            "actor": Member.objects.get(role="admin"),
        }
        education = {"field": "industry", "op": "eq", "value": self.words.industries[4]}
        region = {"field": "region", "op": "eq", "value": self.words.regions[5]}
        empty = Team.objects.get(name=self.told.empty_team)
        save_rule(
            AssignmentRule(name=self.told.partners, position=1, condition=education, team=empty), {}, **who
        )
        save_rule(
            AssignmentRule(name=self.told.one_person, position=2, condition=region), {third: None}, **who
        )
        where: Sequence[dict[str, Any]] = [
            {"industry": self.words.industries[4]},
            {"industry": self.words.industries[4]},
            {"industry": self.words.industries[0], "region": self.words.regions[5]},
            {"industry": self.words.industries[1], "region": self.words.regions[5]},
            {"industry": self.words.industries[2], "region": self.words.regions[3]},
            {"industry": self.words.industries[0], "region": self.words.regions[0]},
            {"industry": self.words.industries[1], "region": self.words.regions[0]},
        ]
        items = []
        for facts in where:
            good: dict[str, Any] = {
                "pain": self.words.pains[0],
                "need_level": "urgent",
                "budget_status": "approved",
            }
            good |= {"authority": "decision_maker", "employees": 80}
            item = incoming_from(self.weeks.person() | good | facts)
            item.channel = self.words.channels[0]
            items.append(item)
        capture(items, source=Source("form"), as_of=self.now - timedelta(minutes=50), actor=None)

    def talk(self) -> None:
        """Notices of other kinds: somebody is mentioned, somebody wants the day's mail, somebody sleeps."""
        first, second, _third = reps()
        lead = Lead.objects.filter(owner=first, stage__in=["mql", "sql"]).order_by("-score", "id").first()
        if lead is not None:
            text = self.told.mention.format(name=second.name)
            log_follow_up(
                lead.pk, channel="call", summary=text, as_of=self.now - timedelta(minutes=40), actor=first
            )
        set_hours(first, quiet_from=time(22), quiet_to=time(7))
        digest = {"reclaimed": {"email": "digest"}, "response_late": {"email": "digest"}}
        set_preferences(Member.objects.get(role="manager"), digest)

    def kept(self) -> None:
        """The manager lets one holder keep a lead longer and locks another; somebody doubts that a third is real."""
        first = reps()[0]
        manager = Member.objects.get(role="manager")
        soon = Lead.objects.filter(reclaim_at__gt=self.now).order_by("reclaim_at", "id")
        ids: list[UUID] = list(soon.values_list("pk", flat=True)[:8])
        who: dict[str, Any] = {"as_of": self.now, "actor": manager}
        doing: list[Callable[[UUID], object]] = [
            lambda pk: extend([pk], days=3, reason=self.told.extension, **who),
            lambda pk: lock_until([pk], until=self.now + timedelta(days=14), reason=self.told.lock, **who),
            lambda pk: mark_invalid(pk, self.told.no_real_lead, as_of=self.now, actor=first),
        ]
        for pk, do in zip(ids[3:], doing, strict=False):
            do(pk)
