"""Which questions can be true of one lead at once: what else moves when a fact changes.

A need is clear or urgent, a number lies in one range, what was touched lately was touched at all. Where that
is not plain, two questions are taken to go together.
"""

import re
from math import inf
from typing import Any

from leads.conditions import All, Condition, Kind, Leaf, Not
from leads.conditions.fields import POSITIVE, TURNED
from leads.conditions.texts import as_a_word
from leads.conditions.tree import Any_, Money
from leads.conditions.values import rank

MANY_VALUED = (Kind.TAGS, Kind.ROLE)
Mark = tuple[Any, int]  # a limit, and whether it lies just below (-1), on (0) or just above (1) it


def together(one: Condition, other: Condition) -> bool:
    """May both hold for one lead?"""
    return both(straight(one), straight(other))


def opposite(condition: Condition) -> Condition:
    return straight(Not(condition))


def straight(condition: Condition, yes: bool = True) -> Condition:
    """The same without any "not" around groups, and hardly any around questions."""
    match condition:
        case Not(part):
            return straight(part, not yes)
        case All(parts) | Any_(parts):
            inner = tuple(straight(part, yes) for part in parts)
            return All(inner) if isinstance(condition, All) is yes else Any_(inner)
    if yes or condition.op not in TURNED:
        return condition if yes else Not(condition)
    return Leaf(condition.field, TURNED[condition.op], condition.value, condition.days, condition.gone)


def both(one: Condition, other: Condition) -> bool:
    match one, other:
        case (All(parts), _):
            return all(both(part, other) for part in parts)
        case (_, All(parts)):
            return all(both(one, part) for part in parts)
        case (Any_(parts), _):
            return any(both(part, other) for part in parts)
        case (_, Any_(parts)):
            return any(both(one, part) for part in parts)
        case (Leaf(), Leaf()):
            return one.field.name != other.field.name or goes_with(one, other)
    return one != straight(Not(other))


def goes_with(one: Leaf, other: Leaf) -> bool:
    """Two questions about one field."""
    if one == straight(Not(other)):
        return False
    if one.field.kind == Kind.COUNT:
        return counts_meet(one, other) and counts_meet(other, one)
    if "is_empty" in (one.op, other.op):
        return one.op in POSITIVE and other.op in POSITIVE
    if one.field.kind in MANY_VALUED or not in_one_currency(one, other):
        return True
    for this, that in ((one, other), (other, one)):
        if this.op in ("eq", "in"):
            return any(passes(value, that) for value in values(this))
    return overlap(reach(one), reach(other))


def counts_meet(few: Leaf, many: Leaf) -> bool:
    """What happened in fewer days also happened in more."""
    within = (few.days or inf) <= (many.days or inf)
    return not within or reach(few)[0] <= reach(many)[1]


def lacking(condition: Condition) -> bool:
    """Does it ask for something not to be known, not to be there or not to have happened?

    Nobody makes that true by asking or doing; where it costs points, its opposite can be done.
    """
    return lacks(straight(condition))


def lacks(condition: Condition) -> bool:
    match condition:
        case All(parts):
            return any(lacks(part) for part in parts)
        case Any_(parts):
            return all(lacks(part) for part in parts)
        case Not(part):
            return isinstance(part, Leaf) and part.field.kind in MANY_VALUED
        case Leaf(field, op):
            if field.kind == Kind.COUNT:
                return op in ("lt", "lte") or reach(condition)[1] == (0, 0)
            if condition.gone:
                return op not in POSITIVE
            missing = field.kind in MANY_VALUED and op in ("ne", "not_in")
            return missing or op in ("is_empty", "not_in_last_days")
    return False


def values(leaf: Leaf) -> tuple[Any, ...]:
    return leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)


def passes(value: Any, leaf: Leaf) -> bool:
    """Is the answer to the question yes for this value?"""
    match leaf.op:
        case "eq" | "in":
            return same(value) in [same(one) for one in values(leaf)]
        case "ne" | "not_in":
            return same(value) not in [same(one) for one in values(leaf)]
        case "contains":
            return same(leaf.value) in same(value)
        case "has_word":
            return re.search(as_a_word(leaf.value), same(value)) is not None
        case "starts_with":
            return same(value).startswith(same(leaf.value))
        case "gt" | "gte" | "lt" | "lte" | "between":
            at = (rank(leaf.field, value), 0)
            return overlap((at, at), reach(leaf))
    return True


def same(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def reach(leaf: Leaf) -> tuple[Mark, Mark]:
    """The lowest and the highest value that the question allows."""
    low: Mark = (0, 0) if leaf.field.kind == Kind.COUNT else (-inf, 0)
    high: Mark = (inf, 0)
    known = [rank(leaf.field, one) for one in values(leaf)] if leaf.op in RANGED else []
    match leaf.op:
        case "eq" | "between":
            return (known[0], 0), (known[-1], 0)
        case "in":
            return (min(known), 0), (max(known), 0)
        case "gt" | "gte":
            return (known[0], 1 if leaf.op == "gt" else 0), high
        case "lt" | "lte":
            return low, (known[0], -1 if leaf.op == "lt" else 0)
        case "is_set" if leaf.field.kind == Kind.COUNT:
            return (1, 0), high
        case "is_empty" if leaf.field.kind == Kind.COUNT:
            return low, (0, 0)
    return low, high


RANGED = ("eq", "in", "between", "gt", "gte", "lt", "lte")


def overlap(one: tuple[Mark, Mark], other: tuple[Mark, Mark]) -> bool:
    try:
        return one[0] <= other[1] and other[0] <= one[1]
    except TypeError:  # a day and a moment
        return True


def in_one_currency(one: Leaf, other: Leaf) -> bool:
    said = {money.currency for leaf in (one, other) for money in values(leaf) if isinstance(money, Money)}
    return len(said) < 2
