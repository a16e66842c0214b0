"""Answering a question about a lead: what was learned, by which signs, on what evidence, and when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads import frameworks
from leads.actions.edit import edit
from leads.believable import believable
from leads.happened import happened
from leads.locking import changed, lock_one, require_holding
from leads.models import Answer, Attachment, FollowUp, Framework, Lead
from leads.models.assessment import Verdict
from leads.timeline import tell
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotThere
from workspaces.texts import clean_text

LONGEST, MOST_SIGNS, SIGN = 20_000, 30, 300
CLOCK_DRIFT = timedelta(minutes=5)
EVIDENCE = {"follow_up": FollowUp, "file": Attachment, "email": None, "other": None}


def assess(
    pk: UUID,
    question: str,
    *,
    verdict: str = "",
    good: Sequence[str] = (),
    bad: Sequence[str] = (),
    note: str = "",
    facts: dict[str, Any] | None = None,
    evidence: str = "",
    evidence_id: UUID | None = None,
    evidence_text: str = "",
    at: datetime | None = None,
    as_of: datetime,
    actor: Member | None,
) -> Answer:
    """Write down an answer. Its facts go to the lead, so that score and gates follow; nothing is typed twice.

    ``verdict``: good, mixed or bad; left out, it follows from the signs. ``evidence``: follow_up or file
    (with the id of one of this lead's), email or other (in words). Invalid, NotThere.
    """
    asked = frameworks.named(question)
    if asked is None:
        raise Invalid.field("question", _("This workspace does not ask this question."), "unknown_value")
    lead = lock_one(pk)
    require_holding(actor, "edit_leads", lead)
    facts = facts or {}
    check(asked, verdict, good, bad, note, facts, at, as_of)
    check_evidence(lead, evidence, evidence_id)
    verdict = verdict or from_signs(good, bad)
    if facts:
        edit(pk, facts, as_of=as_of, actor=actor)
    answer = Answer.objects.create(
        lead_id=pk,
        question=question,
        verdict=verdict,
        good=[clean_text(one) for one in good],
        bad=[clean_text(one) for one in bad],
        note=clean_text(note),
        facts={name: plain(value) for name, value in facts.items()},
        evidence=evidence,
        evidence_id=evidence_id if evidence in ("follow_up", "file") else None,
        evidence_text=clean_text(evidence_text)[:500],
        at=at or as_of,
        member=actor,
    )
    keep_verdict(pk, question, verdict)
    changed([pk], as_of)
    told = {"question": question, "verdict": verdict, "note": answer.note, "evidence": evidence}
    tell("assessed", [(pk, told)], as_of=as_of, actor=actor)
    happened("facts_changed", [pk], as_of=as_of, actor=actor, fields=[f"answers.{question}"])
    return answer


def keep_verdict(pk: UUID, question: str, verdict: str) -> None:
    """The latest verdicts stand in the lead, where conditions read them."""
    lead = Lead.objects.only("assessment").get(pk=pk)
    kept = {name: value for name, value in lead.assessment.items() if name != question}
    Lead.objects.filter(pk=pk).update(assessment=kept | ({question: verdict} if verdict else {}))


def from_signs(good: Sequence[str], bad: Sequence[str]) -> str:
    if good and bad:
        return Verdict.MIXED.value
    return Verdict.GOOD.value if good else Verdict.BAD.value if bad else ""


def plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def check(
    asked: frameworks.Question,
    verdict: str,
    good: Sequence[str],
    bad: Sequence[str],
    note: str,
    facts: dict[str, Any],
    at: datetime | None,
    as_of: datetime,
) -> None:
    if verdict and verdict not in Verdict.values:
        known = ", ".join(Verdict.values)
        raise Invalid.field("verdict", _("Known values: %(known)s.") % {"known": known}, "unknown_value")
    for name, signs in (("good", good), ("bad", bad)):
        if len(signs) > MOST_SIGNS or any(len(sign) > SIGN for sign in signs):
            raise Invalid.field(name, _("At most %(most)d signs.") % {"most": MOST_SIGNS}, "too_many")
    if len(note) > LONGEST:
        raise Invalid.field("note", _("At most %(longest)d characters.") % {"longest": LONGEST}, "too_long")
    if at and at > as_of + CLOCK_DRIFT:
        raise Invalid.field("at", _("What was learned lies in the past."), "future")
    believable("at", at)
    for name in facts:
        if name not in asked.facts:
            message = _("This question is not answered by “%(name)s”.") % {"name": name}
            raise Invalid.field(f"facts.{name}", message, "unknown_field")
    if not (verdict or good or bad or note or facts):
        raise Invalid.field("verdict", _("Say what you learned."), "required")


def check_evidence(lead: Lead, evidence: str, evidence_id: UUID | None) -> None:
    if not evidence:
        return
    if evidence not in EVIDENCE:
        known = ", ".join(EVIDENCE)
        raise Invalid.field("evidence", _("Known values: %(known)s.") % {"known": known}, "unknown_value")
    model = EVIDENCE[evidence]
    if model is None:
        return
    if evidence_id is None:
        raise Invalid.field("evidence_id", _("Say which."), "required")
    if not model._default_manager.filter(pk=evidence_id, lead=lead).exists():
        raise NotThere(_("This lead has no such evidence."))


def change_framework(
    template: str | None = None,
    changes: dict[str, Any] | None = None,
    *,
    as_of: datetime,
    actor: Member | None,
) -> Framework:
    """Which questions are asked, and in which words. Answers given before stay."""
    require(actor, "rules")
    if template is not None and template not in frameworks.TEMPLATES:
        known = ", ".join(frameworks.TEMPLATES)
        raise Invalid.field("template", _("Known values: %(known)s.") % {"known": known}, "unknown_value")
    row = Framework.objects.first() or Framework()
    row.template = template or row.template
    if changes is not None:
        row.changes = {key: clean_change(key, told) for key, told in changes.items()}
    row.updated_at = as_of
    row.save()
    audit("framework_changed", row, {"template": row.template}, actor=actor, as_of=as_of)
    return row


def clean_change(key: str, told: Any) -> dict[str, Any]:
    known = {one.key for _label, questions in frameworks.TEMPLATES.values() for one in questions}
    if key not in known or not isinstance(told, dict):
        raise Invalid.field(f"changes.{key}", _("There is no such question."), "unknown_value")
    found: dict[str, Any] = {"off": True} if told.get("off") is True else {}
    for name in ("label", "ask"):
        if told.get(name):
            found[name] = clean_text(str(told[name]))[:500]
    for name in ("good", "bad"):
        if name in told:
            if not isinstance(told[name], list):
                raise Invalid.field(f"changes.{key}.{name}", _("A list of texts."))
            found[name] = [clean_text(str(one))[:SIGN] for one in told[name]][:MOST_SIGNS]
    return found
