"""What the pools say to people: moments, and why somebody got a lead."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from pools.models import Assignment
from workspaces.tenancy import current_workspace


def at_local(moment: datetime) -> str:
    """A moment on the workspace's wall clock."""
    return moment.astimezone(current_workspace().tz).strftime("%Y-%m-%d %H:%M")


LEFT = ("lose", "disqualify", "send_back", "owner_gone")  # steps by which a lead leaves its holder


CLOCK_REASONS = {
    "first_contact": gettext_lazy("not contacted in time"),
    "follow_up": gettext_lazy("not followed up in time"),
    "max_hold": gettext_lazy("held too long without becoming an opportunity"),
    "facts": gettext_lazy("facts not filled in by their day"),
    "invalid": gettext_lazy("marked as invalid by enough people"),
    "late": gettext_lazy("the response time had run out"),
    "lose": gettext_lazy("it was lost"),
    "disqualify": gettext_lazy("it was disqualified"),
    "send_back": gettext_lazy("it was sent back to marketing"),
    "owner_gone": gettext_lazy("its owner is no longer here"),
    "undone": gettext_lazy("the claim was taken back"),
}


def clock_reason(code: str) -> str:
    """Why a lead goes back, went back or left its holder; a reason that somebody wrote stays as it is."""
    return str(CLOCK_REASONS.get(code, code))


def end_reason(row: Assignment) -> str:
    """Why a hold ended: what the clock or the step says, else what somebody wrote."""
    said = row.ended in ("reclaimed", "closed") or row.end_reason in ("undone", "late")
    return clock_reason(row.end_reason) if said else row.end_reason


PASSED_OVER = {
    "full": gettext_lazy("holds as many leads as they may"),
    "grade_full": gettext_lazy("holds as many leads of its grade as they may"),
    "day_full": gettext_lazy("has today's share already"),
    "week_full": gettext_lazy("has this week's share already"),
    "away": gettext_lazy("takes no leads at the moment"),
    "absent": gettext_lazy("is absent"),
    "off_hours": gettext_lazy("is not at work now"),
    "no_weight": gettext_lazy("has no weight in this rule"),
    "cooldown": gettext_lazy("held it until a short while ago"),
    "holder": gettext_lazy("is the one who hands it on"),
}


def passed_over_reason(code: str) -> str:
    return str(PASSED_OVER.get(code, code))


NOT_CHOSEN = {
    "weighted": gettext_lazy("by weight it was somebody else's turn"),
    "least_loaded": gettext_lazy("held as many leads, or more"),
    "best_closer": gettext_lazy("is not expected to close such a lead more often"),
    "sticky_company": gettext_lazy("does not hold another lead of the company"),
    "by_level": gettext_lazy("has another level, or it was not their turn"),
}


def not_chosen_reason(strategy: str) -> str:
    """Why somebody who could have taken it did not get it: the strategy chose somebody else."""
    return str(NOT_CHOSEN.get(strategy, _("it was not their turn")))


def why_sentence(began: str, why: dict[str, Any]) -> str:
    """Why this member got the lead, in words. ``began`` and ``why``: of an Assignment."""
    if began == "claimed" and why.get("reason") == "best":
        return _("Claimed as one of the best free leads.")
    if began == "claimed":
        return _("Claimed from the pool.")
    if began == "given":
        note = why.get("note", "")
        return _("Given by a manager: %(note)s") % {"note": note} if note else _("Given by a manager.")
    text = by_rule(why)
    if why.get("late"):
        text = _("It was handed on: its holder had not been in touch in time.") + " " + text
    passed = [
        _("%(member)s (%(reason)s)") % {"member": one["name"], "reason": passed_over_reason(one["reason"])}
        for one in why.get("passed_over", [])
    ]
    passed += [
        ngettext("%(count)d more (%(reason)s)", "%(count)d more (%(reason)s)", count)
        % {"count": count, "reason": passed_over_reason(reason)}
        for reason, count in why.get("passed_more", {}).items()
    ]
    if passed:
        text += " " + _("Passed over: %(members)s.") % {
            "members": pgettext("between names", ", ").join(passed)
        }
    return text


def by_rule(why: dict[str, Any]) -> str:
    """By which rule and strategy, with the figure that decided."""
    measure = why.get("measure") or {}
    places = {"rule": why.get("rule_name", ""), **measure, "rate": round(100 * measure.get("rate", 0))}
    if why.get("reason") == "best_closer":
        return _(
            "They close such leads best by the rule “%(rule)s”: %(rate)d %% expected, %(won)d of %(closed)d won."
        ) % (places | {"won": measure.get("won", 0), "closed": measure.get("closed", 0)})
    known = {
        "weighted": _("It was their turn by weight, by the rule “%(rule)s”."),
        "least_loaded": _("They held the fewest leads, by the rule “%(rule)s”."),
        "sticky_company": _("They know the company, by the rule “%(rule)s”."),
        "by_level": _("It was the turn of their level, by the rule “%(rule)s”."),
        "overflow": _("Nobody of the rule “%(rule)s” could take it: it went to the team it names for that."),
        "channel_team": _(
            "The team that looks after its channel comes first: they held the fewest leads, by the rule “%(rule)s”."
        ),
        "default": _("No rule could give it to anybody: it went to the default assignee."),
    }
    return known.get(why.get("reason", ""), _("It was their turn by the rule “%(rule)s”.")) % places


WAITING = {
    "no_rule": gettext_lazy("No assignment rule fits this lead."),
    "nobody": gettext_lazy("The rule that fits has nobody who takes leads."),
    "full": gettext_lazy("Everybody whom the rule names holds as many leads as they may."),
    "absent": gettext_lazy("Everybody whom the rule names is absent."),
    "off_hours": gettext_lazy("Nobody whom the rule names is at work now."),
    "no_weight": gettext_lazy("Nobody whom the rule names has a weight above zero."),
    "cooldown": gettext_lazy("Whoever could take it held it until a short while ago."),
    "due": gettext_lazy("It will be assigned within seconds."),
}


def waiting_reason(code: str) -> str:
    """Why a qualified lead has no holder yet."""
    return str(WAITING.get(code, code))
