"""Hold a scorecard against what became of leads; with --train, learn one first."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from scoring.learning.actions import start_training, train_due
from scoring.learning.words import verdict_in_words
from scoring.models import CardStatus, Scorecard
from scoring.proof.backtest import CAPACITY, backtest
from scoring.proof.outcomes import outcome_of
from workspaces.models import Team, Workspace
from workspaces.refusals import Refusal
from workspaces.tenancy import enter


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="its slug")
        parser.add_argument("--outcome", required=True, help="a condition as JSON, or a stage such as sql")
        parser.add_argument("--card", type=int, help="the version; the one in force without it")
        parser.add_argument("--team", help="its name: the card it has of its own, on its leads")
        parser.add_argument("--compare", type=int, help="another version, tried on the same leads")
        parser.add_argument("--capacity", type=int, default=CAPACITY, help="leads the reps can take a week")
        parser.add_argument(
            "--train", action="store_true", help="learn a draft from the outcome, and try that"
        )
        parser.add_argument("--exclude", action="append", default=[], help="a field to leave out of learning")
        parser.add_argument(
            "--insist",
            action="append",
            default=[],
            help="a field to learn from although it looks like a leak",
        )
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--data-dir", help="the embedded database to use (running or not)")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace “{options['workspace']}”.")
        try:
            found = self.tried(workspace, options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(json.dumps(found) if options["json"] else in_lines(found))

    def tried(self, workspace: Workspace, options: dict[str, Any]) -> dict[str, Any]:
        as_of = timezone.now()
        given = condition(options["outcome"])
        version = options["card"]
        if options["train"]:
            version = self.trained(workspace, given, options, as_of) or version
        with enter(workspace):
            card = version_of(version, team_named(options["team"]))
            other = version_of(options["compare"]) if options["compare"] else None
            return backtest(
                card, outcome_of(given), as_of=as_of, other=other, capacity=max(options["capacity"], 1)
            )

    def trained(self, workspace: Workspace, given: Any, options: dict[str, Any], as_of: Any) -> int | None:
        fields = {"exclude": options["exclude"], "insist": options["insist"]}
        with enter(workspace):
            fields["team"] = team_named(options["team"])
            training = start_training(given, **fields, monthly=False, as_of=as_of, actor=None)
        train_due(workspace, as_of)
        with enter(workspace):
            training.refresh_from_db()
            self.stderr.write(verdict_in_words(training))
            return training.scorecard.version if training.scorecard else None


def condition(given: str) -> Any:
    if not given.lstrip().startswith("{"):
        return {"field": "stage", "op": "eq", "value": given.strip()}
    try:
        return json.loads(given)
    except json.JSONDecodeError as error:
        raise CommandError(f"--outcome is no JSON: {error}") from error


def team_named(name: str | None) -> Team | None:
    team = Team.objects.filter(name=name).first() if name else None
    if name and team is None:
        raise CommandError(f"There is no team “{name}”.")
    return team


def version_of(version: int | None, team: Team | None = None) -> Scorecard:
    wanted = {"version": version} if version else {"status": CardStatus.ACTIVE, "team": team}
    card = Scorecard.objects.filter(**wanted).first()
    if card is None:
        raise CommandError("There is no such version.")
    return card


def rate_in_words(row: dict[str, Any]) -> str:
    """A share with its interval, and whether few leads stand behind it."""
    if row["rate"] is None:
        return f"{'–':>6}"
    few = "  few" if row["small"] else ""
    return f"{row['rate']:>6.1%}  ({row['low']:.1%}–{row['high']:.1%}){few}"


def in_lines(found: dict[str, Any]) -> str:
    """The figures for a terminal."""
    auc = (
        "AUC –"
        if found["auc"] is None
        else f"AUC {found['auc']:.3f} ({found['auc_low']:.3f}–{found['auc_high']:.3f})"
    )
    lines = [f"Version {found['version']}: {found['outcomes']:,} of {found['leads']:,} got there, {auc}"]
    lines += [one["message"] for one in found.get("cautions", [])]
    lines += [found["note"]] if found["note"] else []
    if (rest := found["without_gate"]) is not None and rest["auc"] is not None:
        lines.append(f"Without {', '.join(rest['rules'])}: AUC {rest['auc']:.3f}")
    for row in found["by_grade"]:
        lines.append(f"  {row['grade']}  {row['leads']:>9,} leads  {rate_in_words(row)}".rstrip())
    if found["other"]:
        lines.append(in_lines(found["other"] | {"other": None}))
    return "\n".join(lines)
