"""Leads locked for a change, and who may make it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from leads.models import Lead
from workspaces.models import Member, Role
from workspaces.permissions import require
from workspaces.refusals import NotAllowed, NotThere


def lock(ids: Iterable[UUID]) -> list[Lead]:
    """The leads of the open workspace, locked in the order of their ids."""
    return list(Lead.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))


def lock_one(pk: UUID) -> Lead:
    """One lead, locked; NotThere when this workspace has no such lead."""
    found = lock([pk])
    if not found:
        raise NotThere(_("There is no such lead."))
    return found[0]


def holds(actor: Member | None, lead: Lead) -> bool:
    """Whether the lead is the actor's to work on: reps work on what they hold, the others on all."""
    return actor is None or actor.role != Role.REP or lead.owner_id == actor.pk


def require_holding(actor: Member | None, ability: str, lead: Lead) -> None:
    require(actor, ability)
    if holds(actor, lead):
        return
    if lead.owner_id is None:
        raise NotAllowed(_("Nobody holds this lead. Claim it first."), "claim_first")
    raise NotAllowed(_("A colleague holds this lead. Ask your manager to hand it over."), "not_yours")


def changed(ids: Iterable[UUID], as_of: datetime) -> None:
    """The leads have a new version."""
    Lead.objects.filter(pk__in=list(ids)).update(version=F("version") + 1, updated_at=as_of)
