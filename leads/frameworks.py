"""The questions of qualification: five of them, BANT or MEDDICC, with the signs to listen for.

The texts are templates: a workspace may change each of them (``Framework.changes``).
"""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.models import Framework


@dataclass(frozen=True)
class Question:
    """``facts``: the lead's facts that answer it; ``good``, ``bad``: signs to listen for."""

    key: str
    label: Any
    ask: Any
    facts: tuple[str, ...] = ()
    good: tuple[Any, ...] = ()
    bad: tuple[Any, ...] = ()


FIT = Question(
    "fit",
    pgettext_lazy("question", "Fit"),
    _("Is this the kind of company we serve well?"),
    ("industry", "region", "employees"),
    (_("Target industry"), _("Size of the ideal customer"), _("In a region we serve")),
    (
        _("A student or a researcher"),
        _("A competitor"),
        _("Looking for a job"),
        _("Outside the region we serve"),
    ),
)
NEED = Question(
    "need",
    pgettext_lazy("question", "Need"),
    _("What hurts in their own operations, and how soon must it be solved?"),
    ("pain", "need_level"),
    (
        _("Names a concrete pain of their own"),
        _("Wants it solved now"),
        _("Volunteers detail, compares, asks how it would be put in place"),
    ),
    (
        _("Just looking around"),
        _("Asks because a colleague told them to"),
        _("Only wants material sent"),
        _("Maybe next year"),
    ),
)
BUDGET = Question(
    "budget",
    pgettext_lazy("question", "Budget"),
    _("Is there money for it, how much, and who grants it?"),
    ("budget_amount", "budget_status"),
    (
        _("Asks for the price directly"),
        _("Compares with a leader of the market"),
        _("Finance or the owner takes part"),
        _("Names a range"),
    ),
    (_("Avoids the price"), _("Only asks for the lowest price"), _("Looks for something cheap")),
)
AUTHORITY = Question(
    "authority",
    pgettext_lazy("question", "Authority"),
    _("Who decides, who takes part, and can we reach them?"),
    ("authority", "decision_process"),
    (
        _("We can reach the one who decides"),
        _("They say who takes part"),
        _("They move things: a meeting, requirements, a date for the offer"),
    ),
    (_("Has to ask the boss"), _("Will discuss it some time"), _("Wants something sent, no more")),
)
TIMELINE = Question(
    "timeline",
    pgettext_lazy("question", "Timeline"),
    _("When do they want to go live, and what happens until then?"),
    ("timeline_date",),
    (
        _("A date to go live"),
        _("Steps of their own: evaluate, test, decide, launch"),
        _("The customer sets the pace"),
    ),
    (_("Put aside for now"), _("Will be in touch, without a date")),
)
METRICS = Question(
    "metrics",
    pgettext_lazy("question", "Metrics"),
    _("Which figure gets better, and by how much?"),
    (),
    (_("Names the figure and its value today"), _("Knows what a better figure is worth")),
    (_("Nobody measures it"),),
)
ECONOMIC_BUYER = Question(
    "economic_buyer",
    pgettext_lazy("question", "Economic buyer"),
    _("Who can say yes to the money, and have we spoken?"),
    ("authority",),
    (_("We met them"), _("They said what they want from it")),
    (_("Nobody will name them"),),
)
CRITERIA = Question(
    "decision_criteria",
    pgettext_lazy("question", "Decision criteria"),
    _("By what will they choose?"),
    (),
    (_("Written criteria"), _("We took part in writing them")),
    (_("Price alone"), _("The criteria are a competitor's")),
)
PROCESS = Question(
    "decision_process",
    pgettext_lazy("question", "Decision process"),
    _("Which steps and signatures lead to an order?"),
    ("decision_process", "timeline_date"),
    (_("Every step has a name and a date"),),
    (_("Nobody knows the next step"),),
)
CHAMPION = Question(
    "champion",
    pgettext_lazy("question", "Champion"),
    _("Who sells it inside when we are not there?"),
    (),
    (_("Has influence and wins by it"), _("Tells us what goes on inside")),
    (_("Friendly, without influence"),),
)
COMPETITION = Question(
    "competition",
    pgettext_lazy("question", "Competition"),
    _("Who else is in the race, doing nothing included?"),
    (),
    (_("We know who, and why we win"),),
    (_("Somebody else wrote the requirements"),),
)

TEMPLATES: dict[str, tuple[Any, tuple[Question, ...]]] = {
    "five": (_("Five questions"), (FIT, NEED, BUDGET, AUTHORITY, TIMELINE)),
    "bant": (pgettext_lazy("framework", "BANT"), (BUDGET, AUTHORITY, NEED, TIMELINE)),
    "meddicc": (
        pgettext_lazy("framework", "MEDDICC"),
        (METRICS, ECONOMIC_BUYER, CRITERIA, PROCESS, NEED, CHAMPION, COMPETITION),
    ),
}


def active() -> tuple[str, list[Question]]:
    """(template, questions) of the open workspace, with its own words. One statement."""
    row = Framework.objects.first()
    name = row.template if row and row.template in TEMPLATES else "five"
    changes = row.changes if row else {}
    return name, with_changes(TEMPLATES[name][1], changes)


def with_changes(questions: tuple[Question, ...], changes: dict[str, Any]) -> list[Question]:
    found = []
    for one in questions:
        told = changes.get(one.key, {})
        if told.get("off"):
            continue
        given = {name: told[name] for name in ("label", "ask") if told.get(name)}
        given |= {name: tuple(told[name]) for name in ("good", "bad") if name in told}
        found.append(replace(one, **given))
    return found


def named(key: str) -> Question | None:
    """The active question of that name."""
    return next((one for one in active()[1] if one.key == key), None)
