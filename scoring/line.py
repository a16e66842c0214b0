"""The line from which a lead becomes an MQL: the card's threshold, unless the gate asks for more."""

from leads import gates
from leads.conditions import Leaf
from scoring.cards import ReadCard
from scoring.models import Scorecard


def gate_asks(card: Scorecard | ReadCard) -> int | None:
    """The score that the gate to MQL asks for, when it is above the card's threshold: between the two no lead moves."""
    gate = gates.read(["to_mql"]).get("to_mql")
    least = max((score_of(item) for item in gate.items if isinstance(item, Leaf)), default=0) if gate else 0
    return least if least > card.threshold else None


def score_of(item: Leaf) -> int:
    if item.field.name != "score" or item.op not in ("gt", "gte", "eq"):
        return 0
    return int(item.value) + (item.op == "gt")
