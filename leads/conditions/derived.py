"""Facts that no column holds: what the contacts add up to, and the tier a lead belongs to."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.conditions.fragments import Scope, Sql, put
from leads.conditions.moments import moment

TIERS = {
    "focus": pgettext_lazy("tier", "Focus"),
    "nurture": pgettext_lazy("tier", "Nurture"),
    "let_go": pgettext_lazy("tier", "Let go"),
}
# The grade says what a lead may be worth; movement says whether it is alive. In days without movement.
FOCUS_DAYS = {"A": 30, "B": 21}  # a good lead that moved lately deserves the first hour of the day
LET_GO_DAYS = {"A": 120, "B": 90, "C": 60, "D": 30}  # one that has not moved for so long is let go

EMAIL_TRAITS = {
    "free": _("free e-mail address"),
    "role": _("e-mail address of a function (info@, sales@)"),
    "disposable": _("throw-away e-mail address"),
    "no_mail": _("e-mail domain takes no mail"),
}

QUESTIONS = {
    "fit": _("answer about fit"),
    "need": _("answer about need"),
    "budget": _("answer about budget"),
    "authority": _("answer about authority"),
    "timeline": _("answer about the timeline"),
    "metrics": _("answer about metrics"),
    "economic_buyer": _("answer about the economic buyer"),
    "decision_criteria": _("answer about decision criteria"),
    "decision_process": _("answer about the decision process"),
    "champion": _("answer about the champion"),
    "competition": _("answer about the competition"),
}
FOLLOW_UP_LABELS = {
    "call": _("calls"),
    "message": _("messages"),
    "email": _("e-mails"),
    "wecom": _("WeCom messages"),
    "visit": _("visits"),
    "demo": _("demos"),
    "meeting": _("meetings"),
    "other": _("other follow-ups"),
}


def has_trait(trait: str, scope: Scope) -> Sql:
    """Whether the address is of that kind; null where there is no usable address."""
    return put(
        "(CASE WHEN {} <> '' THEN {}::text = ANY (string_to_array({}, ' ')) END)",
        scope.column("email_key"),
        trait,
        scope.column("email_traits"),
    )


def of_follow_ups(what: str, scope: Scope) -> Sql:
    rows = scope.sources.tables["follow_up"] if scope.sources else "leads_followup x"
    return put(
        "(SELECT " + what + " FROM " + rows + " WHERE x.workspace_id = {} AND x.lead_id = {} AND x.at <= {})",
        scope.column("workspace_id"),
        scope.column("id"),
        moment("x", scope.as_of),
    )


def customer_share(scope: Scope) -> Sql:
    """Of all contacts with it, the percentage that the customer began; null when there was none."""
    return of_follow_ups(
        "round(100.0 * count(*) FILTER (WHERE x.customer_initiated) / nullif(count(*), 0))::integer", scope
    )


def days_between(scope: Scope) -> Sql:
    """Days between one contact and the next, on average, to one decimal; null under two contacts."""
    return of_follow_ups(
        "round((extract(epoch FROM max(x.at) - min(x.at)) / 86400 / nullif(count(*) - 1, 0))::numeric, 1)",
        scope,
    )


def tier(scope: Scope) -> Sql:
    """focus, nurture or let_go: of leads that are open; null for the others. ``tiers.tier_of`` in SQL."""
    moved = put(
        "coalesce({}, {}, {})", *(scope.column(name) for name in ("moved_at", "stage_since", "captured_at"))
    )
    grade = scope.column("grade")
    return put(
        "CASE WHEN {} NOT IN ('lead', 'mql', 'sql', 'opportunity') THEN NULL"
        " WHEN {} <= {} THEN 'let_go' WHEN {} > {} THEN 'focus' ELSE 'nurture' END",
        scope.column("stage"),
        moved,
        since(grade, LET_GO_DAYS, scope),
        moved,
        since(grade, FOCUS_DAYS, scope),
    )


def since(grade: Sql, days: dict[str, int], scope: Scope) -> Sql:
    """The moment before which a lead of its grade has not moved for so many days; never, where none is said."""
    whens = [
        put("WHEN {} THEN {}::timestamptz", name, moment(scope.lead, scope.as_of) - timedelta(days=n))
        for name, n in days.items()
    ]
    never = "" if len(days) == 4 else " ELSE 'infinity'::timestamptz"
    return put("CASE {} " + " ".join("{}" for _one in whens) + never + " END", grade, *whens)
