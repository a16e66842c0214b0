"""What a member holds goes along when they change teams."""

from datetime import datetime

from leads.happened import happened
from leads.planner import over
from pools.statements import fetch, fill
from workspaces.models import Member

ALONG = """
UPDATE leads_lead SET team_id = {team}::uuid, version = version + 1, updated_at = {as_of}
WHERE workspace_id = {workspace} AND owner_id = {member}::uuid AND team_id IS DISTINCT FROM {team}::uuid
RETURNING id
"""


def take_along(member: Member, *, as_of: datetime, actor: Member | None) -> int:
    """Their leads are of their team, as if they had got them there: clocks, score and tags follow; how many."""
    team = str(member.team_id) if member.team_id else None
    leads = [row[0] for row in fetch(fill(ALONG, team=team, member=str(member.pk), as_of=as_of))]
    with over(leads):
        happened("team_changed", leads, as_of=as_of, actor=actor)
    return len(leads)
