"""The value of a leaf: checked against its field's kind and its operator, and parsed."""

import math
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from leads.conditions.errors import ConditionError, join, nearest, shown
from leads.conditions.fields import FILLED, ONE_OF, WORDS, Field, Kind
from leads.conditions.tree import Money
from leads.normalise import fold
from workspaces.texts import clean_text

LISTS = (*ONE_OF, "has_any", "has_all")
LAST_DAYS = ("in_last_days", "not_in_last_days")
MOST_ITEMS = 1000
LONGEST_TEXT = 500
LARGEST = 10**15
MOST_DAYS = 36_500
YEARS = range(1900, 3000)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
CURRENCY = re.compile(r"[A-Z]{3}")


def parse_value(field: Field, op: str, given: Any, path: str) -> Any:
    """The parsed value for this field and operator; ConditionError with the path to the fault."""
    if op in FILLED:
        if given not in (None, True):
            raise ConditionError(path, "wrong_value", _("“%(op)s” takes no value.") % {"op": op})
        return None
    if given is None:
        raise ConditionError(path, "required", _("“%(op)s” needs a value.") % {"op": op})
    if op in LAST_DAYS:
        return window(given, path)
    read = READERS[field.kind]
    if op in LISTS:
        return tuple(read(field, op, item, join(path, at)) for at, item in enumerate(listed(given, path)))
    if op == "between":
        return pair(field, given, path)
    return read(field, op, given, path)


def window(given: Any, path: str) -> int:
    """A number of days: whole, 1 to 36,500."""
    if type(given) is not int or not 1 <= given <= MOST_DAYS:
        message = _("Give a whole number of days from 1 to %(most)s.") % {"most": MOST_DAYS}
        raise ConditionError(path, "wrong_type" if type(given) is not int else "wrong_value", message)
    return given


def listed(given: Any, path: str) -> list:
    if not isinstance(given, list | tuple):
        raise ConditionError(path, "wrong_type", _("Give a list of values."))
    if not given:
        raise ConditionError(path, "empty", _("Give at least one value."))
    if len(given) > MOST_ITEMS:
        message = _("Give at most %(most)s values.") % {"most": MOST_ITEMS}
        raise ConditionError(path, "too_many", message)
    return list(given)


def pair(field: Field, given: Any, path: str) -> tuple:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise ConditionError(path, "wrong_type", _("Give two values: the lowest and the highest."))
    read = READERS[field.kind]
    low, high = (read(field, "between", item, join(path, at)) for at, item in enumerate(given))
    if type(low) is type(high) and rank(field, low) > rank(field, high):
        message = _("The first value is the lowest one, the second the highest.")
        raise ConditionError(path, "wrong_value", message)
    return low, high


def rank(field: Field, value: Any) -> Any:
    """Something to order two parsed values by (two amounts in one currency, two days, or two moments)."""
    if isinstance(value, Money):
        return value.amount
    if field.kind == Kind.RANKED:
        return field.values.index(value)
    return value


def wrong(path: str, wanted: str, given: Any) -> ConditionError:
    message = _("Give %(wanted)s, not “%(given)s”.") % {"wanted": wanted, "given": shown(given)}
    return ConditionError(path, "wrong_type", message)


def words(given: Any, path: str) -> str:
    """Text with something in it."""
    if not isinstance(given, str):
        raise wrong(path, _("a text"), given)
    text = clean_text(given)
    if not text:
        raise ConditionError(path, "empty", _("Give a text, or ask with “is_empty”."))
    if len(text) > LONGEST_TEXT:
        message = _("Give at most %(most)s characters.") % {"most": LONGEST_TEXT}
        raise ConditionError(path, "too_long", message)
    return text


def read_text(field: Field, op: str, given: Any, path: str) -> str:
    text = words(given, path)
    if field.normalise is None:
        return text
    return (op not in WORDS and field.normalise(text)) or fold(text)


def read_choice(field: Field, op: str, given: Any, path: str) -> str:
    text = words(given, path)
    for value in field.values:
        if fold(value) == fold(text):
            return value
    message = _("“%(given)s” is not one of: %(values)s.") % {
        "given": shown(text),
        "values": ", ".join(field.values),
    }
    raise ConditionError(path, "wrong_value", message + nearest(text, field.values))


def read_number(field: Field, op: str, given: Any, path: str) -> int | Decimal:
    number = isinstance(given, int | float | Decimal) and not isinstance(given, bool)
    if not number or not math.isfinite(given):
        raise wrong(path, _("a number"), given)
    most = MOST_DAYS if field.kind == Kind.DAYS else LARGEST
    if abs(given) > most:
        message = _("Give a number between -%(most)s and %(most)s.") % {"most": most}
        raise ConditionError(path, "wrong_value", message)
    return int(given) if given == int(given) else Decimal(str(given))


def read_money(field: Field, op: str, given: Any, path: str) -> Money:
    if not isinstance(given, dict):
        return Money(read_number(field, op, given, path))
    if set(given) != {"amount", "currency"}:
        raise wrong(path, _('an amount, or {"amount", "currency"}'), given)
    currency = given["currency"]
    if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        raise wrong(join(path, "currency"), _("a currency of three letters, such as CNY"), currency)
    amount = given["amount"]
    if isinstance(amount, str):
        try:
            amount = Decimal(amount)
        except InvalidOperation:
            raise wrong(join(path, "amount"), _("a number"), amount) from None
    return Money(read_number(field, op, amount, join(path, "amount")), currency)


def read_date(field: Field, op: str, given: Any, path: str) -> date:
    if isinstance(given, str) and DAY.fullmatch(given):
        try:
            day = date.fromisoformat(given)
        except ValueError:
            pass
        else:
            return within_years(day, path)
    raise wrong(path, _("a date such as 2026-03-31"), given)


def read_time(field: Field, op: str, given: Any, path: str) -> date | datetime:
    """A day of the workspace, or a moment with its offset."""
    if isinstance(given, str) and DAY.fullmatch(given):
        return read_date(field, op, given, path)
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise wrong(path, _("a date such as 2026-03-31, or a time such as 2026-03-31T09:00:00+08:00"), given)
    return within_years(moment, path)


def within_years(day: Any, path: str) -> Any:
    if day.year not in YEARS:
        message = _("Give a year from %(first)s to %(last)s.") % {"first": YEARS[0], "last": YEARS[-1]}
        raise ConditionError(path, "wrong_value", message)
    return day


def read_yes_no(field: Field, op: str, given: Any, path: str) -> bool:
    if not isinstance(given, bool):
        raise wrong(path, _("true or false"), given)
    return given


def read_name(field: Field, op: str, given: Any, path: str) -> str:
    """A tag's name, or the name or id of what a link points to (an e-mail address for a member)."""
    text = words(given, path)
    if field.kind == Kind.LINK and op not in WORDS:
        try:
            return str(uuid.UUID(text)) if len(text) == 36 else text
        except ValueError:
            return text
    return text


READERS: dict[Kind, Callable[[Field, str, Any, str], Any]] = {
    Kind.TEXT: read_text,
    Kind.CHOICE: read_choice,
    Kind.RANKED: read_choice,
    Kind.NUMBER: read_number,
    Kind.MONEY: read_money,
    Kind.DATE: read_date,
    Kind.TIME: read_time,
    Kind.DAYS: read_number,
    Kind.YES_NO: read_yes_no,
    Kind.COUNT: read_number,
    Kind.ROLE: read_yes_no,
    Kind.TAGS: read_name,
    Kind.LINK: read_name,
}
