"""The facts of a lead as they may be written: checked and cleaned, each fault named, nothing stored."""

from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from leads.incoming import TEXTS, Incoming, check_reachable, normalise
from leads.models import CustomField, Lead
from leads.models.fields import FieldKind
from leads.models.lead import Authority, BudgetStatus, NeedLevel
from leads.normalise.credit_codes import credit_code, wrong_code
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace
from workspaces.texts import clean_text

STATE = ("stage", "pool", "owner", "team", "score", "grade", "reclaim_at", "first_response_at", "stage_since")
KNOWN_CHOICES: dict[str, Any] = {
    "need_level": NeedLevel,
    "budget_status": BudgetStatus,
    "authority": Authority,
}
MAX_INT, MAX_BIGINT = 2**31 - 1, 2**63 - 1


Fields = dict[str, CustomField]


def custom_fields() -> Fields:
    """The workspace's own fields by key: read once for a set of leads."""
    return {field.key: field for field in CustomField.objects.all()}


def clean(changes: dict[str, Any], fields: Fields | None = None) -> dict[str, Any]:
    """Validated values by name; Invalid with every fault at once.

    ``company`` and ``channel`` stay names, ``attributes`` and ``tags`` stay what they are; all else is
    a column of Lead. ``fields``: the custom fields, when they are known already.
    """
    values: dict[str, Any] = {}
    errors: list[dict] = []
    for name, value in changes.items():
        try:
            values |= clean_one(name, value, fields)
        except Invalid as wrong:
            errors += wrong.errors
    if errors:
        raise Invalid(errors)
    return values


def clean_one(name: str, value: Any, fields: Fields | None = None) -> dict[str, Any]:
    if name in STATE:
        message = _("“%(name)s” changes only through its own action.") % {"name": name}
        raise Invalid.field(name, message, "read_only")
    if name in ("company", "channel"):
        return {name: clean_text(str(value or ""))[:300]}
    if name == "attributes":
        return {"attributes": clean_attributes(value or {}, fields)}
    if name == "tags":
        return {"tags": clean_tags(value or [])}
    if name in KNOWN_CHOICES:
        return {name: choice(name, value)}
    if name in ("employees", "budget_amount"):
        return {name: whole(name, value)}
    if name == "timeline_date":
        return {name: day(name, value)}
    if name not in TEXTS:
        raise Invalid.field(name, _("A lead has no field “%(name)s”.") % {"name": name}, "unknown_field")
    text = clean_text(str(value)) if value is not None else ""
    if name == "credit_code" and text:
        return {name: code(text)}
    longest = getattr(Lead._meta.get_field(name), "max_length", None)
    if longest and len(text) > longest:
        raise Invalid.field(name, _("At most %(longest)d characters.") % {"longest": longest}, "too_long")
    return {name: text}


def code(text: str) -> str:
    """A unified social credit code as it is stored; Invalid when its check digit is wrong."""
    found = credit_code(text)
    if not found:
        raise Invalid.field("credit_code", wrong_code())
    return found


def choice(name: str, value: Any) -> str:
    known = KNOWN_CHOICES[name].values
    if value in (None, ""):
        return "unknown"
    if value not in known:
        raise Invalid.field(
            name, _("Known values: %(known)s.") % {"known": ", ".join(known)}, "unknown_value"
        )
    return value


def whole(name: str, value: Any) -> int | None:
    if value in (None, ""):
        return None
    most = MAX_INT if name == "employees" else MAX_BIGINT
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise Invalid.field(name, _("This is not a whole number.")) from None
    if isinstance(value, bool) or not 0 <= number <= most:
        raise Invalid.field(name, _("A whole number from 0 to %(most)d.") % {"most": most})
    return number


def day(name: str, value: Any) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value
    try:
        found = parse_date(str(value))
    except ValueError:
        found = None
    if found is None:
        raise Invalid.field(name, _("Write a day as 2026-03-31."))
    return found


def clean_tags(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise Invalid.field("tags", _("Tags are a list of texts."))
    return [tag for tag in (clean_text(tag)[:100] for tag in value) if tag]


def clean_attributes(value: Any, fields: Fields | None = None) -> dict[str, Any]:
    """Values of the workspace's own fields, each of its field's kind. None removes a value."""
    if not isinstance(value, dict):
        raise Invalid.field("attributes", _("Custom fields are an object: {key: value}."))
    if fields is None:
        fields = custom_fields() if value else {}
    cleaned: dict[str, Any] = {}
    errors: list[dict] = []
    for key, given in value.items():
        try:
            if key not in fields:
                message = _("This workspace has no custom field “%(key)s”.") % {"key": key}
                raise Invalid.field(f"attributes.{key}", message, "unknown_field")
            cleaned[key] = clean_attribute(fields[key], given)
        except Invalid as wrong:
            errors += wrong.errors
    if errors:
        raise Invalid(errors)
    return cleaned


def clean_attribute(field: CustomField, value: Any) -> Any:
    """A value of the field's kind, as it is stored in JSON; Invalid when it can't be one."""
    name = f"attributes.{field.key}"
    if value in (None, ""):
        return None
    if field.kind == FieldKind.NUMBER:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Invalid.field(name, _("This is not a number."))
        return value
    if field.kind == FieldKind.BOOLEAN:
        if not isinstance(value, bool):
            raise Invalid.field(name, _("Say true or false."))
        return value
    if not isinstance(value, str):
        raise Invalid.field(name, _("This is not a text."))
    if field.kind == FieldKind.DATE:
        return moment(name, value)
    if field.kind == FieldKind.CHOICE and field.choices and value not in field.choices:
        known = ", ".join(str(choice) for choice in field.choices)
        raise Invalid.field(name, _("Known values: %(known)s.") % {"known": known}, "unknown_value")
    return clean_text(value)


def moment(name: str, value: str) -> str:
    try:
        found: date | datetime | None = parse_date(value) or parse_datetime(value)
    except ValueError:
        found = None
    if found is None:
        raise Invalid.field(name, _("Write a day as 2026-03-31."))
    return found.isoformat()


def incoming_from(data: dict[str, Any], fields: Fields | None = None) -> Incoming:
    """An arrival as the API and the forms say it. Invalid with every fault; rejected when unreachable."""
    values = clean(data, fields)
    item = Incoming(
        company=values.pop("company", ""),
        channel=values.pop("channel", ""),
        attributes={k: v for k, v in values.pop("attributes", {}).items() if v is not None},
        tags=values.pop("tags", []),
        facts=values,
    )
    normalise(item.facts, current_workspace().region)
    check_reachable(item)
    return item
