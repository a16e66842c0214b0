"""A formula as SQL that can't fail: a number for each lead, or null where it can't be worked out.

Everything is ``numeric``: fields are taken to six decimals and left out beyond 10^15, so that the at most 100
parts of a formula stay far from every limit. A division is worked out to twelve decimals; by zero it is null,
and so is all that depends on it.
``min`` and ``max`` pass over what is not known: ``max(employees, 0)`` is 0 where the size is not known.
"""

from collections.abc import Callable

from leads.conditions import Sql
from leads.conditions.fragments import both, comma, either, no, put
from scoring.formula.parse import LARGEST
from scoring.formula.tree import Call, Minus, Number, Part, Reading, Sum, Test

DIVIDED = "round({} * 1.000000000000 / NULLIF({}, 0), 12)"
Read = Callable[[Reading], Sql]  # the SQL of a field's number


def formula_sql(part: Part, read: Read) -> Sql:
    """The formula's number; null when a field is not known, a divisor is zero, or it is beyond 10^15."""
    value = number(part, read)
    return put("(CASE WHEN abs({}) <= " + str(LARGEST) + " THEN {} END)", value, value)


def number(part: Part, read: Read) -> Sql:
    match part:
        case Number(value):
            return Sql(f"{value:f}::numeric")
        case Reading():
            return Sql("NULL::numeric") if part.gone else taken(read(part))
        case Minus(one):
            return put("(- {})", number(one, read))
        case Sum("/", left, right):
            return put(DIVIDED, number(left, read), number(right, read))
        case Sum(sign, left, right):
            return put("({} " + sign + " {})", number(left, read), number(right, read))
        case Call("if", (test, then, otherwise)):
            return put(
                "(CASE WHEN {} THEN {} ELSE {} END)",
                asked(test, read),
                number(then, read),
                number(otherwise, read),
            )
        case Call("round", (one, Number(places))):
            return put("round({}, " + str(int(places)) + ")", number(one, read))
        case Call("round", (one,)):
            return put("round({})", number(one, read))
        case Call(name, given):
            function = {"min": "LEAST", "max": "GREATEST"}[name]
            return put(function + "({})", comma(number(one, read) for one in given))
    raise TypeError(f"not a number: {part}")


def taken(value: Sql) -> Sql:
    return put("(CASE WHEN abs({}) <= " + str(LARGEST) + " THEN round({}::numeric, 6) END)", value, value)


def asked(test: Part, read: Read) -> Sql:
    """True, false, or null where something is not known; ``if`` takes null for false."""
    assert isinstance(test, Test)
    match test.sign:
        case "and":
            return both(*(asked(one, read) for one in test.parts))
        case "or":
            return either(*(asked(one, read) for one in test.parts))
        case "not":
            return no(asked(test.parts[0], read))
    left, right = (number(one, read) for one in test.parts)
    sign = "<>" if test.sign == "!=" else test.sign
    return put("({} " + sign + " {})", left, right)
