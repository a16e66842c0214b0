"""Importing a list, with matching, tagging and scoring, against a bare COPY of the same rows into the same table.

The COPY writes exactly the rows of leads_lead that the import wrote, and nothing else: no identities, companies,
timelines or scores.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import Figure, benchmark
from benchmarks.capturing import RULES
from benchmarks.ground import Ground, timed
from benchmarks.traces import cleared, owner_in
from leads.actions.rules import add_tag_rule
from leads.models import TagRule
from workspaces.models import Workspace
from workspaces.tenancy import enter

ROWS = 50_000
SHORT = 10_000
HEADER = ["Name", "Title", "Company", "E-mail", "Phone", "Industry", "Region", "Employees", "Website", "Pain"]
INDUSTRIES = ["Manufacturing", "Technology", "Education", "Retail", "软件"]
WRITTEN = (
    "leads_lead",
    "leads_identity",
    "leads_company",
    "leads_timelineentry",
    "leads_touch",
    "leads_leadtag",
)
ROOT = Path(__file__).parent.parent


@benchmark
def importing(ground: Ground) -> Iterator[Figure]:
    rows = min(ROWS, ground.each)
    short = min(SHORT, rows // 5)
    workspace = ground.workspaces[2]
    with tempfile.TemporaryDirectory() as folder:
        few = measured(ground, workspace, write_list(Path(folder) / "few.csv", short), short)
        with cleared(workspace):
            add_rules(ground, workspace)
            ours = run(write_list(Path(folder) / "many.csv", rows), workspace, rows)
            limit = copied(ground, workspace, Path(folder) / "rows", rows)
    ground.tidy(*WRITTEN)
    yield Figure(
        "import with matching, tagging, scoring",
        f"{rows:,} rows",
        ours["seconds"],
        limit,
        6,
        limit="bare COPY",
    )
    yield Figure(
        "memory of an import, at its peak",
        f"{rows:,} rows",
        ours["peak_mb"],
        few["peak_mb"],
        1.1,
        limit=f"of {short:,} rows",
        unit="MB",
    )


def measured(ground: Ground, workspace: Workspace, file: Path, rows: int) -> dict[str, Any]:
    with cleared(workspace):
        add_rules(ground, workspace)
        found = run(file, workspace, rows)
    ground.tidy(*WRITTEN)
    return found


def add_rules(ground: Ground, workspace: Workspace) -> None:
    """Three tag rules, set active without a run over the leads that are there already."""
    with enter(workspace):
        for name, condition in RULES.items():
            rule = add_tag_rule(name, condition, is_active=False, as_of=ground.as_of, actor=None)
            TagRule.objects.filter(pk=rule.pk).update(is_active=True)


def run(file: Path, workspace: Workspace, rows: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._one_import", str(file), workspace.slug],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["created"] == rows, found
    return found


def copied(ground: Ground, workspace: Workspace, file: Path, rows: int) -> float:
    """Take the imported rows out of the table and copy them in again; seconds of the copying."""
    newest = f"workspace_id = '{workspace.pk}' ORDER BY id DESC LIMIT {rows}"
    with owner_in(workspace) as cursor, file.open("w+b") as data:
        cursor.execute(
            "SELECT string_agg(attname, ', ') FROM (SELECT attname FROM pg_attribute WHERE attrelid = "
            "'leads_lead'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '') a"
        )
        columns = cursor.fetchone()[0]
        cursor.copy_expert(f"COPY (SELECT {columns} FROM leads_lead WHERE {newest}) TO STDOUT", data)
        cursor.execute(
            f"DELETE FROM leads_lead WHERE id IN (SELECT id FROM leads_lead WHERE {newest}) "
            f"AND workspace_id = '{workspace.pk}'"
        )
        ground.tidy("leads_lead")
        data.seek(0)
        cursor.execute("SET session_replication_role = origin")  # foreign keys are checked, as in the import
        return timed(lambda: cursor.copy_expert(f"COPY leads_lead ({columns}) FROM STDIN", data))


def write_list(file: Path, rows: int) -> Path:
    """A list of leads nobody knows yet."""
    with file.open("w", encoding="utf-8", newline="") as out:
        sheet = csv.writer(out)
        sheet.writerow(HEADER)
        sheet.writerows(map(row_of, range(rows)))
    return file


def row_of(n: int) -> list[Any]:
    """One lead nobody knows yet; each fifth is of a company of its own."""
    return [
        f"Import Person{n}",
        ("CEO", "Engineer", "", "Director of operations")[n % 4],
        f"Imported {n // 5} GmbH",
        f"import{n}@imported{n // 5}.example",
        f"+49 30 {10_000_000 + n}",
        INDUSTRIES[n % 5],
        ("Bavaria", "Beijing", "Ohio")[n % 3],
        n % 3000 or "",
        f"https://imported{n // 5}.example",
        "Orders are copied by hand" if n % 3 == 0 else "",
    ]
