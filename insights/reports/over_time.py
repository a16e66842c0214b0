"""How a channel went through a period: new leads, and how many of them got further, by day, week or month.

They got as far as ``cohort`` says, so that the curve and the figures above it tell the same.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.formats import date_format

from insights.reports.arrivals import by_channel
from insights.reports.cohort import CLIMBED, FURTHEST
from insights.reports.scope import Scope
from pools.statements import fetch, fill
from workspaces.tenancy import current_workspace

STEPS = ((14, "day"), (100, "week"))  # periods up to so many days go by days, by weeks; longer ones by months
OVER_TIME = f"""
WITH {{tables}}, cohort AS MATERIALIZED (
    SELECT date_trunc({{step}}, l.captured_at AT TIME ZONE {{zone}})::date AS began, l.id, l.stage, l.quality
    FROM leads_lead l{{join}}
    WHERE l.workspace_id = {{workspace}} AND l.captured_at >= {{begins}} AND l.captured_at <= {{as_of}}
        AND {{source}} = {{channel}}::uuid
), {CLIMBED}, came AS (
    SELECT c.began, c.quality, {FURTHEST} AS furthest FROM cohort c LEFT JOIN climbed m ON m.lead_id = c.id
), spans AS (
    SELECT generate_series(
        date_trunc({{step}}, {{begins}} AT TIME ZONE {{zone}}), {{as_of}} AT TIME ZONE {{zone}},
        ('1 ' || {{step}})::interval
    )::date AS began
)
SELECT p.began, count(c.quality), count(*) FILTER (WHERE c.furthest >= 1), count(*) FILTER (WHERE c.quality = 'real'),
    count(*) FILTER (WHERE c.furthest >= 4)
FROM spans p LEFT JOIN came c USING (began) GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Span:
    """What came in a day, week or month."""

    began: date
    leads: int
    mql: int
    real: int
    won: int

    @property
    def label(self) -> str:
        return date_format(self.began, "MONTH_DAY_FORMAT")


def over_time(scope: Scope, channel: UUID) -> list[Span]:
    step = next((name for days, name in STEPS if scope.days <= days), "month")
    places = vars(by_channel(scope)) | {"begins": scope.begins, "as_of": scope.as_of, "step": step}
    zone = current_workspace().time_zone
    return [Span(*row) for row in fetch(fill(OVER_TIME, channel=str(channel), zone=zone, **places))]
