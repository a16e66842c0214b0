"""The workspace's own settings: name, region, currency, time zone, language."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext as _

from workspaces.actions import audit
from workspaces.calendar.actions import follow
from workspaces.models import Member, Workspace
from workspaces.permissions import require
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

WORKED_BY = ("region", "time_zone")  # what working time depends on


def change_workspace(changes: dict[str, Any], *, actor: Member | None, as_of: datetime) -> Workspace:
    """``name``, ``region`` (two letters), ``currency`` (three), ``time_zone``, ``locale``. Invalid lists faults.

    Its address stays: links out there use it. Another time zone or region moves what counts working time.
    """
    require(actor, "workspace")
    workspace = current_workspace()
    checks = {
        "name": (lambda value: 0 < len(value.strip()) <= 200, _("Give it a name of at most 200 characters.")),
        "region": (lambda value: bool(re.fullmatch("[A-Z]{2}", value)), _("Two letters, such as CN or US.")),
        "currency": (
            lambda value: bool(re.fullmatch("[A-Z]{3}", value)),
            _("Three letters, such as CNY or USD."),
        ),
        "time_zone": (lambda value: value in available_timezones(), _("There is no such time zone.")),
        "locale": (lambda value: value in dict(settings.LANGUAGES), _("There is no such language.")),
    }
    given = {name: str(value).strip() for name, value in changes.items() if name in checks}
    for name in ("region", "currency"):
        if name in given:
            given[name] = given[name].upper()
    wrong = [
        {"field": name, "code": "invalid", "message": checks[name][1]}
        for name, value in given.items()
        if not checks[name][0](value)
    ]
    if wrong:
        raise Invalid(wrong)
    moves = any(given.get(name, getattr(workspace, name)) != getattr(workspace, name) for name in WORKED_BY)
    for name, value in given.items():
        setattr(workspace, name, value)
    workspace.save(update_fields=[*given, "updated_at"])
    audit("workspace_changed", workspace, given, actor=actor, as_of=as_of)
    if moves:
        follow(as_of, actor)
    return workspace
