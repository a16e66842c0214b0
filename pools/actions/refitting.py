"""Where time alone can move a lead from one policy to another, clocks are set anew once an hour."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from leads.conditions import parse, time_dependent, vocabulary
from pools.models import PoolPolicy, ResponsePolicy
from workspaces.tenancy import current_workspace

REFIT_EVERY = timedelta(hours=1)


def next_refit(policy: PoolPolicy | ResponsePolicy, as_of: datetime) -> datetime | None:
    """When time alone may have changed what this policy says; None where it can't."""
    asked = [one for one in policy.conditions if one]
    if not asked:
        return None
    words = vocabulary(current_workspace())
    moves = any(time_dependent(parse(one, words, stored=True)) for one in asked)
    return as_of + REFIT_EVERY if moves else None


def refit_if_due(
    policies: type[PoolPolicy] | type[ResponsePolicy], refit: Callable[[], Any], as_of: datetime
) -> int:
    """``refit`` all clocks if it is time for any of the policies; for how many it was. One worker at a time."""
    due = policies.objects.filter(is_active=True, refit_at__lte=as_of)
    rows: list[Any] = list(due.select_for_update(skip_locked=True))
    if not rows:
        return 0
    refit()
    for row in rows:
        row.refit_at = next_refit(row, as_of)
    policies.objects.bulk_update(rows, ["refit_at"])
    return len(rows)
