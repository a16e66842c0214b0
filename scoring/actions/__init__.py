"""Every write of scoring: scores themselves, and the scorecards that make them."""

from scoring.actions.cards import activate, new_card, write_rules
from scoring.actions.scores import (
    qualify,
    rescore,
    rescore_due,
    rescore_if_owner_counts,
    rescore_if_stage_counts,
)

__all__ = [
    "activate",
    "new_card",
    "qualify",
    "rescore",
    "rescore_due",
    "rescore_if_owner_counts",
    "rescore_if_stage_counts",
    "write_rules",
]
