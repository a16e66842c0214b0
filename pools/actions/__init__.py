"""Every write of the pools: who holds a lead, and until when."""

from pools.actions.assign import Assigned, assign, assign_due
from pools.actions.bring_back import bring_back
from pools.actions.claim import Claimed, claim, claim_best, claim_one, end_claims
from pools.actions.clocks import refit_clocks, refit_due, refit_worked, set_clocks
from pools.actions.give import Given, give
from pools.actions.handover import HandedOver, hand_over
from pools.actions.marks import mark_invalid, unmark_invalid
from pools.actions.merges import end_pursuits, settle_holders
from pools.actions.protect import extend, lock_until, unlock
from pools.actions.reclaim import reclaim_due
from pools.actions.release import release
from pools.actions.respond import (
    answered,
    refit_responses,
    refit_responses_due,
    refit_working_responses,
    respond_due,
    set_responses,
)
from pools.actions.stages import follow_stage
from pools.actions.teams import take_along
from pools.actions.warn import warn_due

__all__ = [
    "Assigned",
    "Claimed",
    "Given",
    "HandedOver",
    "answered",
    "assign",
    "assign_due",
    "bring_back",
    "claim",
    "claim_best",
    "claim_one",
    "end_claims",
    "end_pursuits",
    "extend",
    "follow_stage",
    "give",
    "hand_over",
    "lock_until",
    "mark_invalid",
    "reclaim_due",
    "refit_clocks",
    "refit_due",
    "refit_responses",
    "refit_responses_due",
    "refit_worked",
    "refit_working_responses",
    "release",
    "respond_due",
    "set_clocks",
    "set_responses",
    "settle_holders",
    "take_along",
    "unlock",
    "unmark_invalid",
    "warn_due",
]
