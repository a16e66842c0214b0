"""The turns of phrase a condition is said in. A translation may order the named places as it likes."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, npgettext_lazy

from leads.conditions.fields import Kind

PHRASES: dict[str, Any] = {
    "eq": _("%(field)s is %(value)s"),
    "ne": _("%(field)s is not %(value)s"),
    "in": _("%(field)s is %(value)s"),
    "not_in": _("%(field)s is not %(value)s"),
    "gt": _("%(field)s is more than %(value)s"),
    "gte": _("%(field)s is at least %(value)s"),
    "lt": _("%(field)s is less than %(value)s"),
    "lte": _("%(field)s is at most %(value)s"),
    "between": _("%(field)s is between %(low)s and %(high)s"),
    "contains": _("%(field)s contains %(value)s"),
    "has_word": _("%(field)s contains the word %(value)s"),
    "starts_with": _("%(field)s starts with %(value)s"),
    "is_set": _("%(field)s is filled in"),
    "is_empty": _("%(field)s is not filled in"),
}

RANKED = {
    "gt": _("%(field)s is above %(value)s"),
    "gte": _("%(field)s is at least %(value)s"),
    "lt": _("%(field)s is below %(value)s"),
    "lte": _("%(field)s is at most %(value)s"),
    "is_set": _("%(field)s is known"),
    "is_empty": _("%(field)s is not known"),
}

CLOCK = {
    "eq": _("%(field)s is on %(value)s"),
    "ne": _("%(field)s is not on %(value)s"),
    "gt": _("%(field)s is after %(value)s"),
    "gte": _("%(field)s is not before %(value)s"),
    "lt": _("%(field)s is before %(value)s"),
    "lte": _("%(field)s is not after %(value)s"),
    "before": _("%(field)s is before %(value)s"),
    "after": _("%(field)s is after %(value)s"),
    "in_last_days": _("%(field)s is within the last %(value)s"),
    "not_in_last_days": _("%(field)s is not within the last %(value)s"),
}

COUNTS = {
    "eq": _("exactly %(value)s %(field)s"),
    "ne": _("not exactly %(value)s %(field)s"),
    "in": _("exactly %(value)s %(field)s"),
    "not_in": _("not exactly %(value)s %(field)s"),
    "gt": _("more than %(value)s %(field)s"),
    "gte": _("at least %(value)s %(field)s"),
    "lt": _("fewer than %(value)s %(field)s"),
    "lte": _("at most %(value)s %(field)s"),
    "between": _("%(low)s to %(high)s %(field)s"),
    "is_set": _("some %(field)s"),
    "is_empty": _("no %(field)s"),
}

TAGGED = {
    "has_any": _("tagged %(value)s"),
    "eq": _("tagged %(value)s"),
    "in": _("tagged %(value)s"),
    "has_all": _("tagged %(value)s"),
    "ne": _("not tagged %(value)s"),
    "not_in": _("not tagged %(value)s"),
    "is_set": _("has tags"),
    "is_empty": _("has no tags"),
}

# How to deny what has no operator of its own for that.
LACKING = {
    "contains": _("%(field)s does not contain %(value)s"),
    "has_word": _("%(field)s does not contain the word %(value)s"),
    "starts_with": _("%(field)s does not start with %(value)s"),
}

LINKS = {"is_set": _("%(field)s is known"), "is_empty": _("no %(field)s")}

BY_KIND: dict[Kind, dict[str, Any]] = {
    Kind.CHOICE: {"is_set": RANKED["is_set"], "is_empty": RANKED["is_empty"]},
    Kind.RANKED: RANKED,
    Kind.DATE: CLOCK,
    Kind.TIME: CLOCK,
    Kind.COUNT: COUNTS,
    Kind.TAGS: TAGGED,
    Kind.LINK: LINKS,
}

# What people say otherwise.
BY_FIELD = {
    ("days_since_follow_up", "is_set"): _("already followed up"),
    ("days_since_follow_up", "is_empty"): _("never followed up"),
    ("last_follow_up_at", "is_set"): _("already followed up"),
    ("last_follow_up_at", "is_empty"): _("never followed up"),
    ("first_response_at", "is_set"): _("first response given"),
    ("first_response_at", "is_empty"): _("no first response yet"),
    ("next_action_at", "is_set"): _("next action planned"),
    ("next_action_at", "is_empty"): _("no next action planned"),
    ("owner", "is_set"): _("has an owner"),
}

HAS_ROLE = _("%(role)s among the contacts")
HAS_NO_ROLE = _("no %(role)s among the contacts")
ROLES = {
    "": _("buying role"),
    "user": _("future user"),
    "influencer": _("influencer"),
    "champion": _("champion"),
    "decision_maker": _("decision maker"),
    "economic_buyer": _("economic buyer"),
    "finance": _("finance person"),
}

# (one, many): the plural form is the label of the field.
COUNTED = {
    "page_view": ngettext_lazy("page view", "page views", "n"),
    "pricing_page": ngettext_lazy("visit to the price page", "visits to the price page", "n"),
    "form_submit": ngettext_lazy("submitted form", "submitted forms", "n"),
    "download": ngettext_lazy("download", "downloads", "n"),
    "webinar": ngettext_lazy("attended webinar", "attended webinars", "n"),
    "event_signup": ngettext_lazy("event sign-up", "event sign-ups", "n"),
    "email_open": ngettext_lazy("opened e-mail", "opened e-mails", "n"),
    "inquiry": ngettext_lazy("inquiry", "inquiries", "n"),
}
ANY_TOUCH = ngettext_lazy("touch of any kind", "touches of any kind", "n")
OTHER_TOUCH = ngettext_lazy("touch of the kind “%(kind)s”", "touches of the kind “%(kind)s”", "n")
FOLLOW_UPS = {
    "call": npgettext_lazy("counted", "call", "calls", "n"),
    "message": npgettext_lazy("counted", "message", "messages", "n"),
    "email": npgettext_lazy("counted", "e-mail", "e-mails", "n"),
    "wecom": npgettext_lazy("counted", "WeCom message", "WeCom messages", "n"),
    "visit": npgettext_lazy("counted", "visit", "visits", "n"),
    "demo": npgettext_lazy("counted", "demo", "demos", "n"),
    "meeting": npgettext_lazy("counted", "meeting", "meetings", "n"),
    "other": npgettext_lazy("counted", "other follow-up", "other follow-ups", "n"),
}
FOLLOW_UP = ngettext_lazy("follow-up", "follow-ups", "n")
DAYS = ngettext_lazy("%(n)s day", "%(n)s days", "n")
IN_WINDOW = _("%(phrase)s in the last %(days)s")

EVERYONE = _("every lead")
AND, OR = _(", and "), _(", or ")
INSIDE = _("(%(phrase)s)")
NOT = _("not %(phrase)s")
YES, NO = _("yes"), _("no")
QUOTED = _("“%(text)s”")
COMMA = _(", ")
LAST_OR, LAST_AND = _("%(others)s or %(last)s"), _("%(others)s and %(last)s")
GONE = _("a custom field that is no more (%(field)s)")
