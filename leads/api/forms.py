"""What a channel's public form asks and says, as the API takes and gives it."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from leads.models.source import LONGEST_CHOICE, LONGEST_LABEL, LONGEST_TEXT, MOST_CHOICES
from workspaces.shapes import Shape

# An origin; "*." stands for any host below.
SITE = re.compile(r"^https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?\Z")
WHERE = _("Write the address of a site, such as https://www.example.com.")


def names(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=100), max_length=200, **options)


def text(longest: int = LONGEST_TEXT) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=longest)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "maxLength": LONGEST_CHOICE},
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
        ]
    }
)
class Choice(serializers.Field):
    """What somebody can answer: a text, or ``[text, tag]`` where the answer tags the lead."""

    default_error_messages = {
        "shape": _("Write a choice as a text, or as [text, tag]; each of at most 100 characters."),
    }

    def to_internal_value(self, data: Any) -> Any:
        parts = data if isinstance(data, list) else [data]
        if not 1 <= len(parts) <= 2 or not all(is_short(part) for part in parts) or not parts[0].strip():
            self.fail("shape")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


def is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_CHOICE


class Texts(Shape):
    title = text()
    intro = text()
    button = text(100)
    thanks = text()


class Translation(Texts):
    consent_text = text(5000)


class FormShape(Texts):
    """``fields``: questions in their order, columns of a lead or ``attributes.key``; ``required``: which of them
    must be answered; ``labels``: {question: wording}; ``choices``: {question: choices}; ``translations``:
    {language: texts}; ``sites``: the origins (``https://www.example.com``) that may embed it; ``own_page_only``: only
    answers from this form's own page are taken, hosted or embedded, none of other programs or forms."""

    fields = names(required=False)
    required = names(required=False)
    labels = serializers.DictField(child=text(LONGEST_LABEL), required=False)
    choices = serializers.DictField(
        child=serializers.ListField(child=Choice(), max_length=MOST_CHOICES), required=False
    )
    translations = serializers.DictField(child=Translation(), required=False)
    sites = serializers.ListField(
        child=serializers.RegexField(SITE, max_length=200, error_messages={"invalid": WHERE}),
        max_length=50,
        required=False,
    )

    own_page_only = serializers.BooleanField(required=False)

    def to_representation(self, instance: Any) -> Any:
        return instance if isinstance(instance, dict) else {}
