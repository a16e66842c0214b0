"""Serializers of the API: strict about what comes in, the same everywhere in what goes out."""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail


class Shape(serializers.Serializer):
    """A body of named fields. A field nobody knows, or one that only reads, is refused (422), not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            self.refuse_strangers(data)
        return super().to_internal_value(data)

    def refuse_strangers(self, data: dict) -> None:
        faults = {}
        for name in data:
            field = self.fields.get(name)
            if field is None:
                faults[name] = [ErrorDetail(_("There is no such field."), "unknown")]
            elif field.read_only:
                message = _("This field can't be written here.")
                faults[name] = [ErrorDetail(message, "read_only")]
        if faults:
            raise serializers.ValidationError(faults)


class RowShape(Shape):
    """What every object has."""

    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class Reference(serializers.Field):
    """A row of the open workspace, as its id; of another workspace: as if there were none."""

    default_error_messages = {
        "unknown": gettext_lazy("There is none with this id."),
        "malformed": gettext_lazy("This is not an id."),
    }

    def __init__(self, model: type[Model], **options: Any) -> None:
        self.model = model
        self.only = options.pop("only", {})
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Any:
        pk = serializers.UUIDField().run_validation(data) if isinstance(data, str) else self.fail("malformed")
        row = self.model._default_manager.filter(pk=pk, **self.only).first()
        return row if row is not None else self.fail("unknown")

    def get_attribute(self, instance: Any) -> Any:
        """The id in the row itself: no query for the row it points to."""
        if len(self.source_attrs) == 1 and hasattr(instance, f"{self.source_attrs[0]}_id"):
            return getattr(instance, f"{self.source_attrs[0]}_id")
        return super().get_attribute(instance)

    def to_representation(self, value: Any) -> Any:
        return str(getattr(value, "pk", value))


class ReferenceSchema(OpenApiSerializerFieldExtension):
    target_class = Reference

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict:
        return {"type": "string", "format": "uuid"}
