"""How a member wants to be told, kind by kind, and when to be left alone."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from notices.kinds import kinds_for
from notices.models import Email, Hours, Preference
from notices.queries import preferences
from workspaces.models import Member
from workspaces.refusals import Invalid


@transaction.atomic
def set_preferences(member: Member, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """``{kind: {"in_app", "email", "group"}}``; what is not named stays. Invalid for what nobody knows."""
    known = kinds_for(member.role)
    for kind, ways in wanted.items():
        if kind not in known:
            text = _("Known kinds: %(known)s.") % {"known": ", ".join(known)}
            raise Invalid.field(kind, text, "unknown_value")
        if ways.get("email", Email.OFF) not in Email.values:
            text = _("Known values: %(known)s.") % {"known": ", ".join(Email.values)}
            raise Invalid.field(f"{kind}.email", text, "unknown_value")

    rows = {one.kind: one for one in preferences(member)}
    changed = []
    for kind, ways in wanted.items():
        row = rows[kind]
        for name in ("in_app", "email", "group"):
            setattr(row, name, ways.get(name, getattr(row, name)))
        changed.append(row)
    Preference.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["workspace", "member", "kind"],
        update_fields=["in_app", "email", "group", "updated_at"],
    )


def set_hours(
    member: Member, *, quiet_from: time | None, quiet_to: time | None, digest_at: time | None = None
) -> Hours:
    """Both ends of the quiet hours or none. Invalid when one is missing or both are the same."""
    if (quiet_from is None) != (quiet_to is None):
        missing = "quiet_from" if quiet_from is None else "quiet_to"
        raise Invalid.field(missing, _("Quiet hours have a beginning and an end."), "required")
    if quiet_from is not None and quiet_from == quiet_to:
        raise Invalid.field("quiet_to", _("They would begin and end at the same time."))
    values: dict[str, Any] = {"quiet_from": quiet_from, "quiet_to": quiet_to}
    if digest_at is not None:
        values["digest_at"] = digest_at
    hours, _created = Hours.objects.update_or_create(member=member, defaults=values)
    return hours
