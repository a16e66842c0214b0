"""A member's calendar feed: its secret address, made, renewed and closed."""

from datetime import datetime

from leads.models import CalendarFeed
from workspaces.ids import digest, new_token, workspace_of
from workspaces.models import Member, Workspace
from workspaces.permissions import require
from workspaces.refusals import NotThere
from workspaces.tenancy import current_workspace_id, step_in


def renew_feed(member: Member, *, as_of: datetime) -> str:
    """A new secret for the member's own feed; the one before stops working. It is told this once."""
    require(member, "read")
    token = new_token(current_workspace_id())
    CalendarFeed.objects.update_or_create(member=member, defaults={"digest": digest(token), "made_at": as_of})
    return token


def close_feed(member: Member) -> None:
    CalendarFeed.objects.filter(member=member).delete()


def enter_by_feed(token: str) -> Member:
    """The member whose feed a secret opens, their workspace now open. NotThere when there is none."""
    workspace_id = workspace_of(token)
    workspace = Workspace.objects.filter(pk=workspace_id).first() if workspace_id else None
    if workspace is None:
        raise NotThere("There is no such calendar.")
    step_in(workspace)
    feeds = CalendarFeed.objects.filter(digest=digest(token), member__is_active=True)
    feed = feeds.select_related("member__user").first()
    if feed is None:
        raise NotThere("There is no such calendar.")
    return feed.member
