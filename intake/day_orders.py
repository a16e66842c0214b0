"""Whether the day or the month comes first in a column of days whose cells do not tell: somebody has to say it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from intake.columns import ATTRIBUTE, NEW
from intake.dates import DateOrder
from intake.mapping import Targets, offered
from leads.models import CustomField
from leads.models.fields import FieldKind
from workspaces.refusals import Invalid

UNDECIDED: DateOrder = "ambiguous"
ANSWERS: tuple[DateOrder, ...] = ("dmy", "mdy")
ORDERS = (*ANSWERS, UNDECIDED)  # said by somebody, the last one means: leave such cells blank
Orders = dict[str, Any]


def apart(mapping: Any) -> tuple[Any, Orders]:
    """(the mapping, the orders it names): {"Seen": "timeline_date:dmy"} is "timeline_date", and "dmy" for "Seen"."""
    orders: Orders = {}
    if not isinstance(mapping, dict):
        return mapping, orders
    plain = dict(mapping)
    for column, target in mapping.items():
        fact, sign, order = target.rpartition(":") if isinstance(target, str) else ("", "", "")
        if sign and order in ORDERS:
            plain[column], orders[column] = fact, order
    return plain, orders


def told(given: Any, found: Orders) -> Orders:
    """The orders somebody gives: {column: order}, or one order for every column that does not decide.

    ``found``: what the columns themselves say. Invalid for what is no order.
    """
    if isinstance(given, str) and given in ORDERS:
        return {column: given for column, order in found.items() if order == UNDECIDED}
    if not isinstance(given, dict) or not all(order in ORDERS for order in given.values()):
        known = _("Known orders: %(known)s.") % {"known": ", ".join(ORDERS)}
        raise Invalid.field("date_order", known)
    return given


def undecided(
    targets: Targets, columns: Sequence[str], sample: Sequence[Sequence[str]], orders: Mapping[str, Any]
) -> list[str]:
    """The columns that become days and do not tell their order."""
    kinds = dict(CustomField.objects.values_list("key", "kind"))
    return [
        name
        for at, name in enumerate(columns)
        if orders.get(name) == UNDECIDED
        and becomes_days(targets.get(name) or "", name, [row[at] for row in sample], kinds)
    ]


def becomes_days(target: str, column: str, cells: Sequence[str], kinds: Mapping[str, str]) -> bool:
    if target.startswith(NEW):
        kind = target.removeprefix(NEW).removeprefix(":") or offered(column, cells).kind
    else:
        kind = kinds.get(target.removeprefix(ATTRIBUTE), "")
    return target == "timeline_date" or kind == FieldKind.DATE


def questions(columns: Sequence[str]) -> list[dict[str, Any]]:
    """What is asked of each such column: {"column", "code", "message", "answers"}."""
    asked = _("“%(column)s”: say whether the day (dmy) or the month (mdy) comes first.")
    return [
        {
            "column": name,
            "code": "ambiguous_date",
            "message": asked % {"column": name},
            "answers": list(ANSWERS),
        }
        for name in columns
    ]


def refuse(columns: Sequence[str]) -> None:
    """Invalid when something is still to be answered."""
    if columns:
        raise Invalid(
            [
                {"field": f"date_order.{one['column']}", "code": one["code"], "message": one["message"]}
                for one in questions(columns)
            ]
        )
