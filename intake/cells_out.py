"""Leads as rows of a CSV file that a spreadsheet opens without running anything in it."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.incoming import CHOICES, TEXTS
from leads.models import CustomField, Lead
from leads.money import from_minor
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

ATTRIBUTE = "attributes."
BOM = "\ufeff"  # without it spreadsheet programs read UTF-8 as their own code page
# What a spreadsheet takes for a formula, unless it is a number or a telephone number.
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+\-]?\(?[0-9][0-9 ().,\-/]*%?")

STATE = ("stage", "pool", "score", "grade", "captured_at", "stage_since", "next_action_at", "last_follow_up_at",
         "reclaim_at", "version", "created_at", "updated_at")  # fmt: skip
PLAIN = (*TEXTS, *CHOICES, "employees", "timeline_date", "phone_e164", "domain", *STATE)
SPECIAL: dict[str, Callable[[Lead], Any]] = {
    "id": lambda lead: lead.pk,
    "company": lambda lead: lead.company.name if lead.company else "",
    "channel": lambda lead: lead.channel.name if lead.channel else "",
    "owner": lambda lead: str(lead.owner) if lead.owner else "",
    "team": lambda lead: lead.team.name if lead.team else "",
    "tags": lambda lead: ", ".join(sorted(one.tag.name for one in lead.lead_tags.all())),
    "budget_amount": lambda lead: budget(lead),
}
USUAL = ("name", "title", "company", "email", "phone", "wechat", "website", "industry", "region", "employees",
         "channel", "campaign", "external_id", "stage", "grade", "score", "owner", "tags", "pain", "need_level",
         "budget_amount", "budget_currency", "budget_status", "authority", "timeline_date", "captured_at",
         "id")  # fmt: skip


def budget(lead: Lead) -> Any:
    if lead.budget_amount is None:
        return ""
    return from_minor(lead.budget_amount, lead.budget_currency or current_workspace().currency)


def check_columns(columns: Sequence[str]) -> list[str]:
    """The columns of an export; Invalid names each that a lead does not have."""
    known = {*PLAIN, *SPECIAL}
    known |= {ATTRIBUTE + key for key in CustomField.objects.values_list("key", flat=True)}
    wrong = [name for name in columns if name not in known]
    if wrong:
        message = _("A lead has no field “%(name)s”.")
        faults = [(name, message % {"name": name}) for name in wrong]
        raise Invalid(
            [{"field": "columns", "code": "unknown_field", "message": text} for _name, text in faults]
        )
    return list(dict.fromkeys(columns)) or list(USUAL)


def cell(lead: Lead, column: str) -> str:
    if column in SPECIAL:
        value = SPECIAL[column](lead)
    elif column.startswith(ATTRIBUTE):
        value = lead.attributes.get(column.removeprefix(ATTRIBUTE))
    else:
        value = getattr(lead, column)
    return harmless(as_text(value))


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(current_workspace().tz).isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def harmless(text: str) -> str:
    """The same text, with an apostrophe before what would be a formula; numbers and phones stay."""
    if text and FORMULA.match(text) and not NUMBER.fullmatch(text):
        return "'" + text
    return text


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
