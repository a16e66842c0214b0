"""Examples: a manager marks a lead's story for others to learn from."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.locking import lock_one
from leads.models import Case, Lead, Stage
from leads.timeline import tell
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused
from workspaces.texts import clean_text

LONGEST = 5000


def mark_case(lead: Lead, values: dict[str, Any], *, as_of: datetime, actor: Member | None) -> Case:
    """A new example. By who may change the rules; one of a lead for each stage: Refused ``case_exists``."""
    require(actor, "rules")
    lead = lock_one(lead.pk)
    case = Case(lead=lead, industry=lead.industry, member_id=actor.pk if actor else None, at=as_of)
    write(case, {"stage": lead.stage} | values)
    case.save()
    tell("case_marked", [(lead.pk, {"title": case.title})], as_of=as_of, actor=actor)
    return case


def change_case(case: Case, values: dict[str, Any], *, as_of: datetime, actor: Member | None) -> Case:
    require(actor, "rules")
    write(case, values)
    case.updated_at = as_of
    case.save()
    return case


def drop_case(case: Case, *, as_of: datetime, actor: Member | None) -> None:
    """No longer an example; the lead stays as it is."""
    require(actor, "rules")
    case.delete()


def write(case: Case, values: dict[str, Any]) -> None:
    for name, longest in (("title", 200), ("lesson", LONGEST), ("industry", 200)):
        if name in values:
            setattr(case, name, clean_text(values[name] or "")[:longest])
    case.stage = values.get("stage") or case.stage
    errors = []
    if not case.title:
        errors.append({"field": "title", "code": "required", "message": _("Give it a title.")})
    if not case.lesson:
        errors.append({"field": "lesson", "code": "required", "message": _("What can others learn from it?")})
    if case.stage not in Stage.values:
        message = _("Known values: %(known)s.") % {"known": ", ".join(Stage.values)}
        errors.append({"field": "stage", "code": "unknown_value", "message": message})
    if errors:
        raise Invalid(errors)
    if Case.objects.filter(lead_id=case.lead_id, stage=case.stage).exclude(pk=case.pk).exists():
        raise Refused("case_exists", _("This lead is an example of that stage already."))
