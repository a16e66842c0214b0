"""What a lead's holder has used of the longest hold."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from leads.models import Lead
from pools.foresight import clocks
from pools.models import Counts
from pools.periods import active_policies
from workspaces.calendar import working_time
from workspaces.once import once


def used_of_the_longest(lead: Lead, as_of: datetime) -> str:
    """In words, of a lead that was put aside and came back; "" for others, whose clock begins with the holder."""
    if not lead.held_before or lead.held_since is None:
        return ""
    policy = clocks(once("pool_policies", active_policies), [lead.pk], as_of)[lead.pk].policy
    if policy is None:
        return ""
    if policy.counts == Counts.WORKING:
        used = timedelta(seconds=lead.worked_before) + working_time().between(lead.held_since, as_of, True)
        text = _("Held for %(used)d of at most %(most)d working days, without the time it was put aside.")
    else:
        used = timedelta(seconds=lead.held_before) + (as_of - lead.held_since)
        text = _("Held for %(used)d of at most %(most)d days, without the time it was put aside.")
    return text % {"used": used.days, "most": policy.max_hold_days}
