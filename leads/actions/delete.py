"""Deleting a lead: an admin's act, kept in the audit log."""

from datetime import datetime
from uuid import UUID

from leads.locking import lock_one
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require


def delete_lead(pk: UUID, *, as_of: datetime, actor: Member | None) -> None:
    """The lead and everything of it goes; its timeline stays, for the audit."""
    require(actor, "delete_leads")
    lead = lock_one(pk)
    audit("lead_deleted", lead, {"name": str(lead)}, actor=actor, as_of=as_of)
    lead.delete()
