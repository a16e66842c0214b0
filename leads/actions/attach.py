"""Files of a lead: kept as they are, of a kind that was looked at, handed out as a download only."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.utils.translation import gettext as _

from leads.attachments import clean_name, kind_of
from leads.locking import lock_one, require_holding
from leads.models import Attachment, FollowUp
from leads.timeline import tell
from workspaces.models import Member
from workspaces.refusals import NotThere


def attach(
    pk: UUID,
    name: str,
    content: bytes,
    *,
    follow_up: UUID | None = None,
    as_of: datetime,
    actor: Member | None,
) -> Attachment:
    """Keep a file with a lead, perhaps with one of its follow-ups. Invalid: too large, or a lying type."""
    lead = lock_one(pk)
    require_holding(actor, "follow_up", lead)
    name = clean_name(name)
    kind = kind_of(content, name)
    if follow_up is not None and not FollowUp.objects.filter(pk=follow_up, lead=lead).exists():
        raise NotThere(_("There is no such follow-up."))
    made = Attachment.objects.create(
        lead=lead,
        follow_up_id=follow_up,
        name=name,
        kind=kind,
        size=len(content),
        digest=sha256(content).hexdigest(),
        content=content,
        member=actor,
    )
    tell("attached", [(pk, {"name": name, "attachment": str(made.pk)})], as_of=as_of, actor=actor)
    return made


def drop_attachment(attachment: Attachment, *, as_of: datetime, actor: Member | None) -> None:
    require_holding(actor, "follow_up", attachment.lead)
    tell("detached", [(attachment.lead_id, {"name": attachment.name})], as_of=as_of, actor=actor)
    attachment.delete()
