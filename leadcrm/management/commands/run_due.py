"""Do everything that is due as of a moment: what Celery beat triggers continuously."""

import json
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from leadcrm.apart import Apart
from leadcrm.flow import run_due
from workspaces.models import Workspace


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", help="the slug of one workspace; all without it")
        parser.add_argument("--as-of", help="ISO 8601 moment; now without it")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--data-dir", help="the embedded database to use (running or not)")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = moment(options["as_of"]) if options["as_of"] else timezone.now()
        workspaces = Workspace.objects.order_by("slug")
        if options["workspace"]:
            workspaces = workspaces.filter(slug=options["workspace"])
            if not workspaces:
                raise CommandError(f"There is no workspace “{options['workspace']}”.")
        apart = Apart("run_due")
        nothing: dict[str, Any] = {}
        done = {one.slug: apart.do(one.slug, partial(run_due, one, as_of), nothing) for one in workspaces}
        if options["json"]:
            self.stdout.write(json.dumps({"as_of": as_of.isoformat(), "workspaces": done}))
        else:
            self.tell(done)
        apart.tell()

    def tell(self, done: dict[str, dict[str, Any]]) -> None:
        for slug, counts in done.items():
            text = ", ".join(f"{name} {count}" for name, count in counts.items())
            self.stdout.write(f"{slug}: {text}")


def moment(text: str) -> Any:
    try:
        found = parse_datetime(text)
        if found is None:
            day = parse_date(text)
            found = parse_datetime(f"{day.isoformat()}T00:00:00") if day else None
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"--as-of {text}: write a moment as 2026-03-31T09:00:00+08:00.")
    return found if found.tzinfo else found.replace(tzinfo=timezone.get_current_timezone())
