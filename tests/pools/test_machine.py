"""Two members, a manager and the clock do what they like; whatever the order, holding stays right."""

import os
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from leads.actions import advance, edit, log_follow_up, merge, tag, undo_merge, untag
from leads.actions.resume import resume_due
from leads.actions.undo import belongings, keep_undo, take_back
from leads.models import Lead, LeadTag, Merge, StageChange
from pools.actions import (
    assign,
    claim,
    extend,
    give,
    lock_until,
    mark_invalid,
    reclaim_due,
    release,
    unlock,
    unmark_invalid,
    warn_due,
)
from pools.actions.clocks import active_policies
from pools.actions.rules import save_policy
from pools.foresight import clocks
from pools.models import Assignment, InvalidMark, PoolPolicy, Protection, Waiting
from pools.queries import waiting
from tests.cast import NOW
from tests.pools.cast import a_rep, held_truly, some_leads
from workspaces.models import Member
from workspaces.refusals import Refusal

pytestmark = pytest.mark.django_db
LEADS = 4
EXAMPLES = int(os.environ.get("FLOOR_EXAMPLES", "15"))
HELD = ("lead", "mql", "sql", "opportunity")
KEY, SPARED = ({"field": "tags", "op": "has_any", "value": [name]} for name in ("key", "spared"))
KEY_ACCOUNTS = {"first_contact_hours": 72, "follow_up_days": 14, "max_hold_days": 20}


def wanted(lead: Lead) -> datetime | None:
    """When a held lead goes back, worked out without the statement that sets it: the first policy is that of key
    accounts, whose exemption is a tag; the other is the usual one."""
    tags = set(LeadTag.objects.filter(lead=lead).values_list("tag__name", flat=True))
    key, usual = PoolPolicy.objects.order_by("position", "pk")
    policy = key if "key" in tags else usual
    if lead.stage not in HELD or lead.stage == "opportunity" or (policy is key and "spared" in tags):
        return None
    begun, talked = lead.held_since, lead.last_follow_up_at
    if talked is not None and talked >= begun:
        due = talked + timedelta(days=policy.follow_up_days)
    else:
        due = begun + timedelta(hours=policy.first_contact_hours)
    used = timedelta(seconds=lead.held_before)
    due = min(due, begun + max(timedelta(days=policy.max_hold_days) - used, timedelta()))
    taken = min(begun, Assignment.objects.get(lead=lead, ended_at=None).began_at)
    said = InvalidMark.objects.filter(lead=lead, settled_at=None).order_by("at").values_list("at", flat=True)
    enough = [at for at in said[policy.invalid_marks - 1 :] if at >= begun] if policy.invalid_marks else []
    due = min(due, *enough[:1], due)
    kept = Protection.objects.filter(lead=lead, ended_at=None)
    return max([due, *(one.until for one in kept if one.kind == Protection.LOCK or one.granted_at >= taken)])


def in_hand(lead: Lead, now: datetime) -> timedelta:
    """How long its holder has had a lead, told by who held it when, and by its steps aside and back."""
    taken = Assignment.objects.get(lead=lead, ended_at=None).began_at
    found, since = timedelta(), taken
    for step in StageChange.objects.filter(lead=lead).order_by("at", "id"):
        if step.target == "deferred":
            found, since = found + max(timedelta(), step.at - since), now
        elif step.source == "deferred":
            since = max(step.at, taken)
    return found + max(timedelta(), now - since)


class Floor(RuleBasedStateMachine):
    """Every step may be refused; none may leave a lead in two hands, or with a clock that is not its own."""

    @initialize()
    def open(self) -> None:
        self.now = NOW
        number = Member.objects.count()
        self.reps = [a_rep(f"Rep{number}{one}") for one in "ab"]
        self.manager = Member.objects.get(email="alice@acme.test")
        self.leads: list[UUID] = some_leads(LEADS, pain="slow", wechat="x")
        if not PoolPolicy.objects.filter(name="Key accounts").exists():
            PoolPolicy.objects.update(position=5, facts=None, invalid_marks=2)
            key = PoolPolicy(name="Key accounts", condition=KEY, exemption=SPARED, **KEY_ACCOUNTS)
            save_policy(key, as_of=NOW, actor=self.manager)

    def attempt(self, action: Any, *given: Any, **more: Any) -> None:
        try:
            action(*given, **more, as_of=self.now)
        except Refusal:
            return

    @rule(hours=st.integers(1, 24 * 12))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        while warn_due(self.now):
            pass
        while resume_due(self.now):
            pass
        while reclaim_due(self.now):
            pass
        assert not Lead.objects.filter(pk__in=self.leads, reclaim_at__lte=self.now).exists()

    @rule(who=st.integers(0, 1), which=st.sets(st.integers(0, LEADS - 1), min_size=1))
    def claims(self, who: int, which: set[int]) -> None:
        self.attempt(claim, self.reps[who], [self.leads[one] for one in which])

    @rule(who=st.integers(0, 1), which=st.integers(0, LEADS - 1))
    def gives_back(self, who: int, which: int) -> None:
        self.attempt(release, [self.leads[which]], "enough", actor=self.reps[who])

    @rule(who=st.integers(0, 1), which=st.integers(0, LEADS - 1))
    def follows_up(self, who: int, which: int) -> None:
        self.attempt(log_follow_up, self.leads[which], channel="call", summary="Talked", actor=self.reps[who])

    @rule(who=st.integers(0, 1), which=st.integers(0, LEADS - 1))
    def edits(self, who: int, which: int) -> None:
        clock = Lead.objects.filter(pk=self.leads[which]).values_list(
            "reclaim_at", flat=True
        )  # none once merged
        before = list(clock.all())
        self.attempt(edit, self.leads[which], {"title": str(self.now)}, actor=self.reps[who])
        assert list(clock.all()) == before

    @rule(which=st.integers(0, LEADS - 1), days=st.integers(1, 20))
    def extends(self, which: int, days: int) -> None:
        self.attempt(extend, [self.leads[which]], days=days, reason="holiday", actor=self.manager)

    @rule(which=st.integers(0, LEADS - 1), days=st.integers(1, 40))
    def locks(self, which: int, days: int) -> None:
        until = self.now + timedelta(days=days)
        self.attempt(lock_until, [self.leads[which]], until, reason="fair", actor=self.manager)

    @rule(which=st.integers(0, LEADS - 1))
    def unlocks(self, which: int) -> None:
        self.attempt(unlock, [self.leads[which]], actor=self.manager)

    @rule(which=st.integers(0, LEADS - 1), name=st.sampled_from(["key", "spared"]), on=st.booleans())
    def tags(self, which: int, name: str, on: bool) -> None:
        self.attempt(tag if on else untag, [self.leads[which]], [name], actor=self.manager)

    @rule(to=st.integers(0, 1), which=st.sets(st.integers(0, LEADS - 1), min_size=1))
    def hands_over(self, to: int, which: set[int]) -> None:
        self.attempt(give, [self.leads[one] for one in which], self.reps[to], actor=self.manager)

    @rule(
        which=st.integers(0, LEADS - 1),
        step=st.sampled_from(["to_mql", "defer", "reopen", "send_back", "lose"]),
    )
    def moves(self, which: int, step: str) -> None:
        details = {"reason": "budget", "resume_at": self.now + timedelta(days=9)}
        given = {"actor": self.manager, "override": "test", "details": details}
        self.attempt(advance, [self.leads[which]], step, **given)

    @rule(
        this=st.integers(0, LEADS - 1),
        other=st.integers(0, LEADS - 1),
        goes_on=st.sampled_from(["", "this", "other"]),
        by=st.integers(0, 2),
    )
    def merges(self, this: int, other: int, goes_on: str, by: int) -> None:
        choose = {"pursuit": goes_on} if goes_on else {}
        who = [self.manager, *self.reps][by]
        self.attempt(merge, self.leads[this], self.leads[other], choose=choose, actor=who)

    @rule()
    def rules_assign(self) -> None:
        assign(self.leads, as_of=self.now)

    @rule(who=st.integers(0, 2), which=st.integers(0, LEADS - 1), on=st.booleans())
    def marks(self, who: int, which: int, on: bool) -> None:
        member = [self.manager, *self.reps][who]
        self.attempt(mark_invalid if on else unmark_invalid, self.leads[which], actor=member)

    @rule(
        who=st.integers(0, 1),
        which=st.integers(0, LEADS - 1),
        what=st.sampled_from(["claim", "release", "follow_up", "mark", "give", "to_mql", "defer", "lose"]),
    )
    def takes_back_what_was_just_done(self, who: int, which: int, what: str) -> None:
        """As a page does it: the rows before and after, and everything as it was, but that a claim has counted."""
        rep, lead, manager = self.reps[who], self.leads[which], self.manager
        by_rep: dict[str, Any] = {
            "claim": lambda as_of: claim(rep, [lead], as_of=as_of),
            "release": partial(release, [lead], "enough", actor=rep),
            "follow_up": partial(log_follow_up, lead, channel="call", summary="Talked", actor=rep),
            "mark": partial(mark_invalid, lead, actor=rep),
        }
        details = {"reason": "budget", "resume_at": self.now + timedelta(days=9)}
        step = partial(advance, [lead], what, actor=manager, override="test", details=details)
        act = by_rep.get(what) or (partial(give, [lead], rep, actor=manager) if what == "give" else step)
        row = Lead.objects.filter(pk=lead).values_list("owner", "stage", "pool", "held_since", "reclaim_at")
        held, before, actor = row.first(), belongings(lead), rep if what in by_rep else manager
        self.attempt(act)
        claims = Assignment.objects.filter(began="claimed").count()
        done = keep_undo(lead, before, as_of=self.now, actor=actor) if held else None
        if done is not None:
            take_back(done.pk, as_of=self.now, actor=actor)
            assert row.first() == held and Assignment.objects.filter(began="claimed").count() == claims

    @rule(back=st.integers(0, 2))
    def undoes_a_merge(self, back: int) -> None:
        mine = Merge.objects.filter(survivor_id__in=self.leads, undone_at=None).order_by("-id")
        for found in mine[back : back + 1]:
            self.attempt(undo_merge, found.pk, actor=self.manager)

    @invariant()
    def one_holder_and_one_open_assignment(self) -> None:
        if getattr(self, "leads", None):
            held_truly()
            held = Lead.objects.filter(pk__in=self.leads, pool="sales").count()
            assert Assignment.objects.filter(lead__in=self.leads, ended_at=None).count() == held
            assert not Waiting.objects.exclude(lead__in=waiting()).exists()

    @invariant()
    def every_clock_is_what_the_policies_say(self) -> None:
        if getattr(self, "leads", None):
            now = clocks(active_policies(), self.leads, self.now)
            for lead in Lead.objects.filter(pk__in=self.leads, pool="sales"):
                assert lead.reclaim_at == now[lead.pk].due == wanted(lead), lead.stage

    @invariant()
    def the_longest_hold_counts_all_the_time_in_hand(self) -> None:
        if getattr(self, "leads", None):
            merged = Merge.objects.filter(survivor_id__in=self.leads).values("survivor")
            parted = Merge.objects.exclude(undone_at=None).values("absorbed")
            alone = Lead.objects.filter(pk__in=self.leads, pool="sales")
            for lead in alone.exclude(pk__in=merged).exclude(pk__in=parted):
                running = timedelta() if lead.stage == "deferred" else self.now - lead.held_since
                used = timedelta(seconds=lead.held_before)
                assert used + running == in_hand(lead, self.now), lead.stage
            assert not Lead.objects.exclude(pool="sales").exclude(held_before=0, worked_before=0).exists()


def test_whatever_the_order(workspace: Any) -> None:
    run_state_machine_as_test(
        Floor,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
