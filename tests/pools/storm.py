"""A process of the storm: ``python -m tests.pools.storm WHAT …`` lays out work, claims, or looks whether all is right.

It works on the database of its environment and ends with one line of JSON.
"""

import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")
if __name__ == "__main__":
    django.setup()

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, Q
from django.utils import timezone

from leadcrm.flow import run_due
from leads.models import Lead, TimelineEntry
from notices.actions import add_webhook
from notices.models import Notice, Sending
from pools.actions import claim, claim_one
from pools.foresight import clocks
from pools.models import Assignment, ClaimPolicy, Waiting
from pools.periods import active_policies
from pools.queries import FREE_POOLS, waiting
from tests.cast import PASSWORD
from tests.pools.cast import a_rep, some_leads
from workspaces.actions import create_workspace
from workspaces.models import Member, Role, Workspace
from workspaces.refusals import Refused
from workspaces.tenancy import enter

REPS, MANY = 4, 100_000
STATED = {"taken", "cooldown", "quota", "capacity", "frozen", "reserved"}
GOT, LOST = ("claimed", "assigned", "given"), ("released", "reclaimed")


def lay(url: str) -> str:
    """A workspace with reps, and a program that wants to hear of everything."""
    made = create_workspace("Storm", slug="storm", email="alice@storm.test", password=PASSWORD).workspace
    with enter(made):
        ClaimPolicy.objects.update(daily_quota=MANY, holding_capacity=MANY, cooldown_days=0)
        for rep in range(REPS):
            a_rep(f"Storm{rep}", capacity=MANY)
        add_webhook(
            url=url,
            events=["lead.claimed", "lead.assigned", "lead.reclaimed"],
            as_of=timezone.now(),
            actor=None,
        )
    return str(made.pk)


def more(workspace: Workspace, each: int) -> int:
    """So many leads more to be claimed, as many to be assigned, as many to be taken back."""
    with enter(workspace):
        some_leads(each)
        some_leads(each, stage="mql")
        rep = random.choice(list(Member.objects.filter(role=Role.REP)))
        due = some_leads(each)
        assert len(claim(rep, due, as_of=timezone.now() - timedelta(hours=25)).claimed) == each
        return Lead.objects.count()


def claiming(workspace: Workspace, seconds: float) -> dict[str, int]:
    """Every rep claims one free lead after the other, whatever becomes of the database meanwhile."""
    until, said = time.monotonic() + seconds, Counter[str]()

    def work(member: Member) -> None:
        while time.monotonic() < until:
            try:
                with enter(workspace):
                    free = list(Lead.objects.filter(pool__in=FREE_POOLS).values_list("pk", flat=True)[:50])
                if free:
                    with enter(workspace):
                        claim_one(member, random.choice(free), as_of=timezone.now())
                    said["claimed"] += 1
            except Refused as no:
                said[no.code] += 1
            except (OperationalError, InterfaceError):
                connection.close()
                said["gone"] += 1
            time.sleep(0.02)
        connection.close()

    reps = patiently(lambda: reps_of(workspace))
    threads = [threading.Thread(target=work, args=(rep,)) for rep in reps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(said)


def reps_of(workspace: Workspace) -> list[Member]:
    with enter(workspace):
        return list(Member.objects.filter(role=Role.REP))


def left(workspace: Workspace) -> dict[str, int]:
    """What is still to be done."""
    with enter(workspace):
        return {
            "to assign": waiting().count(),
            "to take back": Lead.objects.filter(reclaim_at__lte=timezone.now()).count(),
        }


def look(workspace: Workspace) -> dict[str, Any]:
    """After the storm: leases of the dead run out, what is due is done; then everything is counted."""
    with enter(workspace):
        Sending.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now())
    run_due(workspace, timezone.now())
    with enter(workspace):
        return {
            "leads": Lead.objects.count(),
            "wrong": [name for name, wrong in CHECKS.items() if wrong()],
            "sendings": [str(pk) for pk in Sending.objects.values_list("pk", flat=True)],
        }


def two_open() -> bool:
    held = Assignment.objects.filter(ended_at=None).values_list("lead_id", "member_id")
    return sorted(held) != sorted(Lead.objects.filter(pool="sales").values_list("pk", "owner_id"))


def clocked_otherwise() -> bool:
    """Whether a held lead's clock differs from what is worked out for it now, time used before included."""
    kept = dict(Lead.objects.filter(pool="sales").values_list("pk", "reclaim_at"))
    now = clocks(active_policies(), list(kept), timezone.now())
    return any(now[lead].due != due for lead, due in kept.items())


def told_otherwise() -> bool:
    """Whether records and timelines count differently, for any lead."""

    def by_lead(rows: Any) -> Counter:
        return Counter(rows.values_list("lead_id", flat=True))

    began, ended = by_lead(Assignment.objects.all()), by_lead(Assignment.objects.exclude(ended_at=None))
    told = TimelineEntry.objects
    return began != by_lead(told.filter(kind__in=GOT)) or ended != by_lead(told.filter(kind__in=LOST))


def noticed_otherwise() -> bool:
    """Whether somebody was told of more or fewer leads than they got by rule or lost to the clock."""
    for kind, owner in (("assigned", "owner"), ("reclaimed", "former_owner")):
        wanted = Counter(
            str(data[owner])
            for data in TimelineEntry.objects.filter(kind=kind).values_list("data", flat=True)
        )
        found = Counter[str]()
        for member, data in Notice.objects.filter(kind=kind).values_list("member_id", "data"):
            found[str(member)] += data.get("count", 1)
        if wanted != found:
            return True
    return False


CHECKS: dict[str, Callable[[], bool]] = {
    "a lead has no assignment, or two": two_open,
    "a free lead has an owner or a clock": lambda: (
        Lead.objects.exclude(pool="sales").filter(~Q(owner=None) | ~Q(reclaim_at=None)).exists()
    ),
    "a clock is not what the policies say": clocked_otherwise,
    "a free lead has time in hand": lambda: (
        Lead.objects.exclude(pool="sales").filter(Q(held_before__gt=0) | Q(worked_before__gt=0)).exists()
    ),
    "timelines and records differ": told_otherwise,
    "an assignment ends before it begins": lambda: Assignment.objects.filter(
        ended_at__lt=F("began_at")
    ).exists(),
    "notices differ from what happened": noticed_otherwise,
    "a held lead waits": lambda: Waiting.objects.filter(lead__pool="sales").exists(),
    "something was not sent": lambda: Sending.objects.filter(sent_at=None).exists(),
}


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def patiently[Answer](ask: Callable[[], Answer]) -> Answer:
    """The answer of a database that may be restarted at this very moment, and replays its log first."""
    until = time.monotonic() + 60
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def main(what: str, *given: str) -> None:
    patiently(connection.ensure_connection)
    if what == "lay":
        say(json.dumps(lay(*given)))
        return
    workspace = patiently(lambda: Workspace.objects.get(pk=given[0]))
    if what == "more":
        say(json.dumps(more(workspace, int(given[1]))))
    elif what == "claim":
        say(json.dumps(claiming(workspace, float(given[1]))))
    else:
        say(json.dumps({"left": left, "look": look}[what](workspace)))


if __name__ == "__main__":
    main(*sys.argv[1:])
