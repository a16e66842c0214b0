"""Advance: the only way a lead takes a step. It asks the gate, for one lead or for a million.

Page, API, import, bulk edit and task all come through here. Sources and targets are those that Lead
declares for django-fsm.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from leads import gates
from leads.actions import deals, deferring
from leads.believable import believable
from leads.gates import Step, Unmet, Verdict
from leads.happened import happened
from leads.locking import holds, lock
from leads.models import Approval, Lead, StageChange
from leads.models.lead import Stage
from leads.reasons import with_code
from leads.timeline import tell
from workspaces.models import Member
from workspaces.once import reads_once
from workspaces.permissions import may, require
from workspaces.refusals import Invalid, NotThere, Refused
from workspaces.tenancy import current_workspace
from workspaces.texts import clean_text

REASON_LENGTH = 2000
TOLD = ("reason", "reason_code", "trigger", "trigger_kind", "trigger_what", "angle", "resume_at")


@dataclass
class Advanced:
    """What became of a set: moved, refused (with everything that is missing), waiting for a manager."""

    moved: list[UUID] = field(default_factory=list)
    refused: dict[UUID, list[Unmet]] = field(default_factory=dict)
    waiting: list[UUID] = field(default_factory=list)


@reads_once
def advance(
    ids: Sequence[UUID],
    name: str,
    *,
    as_of: datetime,
    actor: Member | None,
    note: str = "",
    override: str = "",
    details: dict[str, Any] | None = None,
    approved: bool = False,
) -> Advanced:
    """Take a step with a set of leads. Refusals don't raise: they are in the answer, whole.

    ``override``: a manager's reason to pass an unmet gate, recorded. ``details``: what the step wants
    (``reason``, ``reason_code``, ``resume_at``, ``trigger``, ``angle``, ``amount``, ``expected_close``). Invalid when
    there is no such transition or a detail is of the wrong kind.
    """
    require(actor, "advance")
    step = gates.steps().get(name)
    if step is None:
        known = ", ".join(gates.steps())
        raise Invalid.field("name", _("Known transitions: %(known)s.") % {"known": known}, "unknown_value")
    if override:
        require(actor, "override")
    note, override = clean_text(note), clean_text(override)
    details = clean_details(name, details or {}, as_of)
    leads = lock(ids)
    verdicts = gates.judge([lead.pk for lead in leads], name, as_of=as_of)
    answer = Advanced()
    moving: list[Lead] = []
    for lead in leads:
        found = verdicts.get(lead.pk, Verdict())
        lacking = missing(lead, step, found, details, actor, override)
        wants_approval = found.needs_approval and not approved and not may(actor, "override")
        if found.too_low and (wants_approval or (approved and found.needs_approval)) and not lacking:
            lacking = [found.too_low]  # approving does not help where the score fell meanwhile
        if lacking:
            answer.refused[lead.pk] = lacking
        elif wants_approval:
            answer.waiting.append(lead.pk)
        else:
            moving.append(lead)
    ask_managers(answer.waiting, name, note, details, as_of, actor)
    move(moving, step, verdicts, as_of, actor, note, override, details)
    answer.moved = [lead.pk for lead in moving]
    return answer


def missing(
    lead: Lead, step: Step, found: Verdict, details: dict, actor: Member | None, override: str
) -> list[Unmet]:
    """Everything that stands between this lead and the step."""
    if lead.stage not in step.sources:
        message = _("This step does not start from “%(stage)s”.") % {"stage": Stage(lead.stage).label}
        return [{"code": "stage", "field": "stage", "message": message}]
    if not holds(actor, lead):
        return [{"code": "not_held", "field": "owner", "message": _("You don't hold this lead.")}]
    lacking = [] if override else list(found.unmet)
    for name in gates.DETAILS.get(step.name, ()):
        if not details.get(name):
            texts = {"reason": _("Say why."), "resume_at": _("Say when to look at it again.")}
            lacking.append({"code": f"{name}_required", "field": name, "message": texts[name]})
    return lacking


def move(
    leads: list[Lead],
    step: Step,
    verdicts: dict[UUID, Verdict],
    as_of: datetime,
    actor: Member | None,
    note: str,
    override: str,
    details: dict,
) -> None:
    """The step itself, for leads that may take it: one UPDATE, and what is written about it."""
    if not leads:
        return
    ids = [lead.pk for lead in leads]
    aside = step.target == Stage.DEFERRED
    deferral = {k: str(details[k]) for k in TOLD if details.get(k)}
    Lead.objects.filter(pk__in=ids).update(
        stage=step.target,
        stage_since=as_of,
        moved_at=as_of,
        resume_at=details.get("resume_at") if aside else None,
        deferral=deferral if aside else {},
        version=F("version") + 1,
        updated_at=as_of,
    )
    reason = details.get("reason", "")
    StageChange.objects.bulk_create(
        [
            StageChange(
                lead_id=lead.pk,
                transition=step.name,
                source=lead.stage,
                target=step.target,
                at=as_of,
                actor=actor,
                note=note or reason,
                reason_code=details.get("reason_code", ""),
                verdict=recorded(verdicts.get(lead.pk, Verdict()), override),
                days_in_source=max((as_of - lead.stage_since).days, 0),
            )
            for lead in leads
        ],
        batch_size=5000,
    )
    if aside:
        deferring.remember(leads, details, as_of, actor)
    deferring.end(leads, "hand", as_of)
    overtake(leads, as_of)
    told = {"transition": step.name, "target": step.target, "note": note, **deferral}
    if reason:
        told["reason"] = reason
    if override:
        told["override"] = override
    tell("stage", [(lead.pk, {"source": lead.stage, **told}) for lead in leads], as_of=as_of, actor=actor)
    deals.follow(leads, step, details, as_of)
    happened("stage_changed", ids, as_of=as_of, actor=actor, transition=step.name)


def overtake(leads: list[Lead], as_of: datetime) -> None:
    """What still waited for a manager is over: the lead has gone another way meanwhile."""
    waiting = Approval.objects.filter(lead__in=[lead.pk for lead in leads], status="waiting")
    waiting.update(status="overtaken", decided_at=as_of, updated_at=as_of)


def recorded(found: Verdict, override: str) -> dict[str, Any]:
    verdict: dict[str, Any] = {"met": found.met}
    if override:
        verdict |= {"unmet": [one["code"] for one in found.unmet], "override": override}
    return verdict


def ask_managers(
    ids: list[UUID], name: str, note: str, details: dict, as_of: datetime, actor: Member | None
) -> None:
    if not ids:
        return
    payload = {"note": note, "details": {k: plain(v) for k, v in details.items()}}
    Approval.objects.bulk_create(
        [
            Approval(lead_id=pk, transition=name, asked_by=actor, asked_at=as_of, payload=payload)
            for pk in ids
        ],
        ignore_conflicts=True,
    )
    tell("approval_asked", [(pk, {"transition": name}) for pk in ids], as_of=as_of, actor=actor)
    happened("approval_asked", ids, as_of=as_of, actor=actor)


def plain(value: Any) -> Any:
    return value if isinstance(value, str | int | dict) else str(value)


def clean_details(step: str, details: dict[str, Any], as_of: datetime) -> dict[str, Any]:
    """Details of the kinds they must be; ``resume_at`` becomes a moment (a day: its start, locally)."""
    cleaned = {k: v for k, v in details.items() if v not in (None, "")}
    cleaned = (
        deferring.clean_trigger(with_code(step, cleaned)) if step == "defer" else with_code(step, cleaned)
    )
    if cleaned.get("trigger_kind") == "date":  # whichever comes first
        days = [moment(cleaned["trigger_what"])]
        days += [moment(cleaned["resume_at"])] if "resume_at" in cleaned else []
        cleaned["resume_at"] = min(days)
    for name in ("reason", "trigger", "angle"):
        if name in cleaned and (not isinstance(cleaned[name], str) or len(cleaned[name]) > REASON_LENGTH):
            raise Invalid.field(name, _("A text of at most %(most)d characters.") % {"most": REASON_LENGTH})
    if "resume_at" in cleaned:
        cleaned["resume_at"] = moment(cleaned["resume_at"])
        believable("resume_at", cleaned["resume_at"])
        if cleaned["resume_at"] <= as_of:
            raise Invalid.field("resume_at", _("Choose a day in the future."), "past")
    return cleaned


def moment(value: Any) -> datetime:
    tz = current_workspace().tz
    found: date | datetime | None = value if isinstance(value, date | datetime) else None
    if found is None:
        try:
            found = parse_datetime(str(value)) or parse_date(str(value))
        except ValueError:
            found = None
    if found is None:
        raise Invalid.field("resume_at", _("Write a day as 2026-03-31."))
    if not isinstance(found, datetime):
        found = datetime.combine(found, time(0, 0))
    return found if found.tzinfo else found.replace(tzinfo=tz)


def advance_one(pk: UUID, name: str, **how: Any) -> tuple[Lead, bool]:
    """One lead; (lead, moved). Not moved: it waits for a manager. Refused("gate") lists what is missing."""
    answer = advance([pk], name, **how)
    if pk in answer.refused:
        unmet = answer.refused[pk]
        raise Refused("gate", _("The gate says no: %(what)s") % {"what": unmet[0]["message"]}, unmet)
    if not answer.moved and not answer.waiting:
        raise NotThere(_("There is no such lead."))
    return Lead.objects.get(pk=pk), bool(answer.moved)


def decide(
    approval: Approval, approve: bool, reason: str, *, as_of: datetime, actor: Member | None
) -> Approval:
    """A manager's decision. Approving asks the gate again: the facts may have changed meanwhile."""
    require(actor, "override")
    row = Approval.objects.select_for_update().get(pk=approval.pk)
    if row.status != "waiting":
        raise Refused("decided", _("This was decided already."))
    row.status, row.decided_by, row.decided_at = ("approved" if approve else "refused"), actor, as_of
    row.reason = reason = clean_text(reason)
    row.save()
    told = {"transition": row.transition, "approved": approve, "reason": reason}
    tell("approval_decided", [(row.lead_id, told)], as_of=as_of, actor=actor)
    happened("approval_decided", [row.lead_id], as_of=as_of, actor=actor, approval=row)
    if approve:
        payload = row.payload
        advance_one(
            row.lead_id,
            row.transition,
            as_of=as_of,
            actor=actor,
            note=payload.get("note", ""),
            details=payload.get("details", {}),
            approved=True,
        )
    return row
