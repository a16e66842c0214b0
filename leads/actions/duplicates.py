"""What people decide about duplicates: not the same, after all the same, and the rules of the workspace."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads.matching.store import rules
from leads.models import Duplicate, MatchRules
from leads.models.matching import REVIVED, DuplicateStatus
from workspaces.actions import audit, audit_many
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotThere

SUREST = 0.99  # nothing less merges by itself


def dismiss(pk: UUID, *, as_of: datetime, actor: Member | None) -> Duplicate:
    """The two are not the same: remembered, and never suggested again."""
    return decide(pk, DuplicateStatus.DISMISSED, as_of=as_of, actor=actor)


def suggest_again(pk: UUID, *, as_of: datetime, actor: Member | None) -> Duplicate:
    """Take a dismissal back."""
    return decide(pk, DuplicateStatus.SUGGESTED, as_of=as_of, actor=actor)


def decide(pk: UUID, status: str, *, as_of: datetime, actor: Member | None) -> Duplicate:
    require(actor, "edit_leads")
    found = Duplicate.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such pair."))
    if found.status != status:
        found.status = status
        found.decided_at, found.decided_by = as_of, actor.pk if actor else None
        found.save(update_fields=["status", "decided_at", "decided_by", "updated_at"])
        what = {"a": str(found.a_id), "b": str(found.b_id), "status": str(status)}
        audit_many("duplicate_decided", "duplicate", [(found.pk, what)], actor=actor, as_of=as_of)
    return found


def apart_for_good(one: UUID, two: UUID, *, as_of: datetime, actor: Member | None) -> None:
    """A merge was undone: the two are not the same."""
    a, b = sorted((one, two))
    by = actor.pk if actor else None
    told = {"status": DuplicateStatus.DISMISSED.value, "decided_at": as_of, "decided_by": by}
    if not Duplicate.objects.filter(a=a, b=b).update(**told):
        Duplicate.objects.create(a_id=a, b_id=b, strength=0.0, **told)


def set_rules(changes: dict[str, Any], *, as_of: datetime, actor: Member | None) -> MatchRules:
    """What merges by itself (a strength of at least SUREST, or never), what is suggested, what is no evidence."""
    require(actor, "rules")
    found = MatchRules.objects.select_for_update().first() or rules()
    for name, value in changes.items():
        setattr(found, name, value)
    if found.merge_from is not None and not SUREST <= found.merge_from <= 1:
        message = _("Only what is surely one merges by itself: from %(least)s.")
        raise Invalid.field("merge_from", message % {"least": SUREST}, "too_low")
    if not 0.05 <= found.suggest_from <= 1:
        raise Invalid.field("suggest_from", _("Between 0.05 and 1."), "out_of_range")
    if unknown := sorted(set(found.revive) - set(REVIVED)):
        message = _("Known values: %(known)s.") % {"known": ", ".join(REVIVED)}
        raise Invalid.field("revive", f"{message} ({', '.join(unknown)})", "unknown_value")
    found.save()
    audit("match_rules_changed", found, changes, actor=actor, as_of=as_of)
    return found
