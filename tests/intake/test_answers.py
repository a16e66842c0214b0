"""Answers to forms are stored first: nothing is lost, nothing twice, whoever dies meanwhile; a flood stays small."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.actions import answers_due, forget_answers
from intake.actions.submit import Sent, submit
from intake.models import Submission
from leads.actions.sources import add_channel
from leads.models import Channel, Lead, TimelineEntry, Touch
from tests.cast import NOW, PASSWORD
from workspaces.actions import create_workspace
from workspaces.models import Workspace
from workspaces.tenancy import enter

WORKER = """
import django, sys, time; django.setup()
from django.utils import timezone
from intake.actions import enter as entering
from workspaces.models import Workspace
entering.BATCH = 20
acme = Workspace.objects.get(slug="acme")
print("working", flush=True)
while True:
    entering.answers_due(acme, timezone.now())
    time.sleep(0.02)
"""


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return add_channel("Web", kind="form", form={"fields": ["name", "email"]}, as_of=NOW, actor=None)


def test_an_answer_waits_until_a_worker_takes_it_in(channel: Channel, workspace: Workspace) -> None:
    visitor = Client()
    for number in range(3):
        assert visitor.post(f"/f/{channel.token}/", {"email": f"p{number % 2}@x.example"}).status_code == 200
    assert not Lead.objects.exists()
    assert answers_due(workspace, timezone.now()) == 3
    assert answers_due(workspace, timezone.now()) == 0
    assert (Lead.objects.count(), Touch.objects.count()) == (2, 3)
    first = Submission.objects.order_by("received_at").first()
    assert first is not None
    assert Lead.objects.get(pk=first.lead_id).captured_at == first.received_at
    assert Submission.objects.filter(status="done", due_at=None).count() == 3


def test_two_hundred_answers_cost_as_many_statements_as_two(channel: Channel, workspace: Workspace) -> None:
    counts = []
    for many in (2, 200):
        for number in range(many):
            submit(channel, {"email": f"{many}-{number}@x.example"}, Sent(), as_of=NOW)
        with CaptureQueriesContext(connection) as statements:
            answers_due(workspace, NOW)
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 10
    assert Lead.objects.count() == 202


def test_one_that_cannot_be_entered_holds_up_no_other(channel: Channel, workspace: Workspace) -> None:
    for email in ("a@x.example", "b@x.example", "c@x.example"):
        submit(channel, {"email": email}, Sent(), as_of=NOW)
    Submission.objects.filter(data__email="b@x.example").update(data={"email": "not one any more"})
    assert answers_due(workspace, NOW) == 2
    bad = Submission.objects.get(status="failed")
    assert bad.last_error == "This is not an e-mail address."
    assert Lead.objects.count() == 2


def test_answers_are_dropped_after_a_month(channel: Channel, workspace: Workspace) -> None:
    submit(channel, {"email": "a@x.example"}, Sent(), as_of=NOW)
    assert forget_answers(NOW + timedelta(days=40)) == 0  # it waits still
    answers_due(workspace, NOW)
    assert forget_answers(NOW + timedelta(days=29)) == 0
    assert forget_answers(NOW + timedelta(days=31)) == 1
    assert Touch.objects.count() == 1


@pytest.mark.parametrize("scope", ["capture", "form", "forms"])
def test_floods_of_an_address_a_form_and_a_workspace_are_slowed(channel: Channel, scope: str) -> None:
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {scope: "3/min"}
    with override_settings(REST_FRAMEWORK=settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}):
        codes = []
        for number in range(9):
            # Whoever writes an address into a header of their own gains nothing by it.
            visitor = Client(REMOTE_ADDR="10.0.0.1" if scope == "capture" else f"10.0.0.{number}")
            sent = {"email": f"{number}@x.example"}
            answer = visitor.post(
                f"/f/{channel.token}/", sent, headers={"x-forwarded-for": f"1.1.1.{number}"}
            )
            codes.append(answer.status_code)
    assert codes.count(200) in (3, 6)  # a minute may have turned meanwhile
    assert codes.count(429) == 9 - codes.count(200)
    assert Submission.objects.count() == codes.count(200)


def test_large_bodies_are_refused_unread(channel: Channel) -> None:
    huge = {"email": "a@x.example", "pain": "x" * 400_000}
    assert Client().post(f"/f/{channel.token}/", huge).status_code == 413
    assert Client().post(f"/f/{channel.token}/", huge, content_type="application/json").status_code == 413
    assert not Submission.objects.exists()


@pytest.fixture
def acme(transactional_db: None) -> Workspace:
    return create_workspace("Acme", slug="acme", email="alice@acme.test", password=PASSWORD).workspace


@pytest.fixture
def dying_workers(acme: Workspace, program_environment: dict[str, str]) -> Iterator[list[int]]:
    """A worker that is killed (SIGKILL) every moment, and another that takes its place."""
    killed: list[int] = []
    over = threading.Event()
    environment = program_environment | {"DJANGO_SETTINGS_MODULE": "leadcrm.settings"}

    def again() -> None:
        while not over.is_set():
            process = subprocess.Popen(
                [sys.executable, "-c", WORKER],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout
            process.stdout.readline()
            over.wait(0.7)
            process.kill()
            process.wait()
            process.stdout.close()
            killed.append(process.pid)

    thread = threading.Thread(target=again)
    thread.start()
    yield killed
    over.set()
    thread.join()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_workers_lose_no_answer_and_enter_none_twice(
    acme: Workspace, dying_workers: list[int]
) -> None:
    with enter(acme):
        channel = add_channel("Web", kind="form", form={"fields": ["email"]}, as_of=NOW, actor=None)
    visitor, sent = Client(), 0
    generous = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"capture": "100000/min"}
    with override_settings(REST_FRAMEWORK=settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": generous}):
        while len(dying_workers) < 3:
            answer = visitor.post(
                f"/api/v1/capture/{channel.token}/",
                {"email": f"p{sent}@x.example"},
                content_type="application/json",
            )
            assert answer.status_code == 202
            sent += 1
            time.sleep(0.01)
    with enter(acme):
        Submission.objects.filter(leased_until__isnull=False).update(leased_until=NOW)
    late = timezone.now() + timedelta(minutes=20)  # whatever was put off is due
    while answers_due(acme, late):
        pass
    with enter(acme):
        Submission.objects.filter(leased_until__isnull=False).update(leased_until=NOW)
    answers_due(acme, late)
    with enter(acme):
        assert Submission.objects.exclude(status="done").count() == 0
        assert Lead.objects.count() == sent
        assert Touch.objects.count() == sent
        assert TimelineEntry.objects.filter(kind="captured").count() == sent
