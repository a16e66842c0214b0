"""One import in a process of its own: ``python -m benchmarks._one_import FILE SLUG`` prints its time and memory."""

import json
import resource
import sys
import time
from pathlib import Path


def main(file: str, slug: str) -> None:
    from leadcrm.start import configure

    configure()
    import django

    django.setup()
    from django.utils import timezone

    from benchmarks import database
    from intake.actions import import_due, start_import
    from intake.models import Import
    from workspaces.ids import first_id
    from workspaces.models import Workspace
    from workspaces.tenancy import enter

    database.point_at(database.NAME)
    workspace = Workspace.objects.get(slug=slug)
    since = first_id(timezone.now())  # keys made from now on are greater
    began = time.perf_counter()
    with Path(file).open("rb") as opened, enter(workspace):
        batch = start_import(opened, Path(file).name, channel="List", as_of=timezone.now(), actor=None)
    import_due(workspace, timezone.now(), only=batch.pk)
    seconds = time.perf_counter() - began
    with enter(workspace):
        found = Import.objects.get(pk=batch.pk)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {"seconds": seconds, "peak_mb": peak_kb / 1024, "created": found.created, "since": str(since)}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
