"""Which column becomes which fact: what people said, checked; and the custom fields they asked for, made."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from intake.columns import ATTRIBUTE, NEW, Guess, NewField, as_mapping, key_of, left_over, new_fields
from leads.incoming import CHOICES, TEXTS, TYPED
from leads.models import CustomField
from leads.models.fields import FieldKind
from workspaces.refusals import Invalid

Targets = dict[str, str | None]
FACTS = (*TEXTS, *CHOICES, *TYPED, "company", "channel", "tags")


def check(mapping: Any, columns: Sequence[str]) -> Targets:
    """A mapping as the API and the command take it; Invalid names each column that is wrong.

    {"Column": a field, "attributes.<key>", "new", "new:<kind>", or null for a column left aside}.
    """
    if not isinstance(mapping, dict):
        raise Invalid.field("mapping", _("A mapping is an object: {column: field}."))
    keys = set(CustomField.objects.values_list("key", flat=True))
    errors = []
    for column, target in mapping.items():
        fault = fault_of(column, target, columns, keys)
        if fault:
            errors.append({"field": f"mapping.{column}", "code": fault[0], "message": fault[1]})
    if errors:
        raise Invalid(errors)
    return mapping


def fault_of(column: str, target: Any, columns: Sequence[str], keys: set[str]) -> tuple[str, str] | None:
    said = {"column": column, "target": target}
    if column not in columns:
        return "unknown_column", _("The file has no column “%(column)s”.") % said
    if target is None or target == "" or target in FACTS or target == NEW:
        return None
    if isinstance(target, str) and target.startswith(f"{NEW}:"):
        if target.removeprefix(f"{NEW}:") in FieldKind.values:
            return None
        known = ", ".join(FieldKind.values)
        return "unknown_kind", _("“%(column)s”: known kinds of fields: %(known)s.") % {**said, "known": known}
    if isinstance(target, str) and target.startswith(ATTRIBUTE):
        if target.removeprefix(ATTRIBUTE) in keys:
            return None
        return "unknown_field", _("“%(column)s”: there is no custom field “%(target)s”.") % said
    return "unknown_target", _("“%(column)s”: a lead has no field “%(target)s”.") % said


def by_default(guesses: Mapping[str, Guess]) -> Targets:
    """What is done with nobody to ask: the guesses, and a custom field for every other column."""
    for field in new_fields(guesses):
        make_field(field)
    return as_mapping(guesses)


def settle(mapping: Targets, columns: Sequence[str], sample: Sequence[Sequence[str]]) -> Targets:
    """The mapping with every asked-for custom field made and named; a column not mentioned is left aside."""
    settled: Targets = {}
    for at, column in enumerate(columns):
        target = mapping.get(column) or None
        if target and target.startswith(NEW):
            kind = target.removeprefix(NEW).removeprefix(":")
            target = ATTRIBUTE + make_field(offered(column, [row[at] for row in sample]), kind)
        settled[column] = target
    return settled


def offered(column: str, cells: Sequence[str]) -> NewField:
    """The field a column would be of its own; one of the same name is that one."""
    return left_over(column, cells, set()).new or NewField(key_of(column), column[:200], "text")


def make_field(field: NewField, kind: str = "") -> str:
    """The key of a custom field made for a column. The same field twice, from two imports, is one."""
    made, _created = CustomField.objects.get_or_create(
        key=field.key,
        defaults={"label": field.label, "kind": kind or field.kind, "choices": field.choices},
    )
    return made.key
