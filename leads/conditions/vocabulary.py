"""Which fields there are: the fixed ones, and the workspace's own."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.conditions.fields import (
    ANSWERS,
    DERIVED,
    FIXED,
    FOLLOW_UPS,
    ROLES,
    TOUCHES,
    TRAITS_OF_EMAIL,
    Field,
    Kind,
)
from leads.models.fields import CustomField, FieldKind
from leads.normalise import phone_e164
from workspaces.once import once

TOUCH_KIND = re.compile(r"[\w][\w.:/-]{0,39}")

CUSTOM_KINDS = {
    FieldKind.TEXT: Kind.TEXT,
    FieldKind.NUMBER: Kind.NUMBER,
    FieldKind.DATE: Kind.DATE,
    FieldKind.BOOLEAN: Kind.YES_NO,
    FieldKind.CHOICE: Kind.CHOICE,
}


class Vocabulary:
    """The fields by name. ``Vocabulary()`` knows the fixed ones and needs no database.

    ``region``: the country whose phone numbers may be written without their country code.
    """

    def __init__(self, custom: Iterable[Field] = (), region: str = "") -> None:
        self.parsed: dict[str, Any] = {}  # stored conditions, by their JSON
        self._fields = {
            field.name: field for field in (*FIXED, *DERIVED, *TRAITS_OF_EMAIL, *FOLLOW_UPS, *ANSWERS, *ROLES)
        }
        phone = replace(self._fields["phone"], normalise=partial(phone_e164, region=region))
        self._fields["phone"] = phone
        for kind in TOUCHES:
            self._fields[f"touches.{kind}"] = touch_field(kind)
        for field in custom:
            self._fields[field.name] = field

    def find(self, name: str) -> Field | None:
        """The field of that name. A touch may be of any kind, also of one nobody has seen yet."""
        found = self._fields.get(name)
        kind = name.removeprefix("touches.")
        if found is None and kind != name and TOUCH_KIND.fullmatch(kind):
            return touch_field(kind)
        return found

    @property
    def names(self) -> list[str]:
        return list(self._fields)

    def describe(self) -> list[dict[str, Any]]:
        """Every field for a page that builds conditions: name, label, kind, operators, choices."""
        return [
            {
                "name": field.name,
                "label": str(field.label or field.key),
                "kind": str(field.kind),
                "ops": list(field.ops),
                "choices": [{"value": value, "label": str(label)} for value, label in field.choices],
            }
            for field in self._fields.values()
        ]


def touch_field(kind: str) -> Field:
    return Field(f"touches.{kind}", Kind.COUNT, TOUCH_LABELS.get(kind, kind), key=kind)


TOUCH_LABELS = {
    "page_view": _("page views"),
    "pricing_page": _("visits to the price page"),
    "form_submit": _("submitted forms"),
    "download": _("downloads"),
    "webinar": _("attended webinars"),
    "event_signup": _("event sign-ups"),
    "email_open": _("opened e-mails"),
    "inquiry": _("inquiries"),
}


def custom_field(key: str, kind: str, label: str = "", choices: Iterable[Any] = ()) -> Field:
    """A workspace's own field; a choice is a text, or ``{"value", "label"}``."""
    options = choices if kind == FieldKind.CHOICE else ()
    pairs = [one if isinstance(one, dict) else {"value": one} for one in options]
    return Field(
        f"attributes.{key}",
        CUSTOM_KINDS[FieldKind(kind)],
        label or key,
        column="attributes",
        key=key,
        choices=tuple((str(one["value"]), one.get("label") or str(one["value"])) for one in pairs),
        nullable=True,
    )


def vocabulary(workspace: Any) -> Vocabulary:
    """The vocabulary of an open workspace, with one query.

    The same fields give the same object, so that what was parsed by it before is not parsed again.
    """

    def rows() -> list[tuple]:
        fields = CustomField.objects.filter(workspace=workspace)
        return list(fields.values_list("key", "kind", "label", "choices"))

    return made_of(
        tuple(
            (key, kind, label, json.dumps(choices))
            for key, kind, label, choices in once("custom_fields", rows)
        ),
        workspace.region,
    )


@lru_cache(maxsize=256)
def made_of(rows: tuple[tuple[str, str, str, str], ...], region: str) -> Vocabulary:
    fields = (custom_field(key, kind, label, json.loads(choices)) for key, kind, label, choices in rows)
    return Vocabulary(fields, region=region)
