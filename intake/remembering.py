"""What this workspace chose for columns of the same name last time."""

from collections.abc import Sequence

from intake.models import Import
from intake.wording import squeeze

LOOKED_AT = 50  # imports, the latest first


def chosen_before(columns: Sequence[str]) -> dict[str, str | None]:
    """{column: target, or None for one that was left aside}, of columns that somebody has confirmed. One statement."""
    wanted = {squeeze(name): name for name in reversed(columns)}
    found: dict[str, str | None] = {}
    rows = Import.objects.filter(settings__has_key="chosen").order_by("-created_at")
    for mapping in rows.values_list("settings__chosen", flat=True)[:LOOKED_AT]:
        for name, target in mapping.items():
            column = wanted.get(squeeze(name))
            if column is not None:
                found.setdefault(column, target)
        if len(found) == len(wanted):
            break
    return found
