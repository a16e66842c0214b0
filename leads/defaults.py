"""What a new workspace starts with in this room, in its own language. Everything is editable."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from leads import playbooks
from leads.actions.channels import new_channel
from leads.actions.tagging import resolve_tags
from leads.models import Channel, CustomField, Gate, SavedView, TagRule
from leads.models.source import ChannelKind
from workspaces.models import Workspace

Condition = dict[str, Any]


def leaf(field: str, op: str, value: Any = None, **more: Any) -> Condition:
    found: Condition = {"field": field, "op": op, **more}
    return found if value is None else found | {"value": value}


REACHABLE = {"any": [leaf("email", "is_set"), leaf("phone", "is_set"), leaf("wechat", "is_set")]}
BUDGET_KNOWN = {
    "any": [leaf("budget_amount", "is_set"), leaf("budget_status", "in", ["estimated", "approved"])]
}
ROLE_NAMED = leaf("contacts", "is_set")

# Enforced from the first day: no score, no MQL; no pain, no SQL; no budget and no buying role, no opportunity.
GATES: dict[str, Condition] = {
    "to_mql": {"all": [leaf("score", "gte", 60), REACHABLE]},
    "to_sql": {"all": [leaf("pain", "is_set")]},
    "to_opportunity": {"all": [BUDGET_KNOWN, ROLE_NAMED]},
    "win": {},
    "lose": {},
    "defer": {},
    "disqualify": {},
    "reopen": {},
    "send_back": {},
}


def create(workspace: Workspace, as_of: datetime) -> None:
    """Gates, channels, tag rules, a custom field and saved views of a new workspace."""
    with translation.override(workspace.locale):
        gates()
        channels()
        tag_rules()
        views()
        playbooks.create()
        CustomField.objects.create(key="source_status", label=_("Status at the source"), kind="text")


def gates() -> None:
    Gate.objects.bulk_create([Gate(transition=name, condition=what) for name, what in GATES.items()])


def channels() -> None:
    website = new_channel(_("Website"), ChannelKind.FORM)
    website.tags = [_("website lead")]
    website.form = {
        "title": _("Talk to us"),
        "fields": ["name", "company", "email", "phone", "pain"],
        "required": ["name", "email"],
    }
    website.consent_text = _("I agree that you may contact me about my request.")
    made = [website, new_channel(_("API"), ChannelKind.API), new_channel(_("By hand"), ChannelKind.OTHER)]
    Channel.objects.bulk_create(made)


def tag_rules() -> None:
    rules = {
        _("high intent"): leaf("touches.pricing_page", "gte", 1, days=30),
        _("event"): leaf("touches.event_signup", "gte", 1),
    }
    tags = resolve_tags(rules)
    TagRule.objects.bulk_create([TagRule(tag=tags[name], condition=what) for name, what in rules.items()])


def views() -> None:
    made: list[tuple[str, Condition, str]] = [
        (_("All"), {}, "-score"),
        (
            _("Hot"),
            {"all": [leaf("grade", "in", ["A", "B"]), leaf("stage", "in", ["lead", "mql"])]},
            "-score",
        ),
        (
            _("Quiet for 5 days"),
            {"all": [leaf("pool", "eq", "sales"), leaf("days_since_follow_up", "gte", 5)]},
            "-score",
        ),
        (_("Ready to claim"), {"all": [leaf("pool", "in", ["lead", "recycle"])]}, "-score"),
        (_("New this week"), {"all": [leaf("captured_at", "in_last_days", 7)]}, "-captured_at"),
    ]
    SavedView.objects.bulk_create(
        [
            SavedView(name=name, where=where, ordering=ordering, position=at)
            for at, (name, where, ordering) in enumerate(made)
        ]
    )
