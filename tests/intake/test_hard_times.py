"""Killed workers, two imports at once, memory: real processes and threads on a committed database."""

import json
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from intake.actions import import_due, pause, resume
from intake.actions.run import BATCH
from intake.actions.start import interpreter
from intake.files import opened
from intake.models import Import
from intake.reading import open_list
from leads.models import Identity, Lead
from tests.cast import PASSWORD
from tests.intake.lists import as_csv, begin, in_thread_done, people, run
from tests.programs import Manage
from workspaces.actions import create_workspace
from workspaces.models import Workspace
from workspaces.tenancy import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Start = Callable[..., "subprocess.Popen[str]"]
WORKER = """
import django, sys; django.setup()
from django.utils import timezone
from intake.actions import run, import_due
from workspaces.models import Workspace
run.BATCH = 300
print("working", flush=True)
import_due(Workspace.objects.get(slug="acme"), timezone.now())
print("finished", flush=True)
"""


@pytest.fixture
def acme(transactional_db: None) -> Workspace:
    """A committed workspace, which other processes see."""
    return create_workspace("Acme", slug="acme", email="alice@acme.test", password=PASSWORD).workspace


@pytest.fixture
def worker(program_environment: dict[str, str]) -> Iterator[Start]:
    """Start a process that does the imports that are due."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        environment = program_environment | {"DJANGO_SETTINGS_MODULE": "leadcrm.settings"}
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=settings.BASE_DIR, env=environment, text=True, stdout=subprocess.PIPE
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def position(workspace: Workspace, batch: Import) -> int:
    with enter(workspace):
        return Import.objects.values_list("position", flat=True).get(pk=batch.pk)


def lease_over(workspace: Workspace, batch: Import) -> None:
    with enter(workspace):
        Import.objects.filter(pk=batch.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_killed_worker_loses_no_row_and_takes_none_twice(acme: Workspace, worker: Start) -> None:
    count = 4000
    with enter(acme):
        batch = begin(as_csv(people(count)))
    killed_at = []
    for _kill in range(2):
        process = worker()
        before = position(acme, batch)
        while position(acme, batch) <= before and process.poll() is None:
            time.sleep(0.05)
        process.kill()  # SIGKILL, wherever it is
        process.wait()
        killed_at.append(position(acme, batch))
        lease_over(acme, batch)
    assert 0 < killed_at[0] < killed_at[1] < count
    with enter(acme):
        done = run(acme, batch)
        assert (done.status, done.position, done.created, done.merged) == ("done", count, count, 0)
        assert Lead.objects.count() == count
        assert Identity.objects.filter(kind="email").count() == count


def test_a_worker_halts_when_its_import_is_paused_and_another_goes_on(acme: Workspace, worker: Start) -> None:
    count = 4000
    with enter(acme):
        batch = begin(as_csv(people(count)))
    process = worker()
    while position(acme, batch) == 0 and process.poll() is None:
        time.sleep(0.02)
    with enter(acme):
        pause(batch, as_of=timezone.now(), actor=None)
    halted_at = position(acme, batch)
    assert process.wait(30) == 0
    assert 0 < halted_at == position(acme, batch) < count
    with enter(acme):
        assert Lead.objects.count() == halted_at
        resume(batch, as_of=timezone.now(), actor=None)
    with enter(acme):
        done = run(acme, batch)
        assert (done.status, done.position, done.created, done.merged) == ("done", count, count, 0)
        assert Lead.objects.count() == count


def test_a_lease_that_ran_out_keeps_nothing_of_the_slow_worker(acme: Workspace) -> None:
    from intake.actions.ahead import understood
    from intake.actions.run import take, take_rows
    from workspaces.due import LeaseLost

    with enter(acme):
        begin(as_csv(people(10)))
    slow = take(acme, timezone.now(), None)
    assert slow is not None
    lease_over(acme, slow)
    quick = take(acme, timezone.now(), None)
    assert quick is not None
    assert quick.lease_token != slow.lease_token
    with enter(acme):
        rows = understood([(2, ["Ada", "a@x.example", "", "", "Fair"])], interpreter(slow))
    with pytest.raises(LeaseLost):
        take_rows(acme, slow, rows, channel=None, as_of=timezone.now())
    with enter(acme):
        assert not Lead.objects.exists()


def test_two_imports_of_one_list_at_once_enter_nobody_twice(acme: Workspace) -> None:
    count = BATCH + 500
    forwards, backwards = people(count), people(count)[::-1]
    with enter(acme):
        batches = [begin(as_csv(rows)) for rows in (forwards, backwards)]
    go = threading.Barrier(2)

    def work(batch: Import) -> None:
        go.wait()
        import_due(acme, timezone.now(), only=batch.pk)
        in_thread_done()

    threads = [threading.Thread(target=work, args=[batch]) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with enter(acme):
        done = list(Import.objects.all())
        assert [one.status for one in done] == ["done", "done"]
        assert sum(one.created for one in done) == count
        assert sum(one.merged for one in done) == count
        assert Lead.objects.count() == count


def test_long_work_is_handed_back_and_gone_on_with(acme: Workspace) -> None:
    with enter(acme):
        batch = begin(as_csv(people(BATCH + 10)))
    import_due(acme, timezone.now(), seconds=0.001)
    assert position(acme, batch) < BATCH + 10
    while import_due(acme, timezone.now(), seconds=0.5) or position(acme, batch) < BATCH + 10:
        pass
    with enter(acme):
        assert Import.objects.get().created == BATCH + 10


def test_memory_does_not_grow_with_the_file(acme: Workspace) -> None:
    """What reading and interpreting hold at most, for a list and for one ten times as long."""
    peaks = []
    for count in (5_000, 50_000):
        with enter(acme):
            batch = begin(as_csv(people(count)))
            interpret = interpreter(batch)
            tracemalloc.start()
            with opened(batch.file) as file, open_list(file, "list.csv") as sheet:
                for found in sheet.rows():
                    interpret(found[1])  # type: ignore[index]
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            Import.objects.filter(pk=batch.pk).update(due_at=None)
    assert peaks[1] < peaks[0] * 1.2 + (8 << 20)


def test_the_command(acme: Workspace, manage: Manage, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(as_csv([*people(20), ("Nobody", "", "", "", "")]))
    dry = manage("import_leads", str(file), "--workspace", "acme", "--dry-run", "--json")
    found = json.loads(dry.stdout)
    assert (found["mapping"]["Lead Source"], found["rejected"]) == ("channel", 1)
    done = manage("import_leads", str(file), "--workspace", "acme", "--json")
    figures = json.loads(done.stdout)
    assert {name: figures[name] for name in ("status", "total", "processed", "created", "merged", "rejected")} == {
        "status": "done", "total": 21, "processed": 21, "created": 20, "merged": 0, "rejected": 1,
    }  # fmt: skip
    again = manage("import_leads", str(file), "--workspace", "acme")
    assert "0 created, 20 merged, 1 rejected" in again.stdout
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"Name": "stage"}')
    for arguments, words in (
        ((str(file), "--workspace", "acme", "--mapping", str(mapping)), "a lead has no field “stage”"),
        ((str(file), "--workspace", "nobody"), "There is no workspace"),
        ((str(tmp_path / "none.csv"), "--workspace", "acme"), "No such file"),
        ((sys.executable, "--workspace", "acme"), "not a list but another kind of file"),
    ):
        refused = manage("import_leads", *arguments)
        assert refused.returncode == 1
        assert words in refused.stderr
        assert "Traceback" not in refused.stderr
