"""What a webhook can subscribe to: what happens to leads, and what members are told."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from notices.models import Kind

# Each is one kind of timeline entry, told to the outside under a name of its own.
LEAD_EVENTS: dict[str, tuple[str, Any]] = {
    "captured": ("lead.captured", _("A new lead came in")),
    "came_again": ("lead.came_again", _("A known lead came again")),
    "stage": ("lead.stage_changed", _("A lead took a step")),
    "resumed": ("lead.resumed", _("A deferred lead came back")),
    "claimed": ("lead.claimed", _("A lead was claimed")),
    "assigned": ("lead.assigned", _("A rule gave a lead to somebody")),
    "given": ("lead.given", _("A manager gave a lead to somebody")),
    "released": ("lead.released", _("A lead was given back")),
    "reclaimed": ("lead.reclaimed", _("The clock took a lead back")),
}


def notice_event(kind: str) -> str:
    return f"notice.{kind}"


def events() -> dict[str, Any]:
    """Every event by its name, with what it means."""
    told = {notice_event(kind.value): kind.label for kind in Kind}
    return dict(LEAD_EVENTS.values()) | told
