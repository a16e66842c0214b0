"""The workspace's own fields, and saved views of the list."""

import re
from datetime import datetime
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from leads.actions.rules import checked
from leads.happened import happened
from leads.models import CustomField, SavedView
from leads.models.fields import FieldKind
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import may, require
from workspaces.refusals import Invalid, NotAllowed, Refused
from workspaces.texts import named

KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


def add_custom_field(
    label: str,
    *,
    key: str = "",
    kind: str = FieldKind.TEXT,
    choices: list[str] | None = None,
    as_of: datetime,
    actor: Member | None,
) -> CustomField:
    """A field of the workspace's own. Without a ``key`` one is made from the label.

    Invalid: a key that is none, a choice field without choices. Refused: the key is taken.
    """
    require(actor, "fields")
    label = named(label, "label")
    key = key or key_from(label)
    if not KEY.fullmatch(key):
        message = _("A key has lower-case letters, digits and underscores, and begins with a letter.")
        raise Invalid.field("key", message)
    check_choices(kind, choices or [])
    if CustomField.objects.filter(key=key).exists():
        raise Refused("field_exists", _("There is a field “%(key)s” already.") % {"key": key})
    field = CustomField.objects.create(key=key, label=label, kind=kind, choices=choices or [])
    audit("field_added", field, {"key": key, "kind": kind}, actor=actor, as_of=as_of)
    answer_anew(key, as_of=as_of, actor=actor)
    return field


def key_from(label: str) -> str:
    """``"Contract ends"`` -> ``contract_ends``; a label without Latin letters is numbered."""
    key = slugify(label).replace("-", "_")[:60]
    return key if KEY.fullmatch(key) else f"field_{CustomField.objects.count() + 1}"


def check_choices(kind: str, choices: list[str]) -> None:
    if kind == FieldKind.CHOICE and not choices:
        raise Invalid.field("choices", _("A choice needs at least one value."), "required")


def change_custom_field(
    field: CustomField, changes: dict[str, Any], *, as_of: datetime, actor: Member | None
) -> CustomField:
    """``changes``: ``label`` and ``choices``. Key and kind stay: values and rules rely on them."""
    require(actor, "fields")
    check_choices(field.kind, changes.get("choices", field.choices))
    if "label" in changes:
        changes = changes | {"label": named(changes["label"], "label")}
    for name in ("label", "choices"):
        if name in changes:
            setattr(field, name, changes[name])
    field.save()
    audit("field_changed", field, dict(changes), actor=actor, as_of=as_of)
    if "choices" in changes:
        answer_anew(field.key, as_of=as_of, actor=actor)
    return field


def drop_custom_field(field: CustomField, *, as_of: datetime, actor: Member | None) -> None:
    """The field goes. Values stay in the leads, unseen; a field of the same key brings them back."""
    require(actor, "fields")
    audit("field_dropped", field, {"key": field.key}, actor=actor, as_of=as_of)
    field.delete()
    answer_anew(field.key, as_of=as_of, actor=actor)


def answer_anew(key: str, *, as_of: datetime, actor: Member | None) -> None:
    """What rules ask of the field has another answer now."""
    happened("fields_changed", None, as_of=as_of, actor=actor, field=f"attributes.{key}")


def save_view(
    values: dict[str, Any], *, view: SavedView | None = None, actor: Member, as_of: datetime
) -> SavedView:
    """A named filter: of the member alone, or with ``shared`` of everybody (managers).

    ``values``: ``name``, ``where`` (a condition), ``ordering``, ``columns``, ``shared``.
    """
    if "where" in values:
        checked(values["where"], "where")
    view = view or SavedView(member=actor)
    if view.member_id is None or values.get("shared"):
        require_sharing(actor)
    if "shared" in values:
        view.member = None if values["shared"] else actor
    for name in ("name", "where", "ordering", "columns", "position"):
        if name in values:
            setattr(view, name, values[name])
    view.name = named(view.name)
    view.where = view.where or {}  # null is a condition, too: every lead
    view.updated_at = as_of
    view.save()
    return view


def drop_view(view: SavedView, *, actor: Member) -> None:
    if view.member_id is None:
        require_sharing(actor)
    view.delete()


def require_sharing(actor: Member) -> None:
    if not may(actor, "rules"):
        raise NotAllowed(_("Only managers change the views that everybody sees."))
