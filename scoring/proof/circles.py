"""Where an outcome is decided by what is to be proven: by the score, or by facts that a gate demands.

Who has too few points never becomes an MQL, so of all leads only those that the card in force rates high get any
further: any card that resembles it "foresees" that. And what a gate demands is written down because of the step: rules
on it say that the step was taken, not that it would be.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leads import gates
from leads.conditions import fields_used, leaves, vocabulary
from leads.models.lead import Stage
from scoring.cards import ReadCard, ReadRule, scoring_for
from scoring.cycles import fed_tags, meet, tag_pairs, tags_asked
from scoring.faults import ITS_OWN_RESULT
from scoring.line import gate_asks
from scoring.proof.outcomes import PATH, Outcome, wanted
from workspaces.tenancy import current_workspace

ALL, PART, FACTS = "score", "score_in_path", "gate_facts"


@dataclass(frozen=True)
class Circle:
    """``code``: the score alone decides (``score``), it decides who gets so far (``score_in_path``), or the gate to
    ``stage`` demands these ``fields`` (``gate_facts``). ``line``: points from which a lead becomes an MQL by itself."""

    code: str
    stage: str = ""
    line: int | None = None
    fields: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def circles(outcome: Outcome, team: UUID | None = None) -> list[Circle]:
    """All ways in which this outcome proves itself, by the gates and the card that are in force now; of a team's leads,
    the card that scores them."""
    fed = meet(tags_asked(outcome.condition), fed_tags(tag_pairs()))
    if fed or ITS_OWN_RESULT & outcome.fields:
        return [Circle(ALL)]
    steps = steps_to(outcome)
    names = {step.target: name for name, step in gates.steps().items() if step.target in PATH[1:]}
    asked = gates.read(names[stage] for stage in steps)
    found = []
    for stage in steps:
        gate = asked.get(names[stage])
        demanded = {name for item in (gate.items if gate else ()) for name in fields_used(item)}
        if stage == Stage.MQL or demanded & ITS_OWN_RESULT:
            alone = stage == Stage.MQL and stage == steps[-1]
            found.append(Circle(ALL if alone else PART, stage, line(team) if stage == Stage.MQL else None))
        if facts := tuple(sorted(demanded - ITS_OWN_RESULT)):
            found.append(Circle(FACTS, stage, fields=facts))
    return found


def steps_to(outcome: Outcome) -> list[str]:
    """The stages a lead enters on its way to the outcome, from where it is measured on."""
    named = [wanted(leaf)[:1] for leaf in leaves(outcome.condition) if leaf.field.name == "stage"]
    places = [PATH.index(Stage(stage)) for one in named for stage in one if stage in PATH]
    start = PATH.index(Stage(outcome.among)) if outcome.among else 0
    return [stage.value for stage in PATH[start + 1 : max(places, default=0) + 1]]


def line(team: UUID | None) -> int | None:
    card = scoring_for(team)
    return None if card is None else gate_asks(card) or card.threshold


def of_fields(found: Iterable[Circle], names: set[str]) -> list[Circle]:
    """The circles that matter where these facts are asked: of a gate's facts those that are among them."""
    cut = [replace(one, fields=tuple(name for name in one.fields if asks(name, names))) for one in found]
    return [one for one in cut if one.code != FACTS or one.fields]


def asks(fact: str, names: set[str]) -> bool:
    """Is this fact, or a part of it, among the names? "contacts" is in "contacts.finance"."""
    return any(name == fact or name.startswith(f"{fact}.") for name in names)


def answered(card: ReadCard, found: Iterable[Circle]) -> list[ReadRule]:
    """The rules of a card whose facts a gate demands."""
    facts = [name for one in found for name in one.fields]
    return [rule for rule in card.rules if any(asks(fact, asked_by(rule)) for fact in facts)]


def asked_by(rule: ReadRule) -> set[str]:
    return fields_used(rule.condition) | {field.name for field, _days in rule.numbers}


def in_words(one: Circle) -> str:
    """What it means, in the reader's language."""
    places = {"line": one.line, "stage": Stage(one.stage).label if one.stage else ""}
    if one.code == ALL and one.line is not None:
        return (
            _(
                "No proof: from %(line)d points on a lead becomes an MQL by its score. Choose a later step, such as"
                " from MQL to SQL."
            )
            % places
        )
    if one.code == ALL:
        return _("No proof: the score itself decides this outcome. Choose another, such as from MQL to SQL.")
    if one.code == PART and one.line is not None:
        return (
            _(
                "Partly no proof: the score decides who becomes an MQL (from %(line)d points on), and who does not gets"
                " no further. One step among those that got so far, such as from MQL to SQL, says more."
            )
            % places
        )
    if one.code == PART:
        return _("Partly no proof: the gate to “%(stage)s” asks for a score.") % places
    words = vocabulary(current_workspace())
    labels = [capfirst(str(field.label)) for name in one.fields if (field := words.find(name)) is not None]
    listed = pgettext("between items", ", ").join(labels)
    return _(
        "The gate to “%(stage)s” demands these facts, so they are written down because of the step, and rules on them"
        " prove nothing here: %(fields)s."
    ) % {**places, "fields": listed}


def told(found: Iterable[Circle | dict[str, Any]]) -> list[dict[str, str]]:
    """[{"code", "message"}] of circles as they are, or as they were stored."""
    read = [
        one if isinstance(one, Circle) else Circle(**one | {"fields": tuple(one["fields"])}) for one in found
    ]
    return [{"code": one.code, "message": in_words(one)} for one in read]
