"""The text of a formula in, a checked tree out.

    min(20, employees / 50) + 2 * touches.download[30]
    if(budget_amount >= 100000 and days_since_follow_up < 14, 15, 5)

Numbers, fields with a number (in braces where the name has other signs: ``{attributes.team-size}``; in square
brackets the days in which touches are counted), ``+ - * /``, brackets, and min, max, round, if.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from leads.conditions import Field, Kind, Vocabulary
from leads.conditions.errors import nearest, shown
from scoring.faults import ITS_OWN_RESULT
from scoring.formula.tree import Call, Minus, Number, Part, Reading, Sum, Test, inner, walk

LONGEST, MOST_PARTS, DEEPEST = 500, 100, 20
LARGEST = Decimal(10**15)
MOST_DAYS = 36_500
NUMERIC = (Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.COUNT)
TAKES = {"min": (1, 20), "max": (1, 20), "round": (1, 2), "if": (3, 3)}

GRAMMAR = r"""
?start: either
?either: both | either "or"i both -> either_of
?both: turned | both "and"i turned -> both_of
?turned: "not"i turned -> opposite | compared
?compared: sum | sum SIGN sum -> compare
?sum: product | sum PLUS product -> work | sum DASH product -> work
?product: factor | product TIMES factor -> work | product OVER factor -> work
?factor: DASH factor -> minus | PLUS factor -> same | atom
?atom: NUMBER -> number | NAME "(" either ("," either)* ")" -> call | field | "(" either ")"
field: (NAME | BRACED) ["[" NUMBER "]"]
SIGN: ">=" | "<=" | "!=" | "<>" | "==" | "=" | ">" | "<"
PLUS: "+"
DASH: "-"
TIMES: "*"
OVER: "/"
NAME: /[^\W\d][\w]*(\.[\w:\/]+)*/
BRACED: /\{[^{}]+\}/
NUMBER: /\d+(\.\d+)?|\.\d+/
%import common.WS
%ignore WS
"""
SAME_SIGN = {"==": "=", "<>": "!="}


class FormulaError(Exception):
    """Why a text is no formula: ``code`` for programs, ``message`` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@v_args(inline=True)
class Grow(Transformer):
    """Called for each part while the text is read, the innermost first: nothing recurses."""

    def number(self, token: Token) -> Part:
        return number_of(token)

    def field(self, name: Token, days: Token | None = None) -> tuple:
        return ("read", str(name).strip("{} "), days)

    def work(self, left: Any, sign: Token, right: Any) -> tuple:
        return ("work", str(sign), left, right)

    def minus(self, _sign: Token, part: Any) -> tuple:
        return ("minus", part)

    def same(self, _sign: Token, part: Any) -> Any:
        return part

    def call(self, name: Token, *given: Any) -> tuple:
        return ("call", str(name).lower(), *given)

    def compare(self, left: Any, sign: Token, right: Any) -> tuple:
        return ("test", SAME_SIGN.get(str(sign), str(sign)), left, right)

    def both_of(self, left: Any, right: Any) -> tuple:
        return ("test", "and", left, right)

    def either_of(self, left: Any, right: Any) -> tuple:
        return ("test", "or", left, right)

    def opposite(self, part: Any) -> tuple:
        return ("test", "not", part)


@lru_cache(maxsize=1)
def reader() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=Grow(), maybe_placeholders=True)


def number_of(token: Token) -> Number:
    value = Decimal(str(token))
    if value > LARGEST or -int(value.as_tuple().exponent) > 6:
        raise FormulaError("too_large", _("Numbers have at most 15 digits and 6 decimals."))
    return Number(value)


def parse(text: Any, words: Vocabulary, *, stored: bool = False) -> Part:
    """The tree of a formula; FormulaError says what is wrong with it.

    stored: it was accepted before: a field that is no more is not an error, but never known.
    """
    if not isinstance(text, str) or not text.strip():
        raise FormulaError("required", _("Write a formula, such as: min(20, employees / 50)"))
    if len(text) > LONGEST:
        raise FormulaError("too_long", _("A formula has at most %(most)d characters.") % {"most": LONGEST})
    try:
        grown = reader().parse(text)
    except UnexpectedInput as fault:
        raise FormulaError("not_a_formula", where(fault, text)) from None
    part = Builder(words, stored).build(grown, 1)
    if isinstance(part, Test):
        raise FormulaError("wrong_type", _("A formula gives a number. Ask questions inside “if(…, …, …)”."))
    check_divisors(part)
    return part


def where(fault: UnexpectedInput, text: str) -> str:
    token = getattr(fault, "token", None)
    if token is not None and token.type == "$END":
        return _("The formula ends too early.")
    at = getattr(fault, "pos_in_stream", None)
    rest = text[at : at + 12].strip() if isinstance(at, int) and at >= 0 else ""
    if not rest:
        return _("The formula ends too early.")
    return _("This can't be read from “%(rest)s” on.") % {"rest": shown(rest)}


class Builder:
    """Checks names, kinds and sizes while it builds the tree. The depth is bounded before it is walked."""

    def __init__(self, words: Vocabulary, stored: bool) -> None:
        self.words, self.stored, self.parts = words, stored, 0

    def build(self, grown: Any, depth: int) -> Part:
        self.parts += 1
        if depth > DEEPEST:
            raise FormulaError(
                "too_deep", _("A formula is nested at most %(most)d deep.") % {"most": DEEPEST}
            )
        if self.parts > MOST_PARTS:
            raise FormulaError("too_long", _("A formula has at most %(most)d parts.") % {"most": MOST_PARTS})
        if isinstance(grown, Number):
            return grown
        match grown:
            case ("work", *_row):
                return self.work(grown, depth)
            case ("minus", part):
                return Minus(self.amount(part, depth + 1))
            case ("call", str(name), *given):
                return self.call(name, given, depth)
            case ("test", str(sign), *given):
                return self.test(sign, given, depth)
        return self.reading(grown[1], grown[2])

    def work(self, grown: Any, depth: int) -> Part:
        """``1 + 2 + 3 + 4`` is a row, not a depth: it is walked from its left end on."""
        row = []
        while isinstance(grown, tuple) and grown[0] == "work" and len(grown) == 4:
            row.append((grown[1], grown[3]))
            grown = grown[2]
            if len(row) > MOST_PARTS:
                raise FormulaError(
                    "too_long", _("A formula has at most %(most)d parts.") % {"most": MOST_PARTS}
                )
        part = self.amount(grown, depth + 1)
        for sign, right in reversed(row):
            self.parts += 1
            part = Sum(sign, part, self.amount(right, depth + 1))
        return part

    def amount(self, grown: Any, depth: int) -> Part:
        part = self.build(grown, depth)
        if isinstance(part, Test):
            raise FormulaError(
                "wrong_type", _("Questions stand first inside “if(…, …, …)”, and nowhere else.")
            )
        return part

    def call(self, name: str, given: list[Any], depth: int) -> Part:
        if name not in TAKES:
            message = _("There is no “%(name)s”; there are min, max, round and if.") % {"name": shown(name)}
            raise FormulaError("unknown_function", message)
        fewest, most = TAKES[name]
        if not fewest <= len(given) <= most:
            message = _("“%(name)s” takes %(fewest)d to %(most)d values.")
            raise FormulaError("wrong_value", message % {"name": name, "fewest": fewest, "most": most})
        if name != "if":
            parts = tuple(self.amount(one, depth + 1) for one in given)
        else:
            test = self.build(given[0], depth + 1)
            if not isinstance(test, Test):
                raise FormulaError("wrong_type", _("“if” begins with a question: if(employees > 50, 10, 0)"))
            parts = (test, *(self.amount(one, depth + 1) for one in given[1:]))
        if name == "round" and len(parts) == 2 and not digits(parts[1]):
            raise FormulaError("wrong_value", _("“round” rounds to 0 to 6 decimals: round(x, 2)"))
        return Call(name, parts)

    def test(self, sign: str, given: list[Any], depth: int) -> Part:
        if sign in ("and", "or", "not"):
            parts = tuple(self.build(one, depth + 1) for one in given)
            if not all(isinstance(one, Test) for one in parts):
                raise FormulaError("wrong_type", _("“and”, “or” and “not” join comparisons."))
            return Test(sign, parts)
        return Test(sign, tuple(self.amount(one, depth + 1) for one in given))

    def reading(self, name: str, days: Token | None) -> Part:
        if name in ITS_OWN_RESULT:
            message = _("A rule can't ask about the score or the grade: it would feed on itself.")
            raise FormulaError("cycle", message)
        field = self.words.find(name)
        if field is None or field.kind not in NUMERIC:
            if self.stored:
                return Reading(Field(name, Kind.NUMBER), gone=True)
            raise self.no_number(name, field)
        if days is None:
            return Reading(field)
        if field.kind != Kind.COUNT or not re.fullmatch(r"\d{1,5}", days) or not 0 < int(days) <= MOST_DAYS:
            raise FormulaError("wrong_value", _("Only touches and follow-ups are counted within days."))
        return Reading(field, int(days))

    def no_number(self, name: str, field: Field | None) -> FormulaError:
        if field is not None:
            message = _("“%(name)s” is not a number.") % {"name": shown(name)}
            return FormulaError("wrong_type", message)
        known = [one for one in self.words.names if (found := self.words.find(one)) and found.kind in NUMERIC]
        message = _("There is no field “%(name)s”.") % {"name": shown(name)}
        return FormulaError("unknown_field", message + nearest(name, known))


def digits(part: Part) -> bool:
    return isinstance(part, Number) and part.value in range(7)


def check_divisors(part: Part) -> None:
    """A division by a constant zero is refused; by a field that is zero, the rule gives no points."""
    for one in walk(part):
        if isinstance(one, Sum) and one.sign == "/" and constant(one.right) == 0:
            raise FormulaError("divides_by_zero", _("The formula divides by zero."))


def constant(part: Part) -> Decimal | None:
    """The value of what reads no field, where that is plain."""
    if isinstance(part, Number):
        return part.value
    values = [constant(one) for one in inner(part)]
    if None in values or not values:
        return None
    known = [one for one in values if one is not None]
    match part:
        case Minus():
            return -known[0]
        case Sum("+"):
            return known[0] + known[1]
        case Sum("-"):
            return known[0] - known[1]
        case Sum("*"):
            return known[0] * known[1]
    return None
