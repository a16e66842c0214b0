"""A card learned from 100,000 outcomes with 40 fields, in a process of its own; and tried on as many.

Twenty fields say something of the outcome, twenty nothing; a quarter of all values is missing.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks import Figure, benchmark
from benchmarks.ground import NOW, Ground, timed
from leads.models import CustomField
from scoring.models import CardStatus, Scorecard, Training
from scoring.proof.backtest import backtest
from scoring.proof.outcomes import outcome_of
from workspaces.actions import create_workspace
from workspaces.models import Workspace
from workspaces.tenancy import enter

OUTCOMES = 100_000
FIELDS = 40
SLUG = "learned-from"
LONGEST_S, MOST_MB = 60.0, 1024.0
TRIED_S = 20.0
ROOT = Path(__file__).parent.parent


@benchmark
def training(ground: Ground) -> Iterator[Figure]:
    many = min(OUTCOMES, ground.leads)
    workspace = filled(many)
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks._one_training", SLUG], cwd=ROOT, capture_output=True, text=True
    )
    if ran.returncode:
        raise RuntimeError(ran.stderr[-2000:])
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    if told["status"] != "done" or told["verdict"] != "better" or told["leads"] != many:
        raise RuntimeError(f"the training came to nothing: {told}")
    work = f"{many:,} outcomes, {FIELDS} fields"
    yield Figure("train a scorecard", work, told["seconds"], LONGEST_S, limit="stated", more=told)
    yield Figure(
        "memory of a training, at its peak", work, told["peak_mb"], MOST_MB, limit="stated", unit="MB"
    )
    with enter(workspace):
        card = Scorecard.objects.get(status=CardStatus.ACTIVE)
        learned = Scorecard.objects.exclude(pk=card.pk).get()
        outcome = outcome_of({"field": "attributes.y", "op": "eq", "value": "yes"})
        seconds = timed(lambda: backtest(card, outcome, as_of=NOW, other=learned))
    yield Figure("backtest of two versions", f"{many:,} outcomes", seconds, TRIED_S, limit="own aim")
    with enter(workspace), connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_lead WHERE workspace_id = %s", [workspace.pk])
    ground.tidy("leads_lead")


def filled(many: int) -> Workspace:
    """A workspace with so many leads, their outcome in a field ``y``."""
    found = Workspace.objects.filter(slug=SLUG).first()
    if found is None:
        found = create_workspace(
            "Learned from", slug=SLUG, email="l@bench.example", password="as long as it is"
        )
        found = found.workspace
    keys = [f"n{at}" for at in range(FIELDS // 2)] + [f"c{at}" for at in range(FIELDS // 2)]
    with enter(found), connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_lead WHERE workspace_id = %s", [found.pk])
        Training.objects.all().delete()
        Scorecard.objects.filter(status=CardStatus.DRAFT).delete()
        for key in [*keys, "y"]:
            kind = "number" if key.startswith("n") else "text"
            CustomField.objects.get_or_create(key=key, defaults={"label": key, "kind": kind})
        cursor.execute("SELECT setseed(0.25)")
        cursor.execute(
            f"""
            INSERT INTO leads_lead (id, created_at, updated_at, workspace_id, name, email, email_key, stage,
                stage_since, pool, pool_since, captured_at, score, grade, version, score_parts, deferral,
                reclaim_reason, {BLANK}, attributes)
            SELECT leadcrm_uuid7(), at, at, %(workspace)s, 'Lead ' || n, 'l' || n || '@b.example',
                'l' || n || '@b.example', 'lead', at, 'lead', at, at, 0, 'D', 1, '[]', '{{}}', '', {NOTHING},
                {attributes()}
            FROM (SELECT n, %(now)s::timestamptz - make_interval(mins => 300000 - n) AS at,
                random() < 0.15 AS yes FROM generate_series(1, %(many)s) n) l
            """,
            {"workspace": found.pk, "now": NOW, "many": many},
        )
        cursor.execute("ANALYZE leads_lead")
    return found


BLANK = (
    "title, phone, phone_e164, wechat, website, domain, industry, region, campaign, external_id, pain,"
    " need_level, budget_currency, budget_status, authority, decision_process, search, assessment"
)
NOTHING = "'', '', '', '', '', '', '', '', '', '', '', 'unknown', '', 'unknown', 'unknown', '', '', '{}'"


def attributes() -> str:
    """Numbers and categories, every other one of them moved by the outcome; a quarter is missing."""
    half = FIELDS // 2
    numbers = [
        f"'n{at}', CASE WHEN random() > 0.25 THEN round((random() * 100"
        + (f" + CASE WHEN yes THEN {4 + at} ELSE 0 END" if at % 2 else "")
        + ")::numeric, 1) END"
        for at in range(half)
    ]
    words = [
        f"'c{at}', CASE WHEN random() > 0.25 THEN 'v' || floor(power(random(), "
        + (f"CASE WHEN yes THEN {1 + at / 20} ELSE 1 END" if at % 2 else "1")
        + f") * {5 + 2 * at}) END"
        for at in range(half)
    ]
    return (
        f"jsonb_strip_nulls(jsonb_build_object({', '.join(numbers)})"
        f" || jsonb_build_object({', '.join(words)}, 'y', CASE WHEN yes THEN 'yes' ELSE 'no' END))"
    )
