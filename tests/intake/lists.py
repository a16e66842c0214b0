"""Lists of leads as files, for tests."""

import csv
import io
from collections.abc import Iterable

from django.db import connections
from django.utils import timezone

from intake.actions import import_due, start_import
from intake.models import Import
from workspaces.models import Member, Workspace

HEADER = ("Name", "Email", "Phone", "Company", "Lead Source")


def as_csv(rows: Iterable[Iterable[object]], header: Iterable[str] = HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def people(count: int, start: int = 0) -> list[tuple[str, ...]]:
    """Rows of different people, a company for every ten of them."""
    return [
        (f"Person {n}", f"p{n}@people.example", f"212-{200 + n // 10_000}-{n % 10_000:04d}", f"Firm {n // 10}", "Fair")
        for n in range(start, start + count)
    ]  # fmt: skip


def begin(data: bytes, name: str = "list.csv", actor: Member | None = None, **options: object) -> Import:
    return start_import(io.BytesIO(data), name, as_of=timezone.now(), actor=actor, **options)  # type: ignore[arg-type]


def run(workspace: Workspace, batch: Import) -> Import:
    """Do the import here; as it stands afterwards."""
    import_due(workspace, timezone.now(), only=batch.pk)
    return Import.objects.select_related("file").get(pk=batch.pk)


def bring_in(workspace: Workspace, data: bytes, **options: object) -> Import:
    return run(workspace, begin(data, **options))  # type: ignore[arg-type]


def in_thread_done() -> None:
    """A thread's connections go with it."""
    connections.close_all()
