"""Teams of the workspace: made, renamed, dropped when nobody and nothing belongs to them."""

from datetime import datetime

from django.utils.translation import gettext as _

from workspaces.actions import audit
from workspaces.models import Member, Team
from workspaces.permissions import require
from workspaces.refusals import Refused
from workspaces.texts import named
from workspaces.unused import delete_unused


def add_team(name: str, *, actor: Member | None, as_of: datetime) -> Team:
    """A new team; Refused("team_exists") when there is one of that name."""
    require(actor, "teams")
    name = named(name)
    team, created = Team.objects.get_or_create(name=name)
    if not created:
        raise Refused("team_exists", _("There is a team of this name already."))
    audit("team_added", team, {"name": name}, actor=actor, as_of=as_of)
    return team


def rename_team(team: Team, name: str, *, actor: Member | None, as_of: datetime) -> Team:
    require(actor, "teams")
    name = named(name)
    if Team.objects.filter(name=name).exclude(pk=team.pk).exists():
        raise Refused("team_exists", _("There is a team of this name already."))
    audit("team_renamed", team, {"from": team.name, "to": name}, actor=actor, as_of=as_of)
    team.name = name
    team.save(update_fields=["name", "updated_at"])
    return team


def drop_team(team: Team, *, actor: Member | None, as_of: datetime) -> None:
    require(actor, "teams")
    audit("team_dropped", team, {"name": team.name}, actor=actor, as_of=as_of)
    delete_unused(team)
