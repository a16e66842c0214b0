"""What a rep found a lead to be: real, too early, a student … Marketing sees by it which channels bring real ones."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from leads.happened import happened
from leads.locking import lock, require_holding
from leads.models import Lead
from leads.models.lead import Quality
from leads.timeline import tell
from workspaces.models import Member
from workspaces.refusals import Invalid, NotThere
from workspaces.texts import clean_text


def rate_quality(
    ids: Iterable[UUID], quality: str, note: str = "", *, as_of: datetime, actor: Member | None
) -> list[UUID]:
    """Rate a set of leads; "" takes a rating back. The ids of those it changed.

    Reps rate what they hold. Rules may ask for it, so tags and scores follow.
    """
    if quality not in Quality.values:
        known = ", ".join(Quality.values[1:])
        raise Invalid.field("quality", _("Known values: %(known)s.") % {"known": known}, "unknown_value")
    ids = list(dict.fromkeys(ids))
    leads = lock(ids)
    if len(leads) != len(ids):
        raise NotThere(_("There is no such lead."))
    for lead in leads:
        require_holding(actor, "follow_up", lead)
    before = {lead.pk: lead.quality for lead in leads if lead.quality != quality}
    changed = list(before)
    if not changed:
        return []
    rows = Lead.objects.filter(pk__in=changed)
    rows.update(quality=quality, version=F("version") + 1, updated_at=as_of)
    said = clean_text(note)[:2000]
    told = [(pk, {"quality": quality, "before": was, "note": said}) for pk, was in before.items()]
    tell("quality", told, as_of=as_of, actor=actor)
    happened("facts_changed", changed, as_of=as_of, actor=actor)
    return changed
