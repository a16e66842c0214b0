"""The leads captured in a period and how far each has come: one statement for three reports."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from insights.reports.arrivals import Counted, by_channel
from insights.reports.scope import Scope
from leads.models import Stage
from pools.statements import fetch, fill

LADDER = [Stage.LEAD, Stage.MQL, Stage.SQL, Stage.OPPORTUNITY, Stage.WON]
ASIDE = [Stage.DEFERRED, Stage.LOST, Stage.DISQUALIFIED]
RANK = (
    "CASE {column} WHEN 'mql' THEN 1 WHEN 'sql' THEN 2 WHEN 'opportunity' THEN 3 WHEN 'won' THEN 4 ELSE 0 END"
)

# A lead has reached a stage when it stands there or beyond, or ever took the step: also one that was lost later.
FURTHEST = f"greatest(coalesce(m.furthest, 0), {RANK.format(column='c.stage')})"
CLIMBED = f"""climbed AS (
    SELECT s.lead_id, max({RANK.format(column="s.target")}) AS furthest
    FROM leads_stagechange s
    WHERE s.workspace_id = {{workspace}} AND s.at >= {{begins}} AND s.at <= {{as_of}}
        AND s.lead_id IN (SELECT id FROM cohort) AND s.target IN ('mql', 'sql', 'opportunity', 'won')
    GROUP BY s.lead_id
)"""
COHORT = f"""
WITH {{tables}}, cohort AS MATERIALIZED (
    SELECT l.id, {{source}} AS source, l.channel_id AS own, l.grade, l.stage, l.quality FROM leads_lead l{{join}}
    WHERE l.workspace_id = {{workspace}} AND l.captured_at >= {{begins}} AND l.captured_at <= {{as_of}}{{team}}
),
{CLIMBED}
SELECT c.source, c.grade, c.stage, {FURTHEST}, c.quality, c.own, count(*)
FROM cohort c LEFT JOIN climbed m ON m.lead_id = c.id
GROUP BY 1, 2, 3, 4, 5, 6
"""


@dataclass(frozen=True)
class Group:
    """Leads alike in source (a channel, or a campaign), grade, stage now, the furthest step of the ladder they ever
    reached, the quality a rep found, and the channel that stands in them."""

    source: UUID | str | None
    grade: str
    stage: str
    furthest: int
    quality: str
    own: UUID | None
    leads: int


Alike = Callable[[Group], bool]


@dataclass(frozen=True)
class Cohort:
    """The leads captured in a period, in groups."""

    groups: list[Group]

    def size(self, alike: Alike = lambda group: True) -> int:
        return sum(group.leads for group in self.groups if alike(group))

    def reached(self, stage: str, alike: Alike = lambda group: True) -> int:
        """How many stand in the stage or beyond it, or ever did."""
        least = LADDER.index(Stage(stage))
        return sum(group.leads for group in self.groups if group.furthest >= least and alike(group))


def cohort(scope: Scope, counted: Counted | None = None) -> Cohort:
    """``counted``: what the groups' source is; the channels that the scope asks for unless told."""
    places = vars(counted or by_channel(scope)) | {"begins": scope.begins, "as_of": scope.as_of}
    found = fetch(fill(COHORT, team=scope.of_team("l.team_id"), **places))
    return Cohort([Group(*row) for row in found])
