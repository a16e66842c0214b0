"""What a page needs to let somebody click a condition together: fields in groups, operators in words."""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.conditions import vocabulary
from leads.conditions.fragments import comma, put
from leads.looking_ahead import LONGEST, NEWEST, answered, columns
from leads.models import Channel, Company, Tag
from workspaces.models import Member, Team
from workspaces.tenancy import current_workspace

OPS: dict[str, Any] = {
    "eq": pgettext_lazy("operator", "is"),
    "ne": pgettext_lazy("operator", "is not"),
    "in": pgettext_lazy("operator", "is one of"),
    "not_in": pgettext_lazy("operator", "is none of"),
    "gt": pgettext_lazy("operator", "is more than"),
    "gte": pgettext_lazy("operator", "is at least"),
    "lt": pgettext_lazy("operator", "is less than"),
    "lte": pgettext_lazy("operator", "is at most"),
    "between": pgettext_lazy("operator", "is between"),
    "contains": pgettext_lazy("operator", "contains"),
    "has_word": pgettext_lazy("operator", "contains the word"),
    "starts_with": pgettext_lazy("operator", "starts with"),
    "is_set": pgettext_lazy("operator", "is filled in"),
    "is_empty": pgettext_lazy("operator", "is empty"),
    "has_any": pgettext_lazy("operator", "include any of"),
    "has_all": pgettext_lazy("operator", "include all of"),
    "before": pgettext_lazy("operator", "is before"),
    "after": pgettext_lazy("operator", "is after"),
    "in_last_days": pgettext_lazy("operator", "is within the last"),
    "not_in_last_days": pgettext_lazy("operator", "is not within the last"),
}
# The operators people reach for first, by kind; what says the same in other words is left out.
OFFERED = {
    "text": ("contains", "has_word", "eq", "ne", "in", "not_in", "starts_with", "is_set", "is_empty"),
    "choice": ("in", "not_in", "is_set", "is_empty"),
    "ranked": ("in", "not_in", "gte", "lte", "is_set", "is_empty"),
    "number": ("gte", "lte", "eq", "ne", "between", "is_set", "is_empty"),
    "money": ("gte", "lte", "between", "is_set", "is_empty"),
    "date": ("before", "after", "between", "in_last_days", "not_in_last_days", "is_set", "is_empty"),
    "time": ("in_last_days", "not_in_last_days", "before", "after", "between", "is_set", "is_empty"),
    "days": ("gte", "lte", "eq", "between", "is_set", "is_empty"),
    "boolean": ("eq", "is_set", "is_empty"),
    "count": ("gte", "lte", "eq", "between"),
    "role": ("is_set", "is_empty"),
    "tags": ("has_any", "has_all", "not_in", "is_set", "is_empty"),
    "reference": ("in", "not_in", "contains", "is_set", "is_empty"),
}
GROUPS: list[tuple[Any, tuple[str, ...]]] = [
    (_("State"), ("stage", "grade", "score", "tier", "pool", "owner", "team", "tags", "channel", "campaign")),
    (
        _("Qualification"),
        (
            "pain",
            "need_level",
            "budget_amount",
            "budget_status",
            "authority",
            "decision_process",
            "timeline_date",
        ),
    ),
    (_("Company"), ("company", "industry", "region", "employees", "website", "domain")),
    (_("Person"), ("name", "title", "email", "phone", "wechat", "external_id")),
    (
        _("Activity"),
        (
            "follow_ups",
            "customer_share",
            "days_between_contacts",
            "days_since_follow_up",
            "last_follow_up_at",
            "next_action_at",
            "first_response_at",
            "touches",
        ),
    ),
    (
        _("Time"),
        (
            "age_days",
            "days_in_stage",
            "captured_at",
            "stage_since",
            "held_since",
            "reclaim_at",
            "resume_at",
            "pool_since",
            "updated_at",
        ),
    ),
]
WORDS = {
    "all": _("All of these hold"),
    "any": _("At least one of these holds"),
    "none": _("Not all of these hold"),
    "neither": _("None of these holds"),
    "group": _("How the parts of this group are joined"),
    "add": _("Add a condition"),
    "add_group": _("Add a group"),
    "remove": _("Remove"),
    "field": _("Field"),
    "operator": _("Operator"),
    "value": _("Value"),
    "several": _("several: separate them by commas"),
    "and": pgettext_lazy("between two values", "and"),
    "days": _("days"),
    "ever": _("ever"),
    "window": _("in the last … days"),
    "yes": _("yes"),
    "no": _("no"),
}
MOST_NAMES = 200
MOST_VALUES = 40


def builder(without: Collection[str] = ()) -> dict[str, Any]:
    """Fields in groups with their operators and choices, names to suggest at once and for which fields there are more
    to ask for while one types, and the words. ``without``: fields that the condition may not ask about."""
    described = {field["name"]: field for field in vocabulary(current_workspace()).describe()}
    described = {name: field for name, field in described.items() if name not in without}
    left = dict(described)
    groups = []
    for label, names in GROUPS:
        fields = [left.pop(name) for name in names if name in left]
        if label == GROUPS[4][0]:
            fields += [left.pop(name) for name in list(left) if name.startswith(("touches.", "follow_ups."))]
        groups.append({"label": str(label), "fields": [shown(field) for field in fields]})
    answers = [left.pop(name) for name in list(left) if name.startswith("answers.")]
    people = [left.pop(name) for name in list(left) if name.startswith("contacts")]
    own = [left.pop(name) for name in list(left) if name.startswith("attributes.")]
    for label, fields in (
        (_("Answers of the assessment"), answers),
        (_("People who take part"), people),
        (_("Own fields"), own),
    ):
        if fields:
            groups.append({"label": str(label), "fields": [shown(field) for field in fields]})
    return {
        "groups": groups,
        "names": suggestions(),
        "values": reverse("leads_values", kwargs={"slug": current_workspace().slug}),
        "answered": answered(),
        "ops": {op: str(word) for op, word in OPS.items()},
        "words": {key: str(word) for key, word in WORDS.items()},
    }


def shown(field: dict[str, Any]) -> dict[str, Any]:
    """A field as the browser needs it; its name begins with a capital in a menu."""
    label = field["label"]
    offered = [op for op in OFFERED[field["kind"]] if op in field["ops"]]
    choices = field["choices"][::-1] if field["name"] == "grade" else field["choices"]  # the best first
    return field | {"label": label[:1].upper() + label[1:], "offered": offered, "choices": choices}


def suggestions() -> dict[str, list[str]]:
    """Names to choose from while typing."""
    return {
        "owner": list(
            Member.objects.filter(is_active=True).order_by("name").values_list("name", flat=True)[:MOST_NAMES]
        ),
        "team": list(Team.objects.order_by("name").values_list("name", flat=True)[:MOST_NAMES]),
        "company": list(
            Company.objects.order_by("-pk").values_list("name", flat=True)[:MOST_NAMES]  # the newest
        ),
        "channel": list(Channel.objects.order_by("name").values_list("name", flat=True)[:MOST_NAMES]),
        "tags": list(Tag.objects.order_by("name").values_list("name", flat=True)[:MOST_NAMES]),
        **values_of_leads(),
    }


def values_of_leads() -> dict[str, list[str]]:
    """What stands in the newest leads, the most frequent first: in one statement, whatever the workspace's size."""
    pairs = comma(put("({}, {})", name, column) for name, column in columns().items())
    statement = put(
        "SELECT what, value FROM (SELECT what, value, row_number() OVER"
        " (PARTITION BY what ORDER BY count(*) DESC, value) AS place FROM (SELECT * FROM leads_lead"
        " WHERE workspace_id = {} ORDER BY captured_at DESC, id DESC LIMIT {}) l"
        " CROSS JOIN LATERAL (VALUES {}) given (what, value) WHERE value <> '' AND length(value) <= {}"
        " GROUP BY what, value) counted WHERE place <= {} ORDER BY what, place",
        current_workspace().pk,
        NEWEST,
        pairs,
        LONGEST,
        MOST_VALUES,
    )
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        for name, value in cursor.fetchall():
            found.setdefault(name, []).append(value)
    return found
