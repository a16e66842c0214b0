"""Reports: each a question a manager asks, answered by one or two statements over the workspace."""

from collections.abc import Callable

from insights.reports.answers import timeliness
from insights.reports.fairness import fairness
from insights.reports.forecast import forecast
from insights.reports.funnel import funnel
from insights.reports.overlaps import overlaps
from insights.reports.overrides import overrides
from insights.reports.reps import reps
from insights.reports.returns import returns
from insights.reports.scope import LONGEST, PERIODS, USUAL, Column, Report, Scope
from insights.reports.sources import campaigns, scorecard, sources
from insights.reports.stuck import stuck

REPORTS: dict[str, Callable[[Scope], Report]] = {
    "funnel": funnel,
    "stuck": stuck,
    "sources": sources,
    "campaigns": campaigns,
    "overlaps": overlaps,
    "reps": reps,
    "timeliness": timeliness,
    "fairness": fairness,
    "scorecard": scorecard,
    "overrides": overrides,
    "returns": returns,
    "forecast": forecast,
}

__all__ = ["LONGEST", "PERIODS", "REPORTS", "USUAL", "Column", "Report", "Scope"]
