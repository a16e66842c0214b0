"""Due work as state in a row: claimed with a lease and a token, done once, parked when poisonous.

A model that carries work inherits DueWork. The row is written in the transaction that caused the
work; the broker only says "look now". An attempt is counted when it is claimed, so an item that
kills its worker is parked after MAX_ATTEMPTS.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q

from workspaces.tenancy import TenantModel

MAX_ATTEMPTS = 5
LEASE_S = 120


class LeaseLost(Exception):
    """Somebody else took the item over after our lease ran out; nothing of ours was kept."""


class DueWork(TenantModel):
    due_at = models.DateTimeField(null=True, blank=True)  # null: nothing to do
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")

    class Meta(TenantModel.Meta):
        abstract = True


def claim_due(
    model: type[DueWork], as_of: datetime, clock: datetime, limit: int = 1, only: Q | None = None
) -> list[Any]:
    """Up to ``limit`` due rows, leased to the caller. Commit before doing the work.

    ``as_of``: what counts as due; ``clock``: the real time, against which leases run; ``only``: of these.
    """
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=clock)
    rows = list(
        model.objects.select_for_update(skip_locked=True)
        .filter(only or Q(), free, due_at__lte=as_of, parked_at__isnull=True)
        .order_by("due_at", "id")[:limit]
    )
    token = uuid.uuid4()
    spent = [row.pk for row in rows if row.attempts >= MAX_ATTEMPTS]
    model.objects.filter(pk__in=spent).update(parked_at=clock, **FREE)
    taken = [row for row in rows if row.pk not in spent]
    model.objects.filter(pk__in=[row.pk for row in taken]).update(
        attempts=F("attempts") + 1,
        lease_token=token,
        leased_until=clock + timedelta(seconds=LEASE_S),
    )
    for row in taken:
        row.lease_token = token
        row.attempts += 1
    return taken


# What a row is given back with, whatever else is written to it.
FREE: dict[str, Any] = {"lease_token": None, "leased_until": None}


def ours(row: DueWork) -> models.QuerySet[Any]:
    """The row, as long as its lease is still ours; nothing once somebody else took it over."""
    return type(row).objects.filter(pk=row.pk, lease_token=row.lease_token)


def finish(row: DueWork, effect: Callable[[], Any], due_again: datetime | None = None) -> None:
    """Effect and completion in one transaction; LeaseLost (and nothing kept) if the lease is gone."""
    with transaction.atomic():
        effect()
        if not ours(row).update(due_at=due_again, attempts=0, last_error="", **FREE):
            raise LeaseLost(f"{type(row).__name__} {row.pk}")


def renew(row: DueWork, clock: datetime) -> None:
    """Keep the lease through a long piece of work, inside the transaction of each of its steps."""
    if not ours(row).update(leased_until=clock + timedelta(seconds=LEASE_S), attempts=1):
        raise LeaseLost(f"{type(row).__name__} {row.pk}")
