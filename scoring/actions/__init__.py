"""Every write of scoring: scores themselves, and the scorecards that make them."""

from scoring.actions.anew import all_anew, anew_due, anew_if_asked, go_on
from scoring.actions.cards import activate, archive, copy_card, locked, new_card, rules_of, write_rules
from scoring.actions.new_leads import score_arriving
from scoring.actions.scores import (
    qualify,
    rescore,
    rescore_due,
    rescore_if_owner_counts,
    rescore_if_stage_counts,
)

__all__ = [
    "activate",
    "all_anew",
    "anew_due",
    "anew_if_asked",
    "archive",
    "copy_card",
    "go_on",
    "locked",
    "new_card",
    "qualify",
    "rescore",
    "rescore_due",
    "rescore_if_owner_counts",
    "rescore_if_stage_counts",
    "rules_of",
    "score_arriving",
    "write_rules",
]
