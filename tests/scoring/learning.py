"""Leads with outcomes, for tests of proof and learning."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from leads.actions import capture
from leads.incoming import Incoming, Source
from leads.models import CustomField
from scoring.learning.actions import start_training, train_due
from scoring.learning.models import Training
from tests.cast import NOW
from workspaces.models import Workspace

DAY = timedelta(days=1)


def fields(**kinds: str) -> None:
    for key, kind in kinds.items():
        CustomField.objects.get_or_create(key=key, defaults={"label": key.title(), "kind": kind})


def come_in(rows: list[dict[str, Any]], as_of: Any = NOW) -> list[Any]:
    """Leads with these custom fields, all at one moment, in their order."""
    items = []
    for at, row in enumerate(rows):
        key = f"lead{at}-{as_of:%H%M%S}@acme.example"
        items.append(Incoming({"email": key, "email_key": key}, attributes=row))
    found = []
    for start in range(0, len(items), 1000):
        made = capture(items[start : start + 1000], source=Source("import"), as_of=as_of, actor=None)
        found += [one.lead_id for one in made]
    return found


def bank(path: Path) -> list[dict[str, Any]]:
    """The rows of the marketing list, numbers as numbers."""
    with path.open() as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    numbers = {"age", "balance", "day", "duration", "campaign", "pdays", "previous"}
    return [{k: int(v) if k in numbers else v for k, v in row.items()} for row in rows]


def trained(workspace: Workspace, outcome: dict[str, Any], **how: Any) -> Training:
    training = start_training(outcome, as_of=NOW + DAY, actor=None, **how)
    train_due(workspace, NOW + DAY)
    training.refresh_from_db()
    return training
