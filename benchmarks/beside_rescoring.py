"""The leads page while every lead is rescored beside it, against the same requests on the idle program."""

import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client
from django.urls import reverse

from benchmarks import Figure, benchmark
from benchmarks.browsing import LEADS, client_of, get
from benchmarks.ground import Ground, p95, timed

REQUESTS = 300
TIMES = 2.0


@benchmark
def browsing_while_rescoring(ground: Ground) -> Iterator[Figure]:
    visitors = [client_of(workspace, role) for workspace in ground.workspaces for role in ("admin", "rep")]
    asked = list(itertools.islice(requests(visitors), REQUESTS))
    for client, url in asked:
        get(client, url)  # everything is warm, as on a program that runs
    idle = [timed(lambda client=client, url=url: get(client, url)) for client, url in asked]  # type: ignore[misc]
    with rescored() as sets:
        busy = [timed(lambda client=client, url=url: get(client, url)) for client, url in asked]  # type: ignore[misc]
        for client, url in itertools.cycle(asked):  # until a good part of them was rescored meanwhile
            if sum(sets) >= ground.leads // 2 or len(busy) >= 20 * REQUESTS:
                break
            busy.append(timed(lambda client=client, url=url: get(client, url)))  # type: ignore[misc]
    ground.tidy("leads_lead", "leads_timelineentry")
    work = f"{len(busy):,} requests, {sum(sets):,} leads rescored"
    yield Figure(
        "leads page while all leads are rescored, p95",
        work,
        p95(busy),
        p95(idle),
        TIMES,
        limit="the same page, idle",
    )


def requests(visitors: list[tuple[Client, str]]) -> Iterator[tuple[Client, str]]:
    for (client, slug), query in zip(itertools.cycle(visitors), itertools.cycle(LEADS), strict=False):
        yield client, reverse("leads", kwargs={"slug": slug}) + query


@contextmanager
def rescored() -> Iterator[list[int]]:
    """Another process rescores everything meanwhile; how many leads each of its sets had."""
    sets: list[int] = []
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._rescoring"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=settings.BASE_DIR,
    )
    assert process.stdout is not None and process.stdin is not None
    said = process.stdout
    assert said.readline().strip() == "began"
    reader = threading.Thread(target=lambda: [sets.append(int(line)) for line in said], daemon=True)
    reader.start()
    try:
        yield sets
    finally:
        process.stdin.close()
        process.wait(600)
