"""What a new workspace's pools begin with."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from pools.models import AssignmentRule, ClaimPolicy, PoolPolicy, ResponsePolicy
from workspaces.models import Workspace


def create(workspace: Workspace, as_of: datetime) -> None:
    """First contact within 24 hours, a follow-up every 7 days, at most 90 days; 20 claims a day, 100 in hand.

    Names are in the workspace's language. The workspace is open.
    """
    with translation.override(workspace.locale):
        PoolPolicy.objects.create(name=_("All leads"), position=1)
        ResponsePolicy.objects.create(
            name=_("First contact within a day"),
            position=1,
            steps=[
                {"after": 12, "unit": "hours", "do": "remind"},
                {"after": 20, "unit": "hours", "do": "manager"},
            ],
        )
        ClaimPolicy.objects.create()
        AssignmentRule.objects.create(name=_("MQLs in turn"), position=1)
