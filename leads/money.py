"""Money is kept in minor units (cents) as a whole number; how many make one unit depends on the currency."""

from decimal import ROUND_HALF_UP, Decimal

# ISO 4217: the currencies in use whose unit is not divided into a hundred.
WITHOUT_MINOR = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"),
    *("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")


def per_unit(currency: str) -> int:
    """How many minor units make one unit: 100 for CNY (and for a currency nobody named), 1 for JPY."""
    if currency in WITHOUT_MINOR:
        return 1
    return 1000 if currency in THOUSANDTHS else 100


def to_minor(amount: Decimal, currency: str) -> int:
    """``Decimal("1200.00")`` CNY -> 120000; halves of a minor unit are rounded up."""
    return int((amount * per_unit(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def from_minor(minor: int, currency: str) -> Decimal:
    """120000 CNY -> ``Decimal("1200.00")``."""
    unit = per_unit(currency)
    return (Decimal(minor) / unit).quantize(Decimal(1) / unit)
