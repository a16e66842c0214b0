"""A process of its own that works on the pools: ``python -m tests.pools.crowd WHAT WORKSPACE …``.

It says ``ready``, begins when it reads a line, and ends with one line of JSON.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")
if __name__ == "__main__":
    django.setup()

from django.db import connection

from leads.actions import log_follow_up
from leads.models import Lead
from pools.actions import assign, claim, claim_one, reclaim_due
from workspaces.models import Member, Workspace
from workspaces.refusals import NotAllowed, Refused
from workspaces.tenancy import enter

GIVE_UP_S = 40


def claimers(workspace: Workspace, as_of: datetime, member_ids: list[str]) -> list[Any]:
    """One thread for each member id: claims one lead after the other until refused for good."""
    got: list[Any] = []

    def work(member_id: str) -> None:
        with enter(workspace):
            member = Member.objects.get(pk=member_id)
        until = time.monotonic() + GIVE_UP_S
        while time.monotonic() < until:
            with enter(workspace):
                free = list(Lead.objects.exclude(pool="sales").values_list("pk", flat=True))
            if not free:
                return
            try:
                with enter(workspace):
                    claim_one(member, random.choice(free), as_of=as_of)
                    claim(member, random.sample(free, min(3, len(free))), as_of=as_of)
            except Refused as no:
                if no.code in ("quota", "capacity"):
                    return
                if no.code != "taken":
                    got.append(no.code)

    together(work, member_ids, got)
    return got


def reclaim(workspace: Workspace, as_of: datetime, limit: str) -> int:
    """As run_due does: a transaction a batch, until nothing is due."""
    total = 0
    while True:
        with enter(workspace):
            found = reclaim_due(as_of, limit=int(limit))
        if not found:
            return total
        total += found


def stall(workspace: Workspace, as_of: datetime, limit: str) -> int:
    """Half way: everything done, nothing committed, until killed."""
    with enter(workspace):
        say(f"holding {reclaim_due(as_of, limit=int(limit))}")
        time.sleep(GIVE_UP_S)
    return 0


def follow_up(workspace: Workspace, as_of: datetime, member_id: str) -> list[str]:
    """The holder follows up, one lead after the other in any order; returns those that were still theirs."""
    with enter(workspace):
        member = Member.objects.get(pk=member_id)
        leads = list(Lead.objects.filter(owner=member).values_list("pk", flat=True))
    random.shuffle(leads)
    kept = []
    for lead in leads:
        try:
            with enter(workspace):
                log_follow_up(lead, channel="call", outcome="reached", as_of=as_of, actor=member)
            kept.append(str(lead))
        except NotAllowed:
            continue
    return kept


def assigner(workspace: Workspace, as_of: datetime, lead_ids: list[str]) -> int:
    """Assign these leads one by one."""
    total = 0
    for lead in lead_ids:
        with enter(workspace):
            total += len(assign([UUID(lead)], as_of=as_of).assigned)
    return total


def together(work: Callable[[str], None], each: list[str], problems: list[Any]) -> None:
    def one(argument: str) -> None:
        try:
            work(argument)
        except Exception as problem:
            problems.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(argument,)) for argument in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(what: str, workspace_id: str, as_of: str, *arguments: str) -> None:
    workspace = Workspace.objects.get(pk=workspace_id)
    given: list[Any] = [json.loads(one) if one.startswith("[") else one for one in arguments]
    say("ready")
    sys.stdin.readline()
    say(json.dumps(globals()[what](workspace, datetime.fromisoformat(as_of), *given)))


if __name__ == "__main__":
    main(*sys.argv[1:])
