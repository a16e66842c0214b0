"""Gates: what must be true to take a step, asked of one lead or of a million in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from leads.conditions import Condition, Vocabulary, compile_sql, first_field, parse, parts, say, vocabulary
from leads.locking import holds
from leads.models import Gate, Lead
from leads.planner import over
from workspaces.models import Member
from workspaces.once import once
from workspaces.permissions import may
from workspaces.tenancy import current_workspace

Unmet = dict[str, Any]  # {"code", "field", "message"}

# What a step wants to be told, beside its gate: the details of a deferral, a reason.
DETAILS = {"defer": ("reason", "resume_at"), "disqualify": ("reason",), "lose": ("reason",)}


@dataclass(frozen=True)
class Step:
    """A transition as Lead declares it."""

    name: str
    sources: frozenset[str]
    target: str


@dataclass
class Verdict:
    """What a gate says of one lead. ``met`` and ``unmet`` name its checklist items; ``answers``: in order."""

    unmet: list[Unmet] = field(default_factory=list)
    met: list[str] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)
    needs_approval: bool = False
    too_low: Unmet | None = None  # can't even be submitted for approval


def steps() -> dict[str, Step]:
    """Every transition by name, read from the declaration on Lead."""
    found: dict[str, tuple[set[str], str]] = {}
    stage = Lead._meta.get_field("stage")
    for one in stage.get_all_transitions(Lead):  # type: ignore[union-attr]
        sources, _target = found.setdefault(one.name, (set(), str(one.target)))
        sources.add(str(one.source))
    return {name: Step(name, frozenset(sources), target) for name, (sources, target) in found.items()}


@dataclass(frozen=True)
class ReadGate:
    """A gate with its conditions parsed: the checklist's items, and when a manager has to approve."""

    items: list[Condition]
    approval: Condition | None
    approval_score: int


def read(transitions: Iterable[str]) -> dict[str, ReadGate]:
    """The gates of these transitions by name, in two statements."""
    gates = once("gates", read_all)
    return {name: gates[name] for name in transitions if name in gates}


def read_all() -> dict[str, ReadGate]:
    rows = list(Gate.objects.all())
    words = vocabulary(current_workspace()) if rows else None
    return {row.transition: opened(row, words) for row in rows if words is not None}


def opened(gate: Gate, words: Vocabulary) -> ReadGate:
    when = gate.approval_when
    return ReadGate(
        items=parts(parse(gate.condition, words, stored=True)),
        approval=None if when is None else parse(when, words, stored=True),
        approval_score=gate.approval_score,
    )


def judge(ids: Sequence[UUID], transition: str, *, as_of: datetime) -> dict[UUID, Verdict]:
    """The gate's verdict on each lead of a set, in one statement (two more to read the gate)."""
    return ask(read([transition]).get(transition), ids, as_of=as_of)


def ask(gate: ReadGate | None, ids: Sequence[UUID], *, as_of: datetime) -> dict[UUID, Verdict]:
    """The verdict of a gate that was read, on each lead of a set, in one statement."""
    asked = [] if gate is None else [*gate.items, *([] if gate.approval is None else [gate.approval])]
    if gate is None or not asked:
        return {pk: Verdict() for pk in ids}
    workspace = current_workspace()
    compiled = [compile_sql(c, as_of=as_of, time_zone=workspace.tz, lead="l") for c in asked]
    columns = ", ".join(f"({one.text}) IS TRUE" for one in compiled)
    params = [p for one in compiled for p in one.params]
    with over(ids), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.id, l.score, {columns} FROM leads_lead l WHERE l.workspace_id = %s AND l.id = ANY(%s)",
            [*params, workspace.pk, list(ids)],
        )
        rows = cursor.fetchall()
    return {row[0]: verdict(gate, row[1], row[2:]) for row in rows}


def verdict(gate: ReadGate, score: int, answers: Sequence[bool]) -> Verdict:
    made = Verdict(answers=list(answers[: len(gate.items)]))
    for item, true in zip(gate.items, made.answers, strict=True):
        if true:
            made.met.append(code_of(item))
        else:
            made.unmet.append(unmet(item))
    if gate.approval is not None and answers[-1]:
        made.needs_approval = True
        if score < gate.approval_score:
            message = _("Only a score of %(least)d and more can be submitted for approval; it is %(score)d.")
            made.too_low = {
                "code": "approval_score",
                "field": "score",
                "message": message % {"least": gate.approval_score, "score": score},
            }
    return made


def unmet(item: Condition) -> Unmet:
    """A checklist item that is not met yet, said in the reader's language."""
    message = _("Needed: %(condition)s") % {"condition": say(item)}
    return {"code": code_of(item), "field": first_field(item), "message": message}


def code_of(item: Condition) -> str:
    """A stable short name of a checklist item, such as ``pain_is_set``."""
    name = first_field(item) or "condition"
    op = getattr(item, "op", "any")
    return f"{name.replace('.', '_')}_{op}"


def check(ids: Sequence[UUID], transition: str, *, as_of: datetime) -> dict[UUID, list[Unmet]]:
    """What each lead still lacks for a transition."""
    return {pk: found.unmet for pk, found in judge(ids, transition, as_of=as_of).items()}


def checklist(lead: Lead, transition: str, *, as_of: datetime) -> list[dict[str, Any]]:
    """Every item of the gate with ``met``: [{"code", "field", "message", "met"}], for the page."""
    gate = read([transition]).get(transition)
    if gate is None or not gate.items:
        return []
    return listed(gate, ask(gate, [lead.pk], as_of=as_of)[lead.pk])


def listed(gate: ReadGate, found: Verdict) -> list[dict[str, Any]]:
    """The checklist of a gate that was read and asked already."""
    return [
        {"code": code_of(item), "field": first_field(item), "message": say(item), "met": true}
        for item, true in zip(gate.items, found.answers, strict=True)
    ]


def options(lead: Lead, *, as_of: datetime, actor: Member | None) -> list[dict[str, Any]]:
    """The steps from where the lead stands, each with its checklist and what it still lacks, for the actor."""
    found = []
    here = [step for step in steps().values() if lead.stage in step.sources]
    gates = read(step.name for step in here)
    for step in here:
        judged = ask(gates.get(step.name), [lead.pk], as_of=as_of).get(lead.pk, Verdict())
        approval = judged.needs_approval and not may(actor, "override")
        unmet_items = judged.unmet + ([judged.too_low] if approval and judged.too_low else [])
        allowed = not unmet_items and may(actor, "advance") and holds(actor, lead)
        found.append(
            {
                "name": step.name,
                "target": step.target,
                "allowed": allowed,
                "unmet": unmet_items,
                "needs_approval": approval,
                "wants": list(DETAILS.get(step.name, ())),
                "items": listed(gates[step.name], judged) if step.name in gates and judged.answers else [],
            }
        )
    return found
