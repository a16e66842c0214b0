"""Tasks: something to be done by someone by some time."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from leads.believable import believable
from leads.models import Lead, Task
from workspaces.models import Member, Role
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotAllowed, NotThere, Refused
from workspaces.texts import clean_text


def add_task(
    *,
    member_id: UUID,
    title: str,
    due_at: datetime,
    lead_id: UUID | None = None,
    as_of: datetime,
    actor: Member | None,
) -> Task:
    """A task for a member, for a lead or for itself."""
    require(actor, "follow_up")
    believable("due_at", due_at)
    title = clean_text(title)[:300]
    if not title:
        raise Invalid.field("title", _("What is to be done?"), "required")
    if not Member.objects.filter(pk=member_id, is_active=True).exists():
        raise NotThere(_("There is no such member."))
    if lead_id is not None and not Lead.objects.filter(pk=lead_id).exists():
        raise NotThere(_("There is no such lead."))
    return Task.objects.create(
        member_id=member_id, lead_id=lead_id, title=title, due_at=due_at, origin="hand"
    )


def finish_task(pk: UUID, *, as_of: datetime, actor: Member | None) -> Task:
    """The task is done."""
    return _mark(pk, as_of, as_of, actor)


def reopen_task(pk: UUID, *, as_of: datetime, actor: Member | None) -> Task:
    """The task is to be done after all (undo)."""
    return _mark(pk, None, as_of, actor)


def move_task(pk: UUID, due_at: datetime, *, as_of: datetime, actor: Member | None) -> Task:
    """The task is due at another time."""
    believable("due_at", due_at)
    task = _mine(pk, actor)
    if task.done_at is not None:
        raise Refused("done", _("This task is done."))
    task.due_at = due_at
    return _keep(task, as_of)


def _mark(pk: UUID, done_at: datetime | None, as_of: datetime, actor: Member | None) -> Task:
    task = _mine(pk, actor)
    task.done_at = done_at
    return _keep(task, as_of)


def _mine(pk: UUID, actor: Member | None) -> Task:
    require(actor, "follow_up")
    task: Task | None = Task.objects.select_for_update().filter(pk=pk).first()
    if task is None:
        raise NotThere(_("There is no such task."))
    if actor is not None and actor.role == Role.REP and task.member_id != actor.pk:
        raise NotAllowed(_("This is a colleague's task."))
    return task


def _keep(task: Task, as_of: datetime) -> Task:
    task.updated_at = as_of
    task.save(update_fields=["done_at", "due_at", "updated_at"])
    if task.lead_id:
        nearest = Task.objects.filter(lead_id=task.lead_id, done_at=None).order_by("due_at").first()
        Lead.objects.filter(pk=task.lead_id).update(next_action_at=nearest.due_at if nearest else None)
    return task
