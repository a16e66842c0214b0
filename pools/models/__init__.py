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
from pools.models.policy import Counts, InvalidMark, PoolPolicy, Protection, Target
from pools.models.records import Assignment, Began, Ended

__all__ = [
    "Assignment",
    "AssignmentPolicy",
    "AssignmentRule",
    "AssignmentRuleMember",
    "Began",
    "ClaimPolicy",
    "ClaimRule",
    "ClaimRuleMember",
    "Counts",
    "Ended",
    "InvalidMark",
    "Level",
    "Overflow",
    "PoolPolicy",
    "Protection",
    "RepTerms",
    "Strategy",
    "Target",
    "Waiting",
]
