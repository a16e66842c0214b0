from pools.models.assignment import (
    AssignmentPolicy,
    AssignmentRule,
    AssignmentRuleMember,
    Level,
    Overflow,
    RepTerms,
    Strategy,
    Waiting,
)
from pools.models.claiming import ClaimPolicy, ClaimRule, ClaimRuleMember
from pools.models.handover import Handover
from pools.models.policy import Counts, InvalidMark, PoolPolicy, Protection, Target
from pools.models.records import Assignment, Began, Ended, Passing
from pools.models.response import (
    Awaited,
    Escalation,
    ResponseBreach,
    ResponseClock,
    ResponsePolicy,
    Unit,
)

__all__ = [
    "Assignment",
    "AssignmentPolicy",
    "AssignmentRule",
    "AssignmentRuleMember",
    "Awaited",
    "Began",
    "ClaimPolicy",
    "ClaimRule",
    "ClaimRuleMember",
    "Counts",
    "Ended",
    "Escalation",
    "Handover",
    "InvalidMark",
    "Level",
    "Overflow",
    "Passing",
    "PoolPolicy",
    "Protection",
    "RepTerms",
    "ResponseBreach",
    "ResponseClock",
    "ResponsePolicy",
    "Strategy",
    "Target",
    "Unit",
    "Waiting",
]
