"""What the pools say to people: moments, and why somebody got a lead."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from workspaces.tenancy import current_workspace


def at_local(moment: datetime) -> str:
    """A moment on the workspace's wall clock."""
    return moment.astimezone(current_workspace().tz).strftime("%Y-%m-%d %H:%M")


LEFT = ("lose", "disqualify", "send_back", "owner_gone")  # steps by which a lead leaves its holder


def clock_reason(code: str) -> str:
    """Why a lead goes back, went back or left its holder; a reason that somebody wrote stays as it is."""
    known = {
        "first_contact": _("not contacted in time"),
        "follow_up": _("not followed up in time"),
        "max_hold": _("held too long without becoming an opportunity"),
        "facts": _("facts not filled in by their day"),
        "invalid": _("marked as invalid by enough people"),
        "lose": _("it was lost"),
        "disqualify": _("it was disqualified"),
        "send_back": _("it was sent back to marketing"),
        "owner_gone": _("its owner is no longer here"),
    }
    return known.get(code, code)


def passed_over_reason(code: str) -> str:
    known = {"full": _("holds as many leads as they may"), "away": _("takes no leads at the moment")}
    return known.get(code, code)


def why_sentence(began: str, why: dict[str, Any]) -> str:
    """Why this member got the lead, in words. ``began`` and ``why``: of an Assignment."""
    if began == "claimed" and why.get("reason") == "best":
        return _("Claimed as one of the best free leads.")
    if began == "claimed":
        return _("Claimed from the pool.")
    if began == "given":
        note = why.get("note", "")
        return _("Given by a manager: %(note)s") % {"note": note} if note else _("Given by a manager.")
    text = _("It was their turn by the rule “%(rule)s”.") % {"rule": why.get("rule_name", "")}
    passed = [
        _("%(member)s (%(reason)s)") % {"member": one["name"], "reason": passed_over_reason(one["reason"])}
        for one in why.get("passed_over", [])
    ]
    if passed:
        text += " " + _("Passed over: %(members)s.") % {
            "members": pgettext("between names", ", ").join(passed)
        }
    return text


def waiting_reason(code: str) -> str:
    """Why an MQL has no holder yet."""
    known = {
        "no_rule": _("No assignment rule fits this lead."),
        "nobody": _("The rule that fits has nobody who takes leads."),
        "full": _("Everybody whom the rule names holds as many leads as they may."),
        "due": _("It will be assigned within seconds."),
    }
    return known.get(code, code)
