"""One training in a process of its own: ``python -m benchmarks._one_training SLUG`` prints its time and memory."""

import json
import resource
import sys
import time


def main(slug: str) -> None:
    from leadcrm.start import configure

    configure()
    import django

    django.setup()
    from benchmarks import database
    from benchmarks.ground import NOW
    from scoring.learning.actions import start_training, train_due
    from workspaces.models import Workspace
    from workspaces.tenancy import enter

    database.point_at(database.NAME)
    workspace = Workspace.objects.get(slug=slug)
    with enter(workspace):
        outcome = {"field": "attributes.y", "op": "eq", "value": "yes"}
        training = start_training(outcome, as_of=NOW, actor=None)
    began = time.perf_counter()
    train_due(workspace, NOW)
    seconds = time.perf_counter() - began
    with enter(workspace):
        training.refresh_from_db()
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = {"status": training.status, "verdict": training.verdict, "auc": training.found.get("auc")}
    told |= {"leads": training.found.get("leads"), "fields": len(training.found.get("fields", []))}
    print(json.dumps({"seconds": seconds, "peak_mb": peak_kb / 1024, "error": training.last_error} | told))


if __name__ == "__main__":
    main(*sys.argv[1:])
