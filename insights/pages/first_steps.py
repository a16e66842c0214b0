"""What a fresh workspace does first: import a list, look at the scores, invite a rep."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from leads.models import Lead
from workspaces.models import Member
from workspaces.permissions import may
from workspaces.tenancy import current_workspace

SEEN = "seen_scores"  # in the session: the workspace whose scorecard was opened


def first_steps(request: HttpRequest) -> list[dict[str, Any]]:
    """The steps with ``done``; nothing once leads and colleagues are here, or for somebody who could not do them."""
    if not may(request.member, "members"):
        return []
    slug = current_workspace().slug
    steps = [
        {
            "title": _("Import a list of leads"),
            "text": _("CSV or Excel. Columns are recognised, known leads are never entered twice."),
            "href": address("import_new", slug=slug),
            "action": _("Import a list"),
            "icon": "file-import",
            "done": Lead.objects.exists(),
        },
        {
            "title": _("Look at the scores"),
            "text": _("The scorecard says which leads are worth a call. Its rules are yours to change."),
            "href": address("settings_section", slug=slug, section="scoring"),
            "action": _("Look at the scores"),
            "icon": "gauge",
            "done": request.session.get(SEEN) == str(current_workspace().pk),
        },
        {
            "title": _("Invite a rep"),
            "text": _("New qualified leads go to your reps in turn; each sees what to do next."),
            "href": address("settings_section", slug=slug, section="members"),
            "action": _("Invite a rep"),
            "icon": "user-plus",
            "done": Member.objects.filter(is_active=True).exclude(pk=request.member.pk).exists(),
        },
    ]
    return [] if steps[0]["done"] and steps[2]["done"] else steps


def address(name: str, **kwargs: Any) -> str:
    """Where a page is; empty while there is none."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""
