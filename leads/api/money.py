"""Money in the API: ``{"amount": "1200.00", "currency": "CNY"}``; inside: minor units and a currency."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from leads.money import from_minor, per_unit
from workspaces.tenancy import current_workspace

MOST_MINOR = 10**17


class Amount(NamedTuple):
    """``minor`` units of ``currency``."""

    minor: int
    currency: str


def as_money(value: Amount) -> dict[str, str]:
    """``{"amount": "1200.00", "currency": "CNY"}``."""
    return {"amount": str(from_minor(*value)), "currency": value.currency}


class MoneyField(serializers.Field):
    """Reads two columns of a row, ``amount`` (minor units) and ``currency``; is written as an Amount.

    The currency may be left out: then it is the workspace's. A plain number or text is an amount.
    """

    default_error_messages = {
        "amount": _('Write an amount such as {{"amount": "1200.00", "currency": "CNY"}}.'),
        "currency": _("A currency has three capital letters, such as CNY."),
        "decimals": _("{currency} has no such fraction."),
        "range": _("This amount is out of range."),
    }

    def __init__(self, amount: str, currency: str = "", **options: Any) -> None:
        self.amount, self.currency = amount, currency
        super().__init__(**options)

    def get_attribute(self, instance: Any) -> Amount | None:
        minor = getattr(instance, self.amount)
        if minor is None:
            return None
        currency = getattr(instance, self.currency) if self.currency else ""
        return Amount(minor, currency or current_workspace().currency)

    def to_representation(self, value: Amount) -> dict[str, str]:
        return as_money(value)

    def to_internal_value(self, data: Any) -> Amount:
        given = data if isinstance(data, dict) else {"amount": data}
        if "amount" not in given or set(given) - {"amount", "currency"}:
            self.fail("amount")
        currency = given.get("currency") or current_workspace().currency
        if not isinstance(currency, str) or not re.fullmatch("[A-Z]{3}", currency):
            self.fail("currency")
        minor = self.number(given["amount"]) * per_unit(currency)
        if minor != minor.to_integral_value():
            self.fail("decimals", currency=currency)
        return Amount(int(minor), currency)

    def number(self, given: Any) -> Decimal:
        if isinstance(given, bool) or not isinstance(given, str | int | float) or len(str(given)) > 30:
            self.fail("amount")
        try:
            found = Decimal(str(given))
        except InvalidOperation:
            self.fail("amount")
        if not found.is_finite():
            self.fail("amount")
        if not 0 <= found * 1000 < MOST_MINOR:
            self.fail("range")
        return found


class MoneySchema(OpenApiSerializerFieldExtension):
    target_class = MoneyField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict:
        return {
            "type": "object",
            "required": ["amount"],
            "properties": {
                "amount": {"type": "string", "examples": ["1200.00"]},
                "currency": {"type": "string", "examples": ["CNY"]},
            },
        }
