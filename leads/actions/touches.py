"""Touches: what leads did."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads.believable import believable
from leads.happened import happened
from leads.inserting import insert_all
from leads.locking import lock
from leads.models import Touch
from leads.timeline import tell
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotThere

KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


def record_touches(
    items: list[tuple[UUID, str, datetime | None, dict[str, Any]]],
    *,
    as_of: datetime,
    actor: Member | None,
) -> list[Touch]:
    """Record (lead, kind, at, data) for a set of leads and let scores and tags follow.

    ``kind``: lower-case letters, digits and underscores, such as ``page_view``. NotThere names no lead.
    """
    require(actor, "capture")
    for _lead, kind, at, _data in items:
        if not KIND.fullmatch(kind):
            raise Invalid.field("kind", _("A kind is a short name such as page_view."))
        if at and at > as_of:
            raise Invalid.field("at", _("A touch has happened; it can't lie in the future."), "future")
        believable("at", at)
    ids = sorted({lead for lead, *_rest in items})
    if len(lock(ids)) != len(ids):
        raise NotThere(_("There is no such lead."))
    touches = [Touch(lead_id=lead, kind=kind, at=at or as_of, data=data) for lead, kind, at, data in items]
    if touches:
        insert_all(touches, as_of=as_of)
    told = [(t.lead_id, {"touch": t.kind, "data": t.data}) for t in touches]
    tell("touched", told, as_of=as_of, actor=actor)
    happened("touched", ids, as_of=as_of, actor=actor)
    return touches
