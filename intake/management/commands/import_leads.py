"""Import a list of leads: the same importer as the page and the API, in the foreground."""

import json
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from intake.actions import import_due, start_import
from intake.actions.start import find_import, settled_orders
from intake.columns import as_mapping, as_targets
from intake.day_orders import ORDERS, apart, questions
from intake.looking import Look, look_at, preview, reading
from intake.mapping import check
from intake.models import Import, ImportStatus
from workspaces.models import Workspace
from workspaces.refusals import Refusal
from workspaces.tenancy import enter

WIDTH = 30
ENDED = (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.UNDONE, ImportStatus.PAUSED)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="CSV, TSV, XLSX, XLS or ODS")
        parser.add_argument("--workspace", required=True, help="its slug")
        parser.add_argument("--channel", default="", help="where they come from, unless a column says so")
        parser.add_argument("--mapping", help='a JSON file: {"Column": "email" | "new" | null}')
        parser.add_argument(
            "--date-order", choices=ORDERS, help="of columns of days that do not tell day and month apart"
        )
        parser.add_argument(
            "--with-tests", action="store_true", help="test rows of advertising platforms, too"
        )
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--data-dir", help="the embedded database to use (running or not)")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace “{options['workspace']}”.")
        mapping = read_mapping(options["mapping"])
        with open_file(options["file"]) as file, translation.override(workspace.locale):
            name = Path(options["file"]).name
            try:
                if options["dry_run"]:
                    self.show(workspace, file, name, mapping, options)
                else:
                    self.run(workspace, file, name, mapping, options)
            except Refusal as refusal:
                raise CommandError(said(refusal)) from refusal

    def run(
        self, workspace: Workspace, file: BinaryIO, name: str, mapping: dict | None, options: dict[str, Any]
    ) -> None:
        as_of = timezone.now()
        with enter(workspace):
            started = start_import(
                file,
                name,
                channel=options["channel"],
                mapping=mapping,
                date_order=options["date_order"],
                with_tests=options["with_tests"],
                as_of=as_of,
                actor=None,
            )
        batch = self.see_through(workspace, started)
        if options["json"]:
            self.stdout.write(json.dumps(figures(batch)))
        else:
            self.report(batch)
        if batch.status == ImportStatus.FAILED:
            raise CommandError(batch.error.get("message", ""))

    def see_through(self, workspace: Workspace, batch: Import) -> Import:
        """Do the import here; where a worker was quicker, watch it."""
        bar = Bar(batch.total)
        while True:
            import_due(workspace, timezone.now(), only=batch.pk, tell=lambda b: bar.show(b.position))
            with enter(workspace):
                found = find_import(batch.pk)
            if found.status in ENDED:
                bar.end(found.position)
                return found
            bar.show(found.position)
            time.sleep(0.5)

    def report(self, batch: Import) -> None:
        self.stdout.write(
            f"{batch.settings['file']}: {batch.position} rows; {batch.created} created, "
            f"{batch.merged} merged, {batch.rejected} rejected."
        )
        if batch.incomplete:
            self.stdout.write(f"{batch.incomplete} were taken in without some of their cells.")
        for one in questions(batch.settings["undecided"]):
            self.stdout.write(f"{one['message']} Import it again with --date-order: it fills what is blank.")

    def show(
        self, workspace: Workspace, file: BinaryIO, name: str, mapping: dict | None, options: dict[str, Any]
    ) -> None:
        with enter(workspace):
            look = look_at(file, name, workspace)
            mapping, orders = apart(mapping)
            found = check(mapping, look.columns) if mapping is not None else as_mapping(look.guesses)
            targets = as_targets(look.guesses) if mapping is None else mapping
            look.settings |= settled_orders(
                targets, look.columns, look.sample, look.settings, orders, options["date_order"]
            )
            look.settings["with_tests"] = options["with_tests"]
            how = reading(look.columns, found, look.settings)
            seen = preview(look.sample, how, look.settings["header_row"] + 1)
        if options["json"]:
            self.stdout.write(json.dumps(dry(look, found, seen), ensure_ascii=False, default=str))
            return
        self.stdout.write(
            f"{name}: about {look.total} rows, {look.settings['format']}, {look.settings['encoding']}; "
            f"phones as in {look.settings['region']}. Nothing is written."
        )
        for column, target in found.items():
            guess = look.guesses[column]
            new = f" (new field, {guess.new.kind})" if guess.new and mapping is None else ""
            self.stdout.write(f"  {column} -> {target or 'left aside'}{new}")
        for row in look.sample[:5]:
            self.stdout.write("  | " + " | ".join(row))
        self.stdout.write(f"Of the first {len(look.sample)} rows, {seen.rejected} would be rejected.")
        for one in questions(look.settings["undecided"]):
            self.stdout.write(f"  {one['message']} (--date-order)")
        for message, count, first in seen.problems:
            self.stdout.write(f"  {count} x {message} (row {first})")


class Bar:
    """A progress bar with the time left, on the error stream, where somebody is looking."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.began = time.monotonic()
        self.shown = sys.stderr.isatty()

    def show(self, rows: int) -> None:
        if not self.shown or not rows:
            return
        share = min(1.0, rows / max(1, self.total))
        left = (time.monotonic() - self.began) * (1 - share) / share
        done = round(WIDTH * share)
        sys.stderr.write(
            f"\r[{'#' * done}{'.' * (WIDTH - done)}] {rows}/{self.total} rows, {left:.0f} s left "
        )
        sys.stderr.flush()

    def end(self, rows: int) -> None:
        self.total = rows
        self.show(rows)
        if self.shown:
            sys.stderr.write("\n")


def open_file(name: str) -> BinaryIO:
    try:
        return Path(name).open("rb")
    except OSError as fault:
        raise CommandError(f"{name}: {fault.strerror}.") from fault


def read_mapping(name: str | None) -> dict | None:
    if not name:
        return None
    try:
        found = json.loads(Path(name).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as fault:
        raise CommandError(f"--mapping {name}: {fault}") from fault
    if not isinstance(found, dict):
        raise CommandError(f'--mapping {name}: an object is wanted, such as {{"E-mail": "email"}}.')
    return found


def said(refusal: Refusal) -> str:
    errors = getattr(refusal, "errors", None)
    return "\n".join(error["message"] for error in errors) if errors else refusal.message


def figures(batch: Import) -> dict[str, Any]:
    """The import as the contract's JSON."""
    return {
        "id": str(batch.pk),
        "status": batch.status,
        "total": batch.total,
        "processed": batch.position,
        "created": batch.created,
        "merged": batch.merged,
        "rejected": batch.rejected,
        "incomplete": batch.incomplete,
        "questions": questions(batch.settings["undecided"]),
    } | ({"error": batch.error} if batch.error else {})


def dry(look: Look, mapping: dict, seen: Any) -> dict[str, Any]:
    return {
        "dry_run": True,
        "total": look.total,
        "settings": look.settings,
        "questions": questions(look.settings["undecided"]),
        "mapping": mapping,
        "new_fields": [guess.new.key for guess in look.guesses.values() if guess.new],
        "sample": look.sample[:5],
        "sampled": len(look.sample),
        "rejected": seen.rejected,
        "problems": [{"message": m, "rows": count, "row": row} for m, count, row in seen.problems],
    }
