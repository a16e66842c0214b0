"""What each month may bring."""

from django.utils.translation import gettext as _

from insights.reports.scope import Column, Report, Scope
from leads.forecast import chances
from leads.forecast import forecast as months_of


def forecast(scope: Scope) -> Report:
    """The open opportunities by month and currency; ``weighted`` by the chance that history gives their step."""
    rows = [
        {
            "month": f"{one.month:%Y-%m}" if one.month else _("No date yet"),
            "currency": one.currency,
            "count": one.count,
            "amount": one.amount,
            "weighted": one.weighted,
        }
        for one in months_of(scope.as_of)
    ]
    columns = [
        Column("month", _("Month"), "text"),
        Column("currency", _("Currency"), "text"),
        Column("count", _("Opportunities")),
        Column("amount", _("Amount"), "money"),
        Column("weighted", _("Weighted by history"), "money"),
    ]
    total = {f"chance_{one.step}": one.probability for one in chances(scope.as_of).values()}
    return Report("forecast", _("Forecast"), columns, rows, total)
