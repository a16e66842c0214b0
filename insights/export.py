"""Reports as CSV: numbers as numbers, and no cell that a spreadsheet would run as a formula."""

import csv
import io
from typing import Any

from insights.reports import Column, Report
from leads.models import Stage
from leads.money import from_minor
from workspaces.tenancy import current_workspace

BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(report: Report) -> str:
    """The report's table, with its heads, and a byte order mark so that Excel reads it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe(column.label) for column in report.columns])
    for row in report.rows:
        writer.writerow([cell(column, row.get(column.key)) for column in report.columns])
    return "\ufeff" + out.getvalue()


def cell(column: Column, value: Any) -> Any:
    if value is None:
        return ""
    if column.kind == "money":
        return str(from_minor(value, current_workspace().currency))
    if column.kind == "stage":
        return safe(str(Stage(value).label))
    return safe(value) if isinstance(value, str) else value


def safe(text: str) -> str:
    """A text that would begin a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(BEGINS_FORMULA) else text
