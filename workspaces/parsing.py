"""JSON bodies, read strictly: what can't be stored is refused here, before it reaches the database."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer


class StrictJson(BaseParser):
    """UTF-8 JSON without NaN, NUL characters or lone surrogates; ParseError (400) otherwise."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            value = json.loads(stream.read().decode("utf-8-sig"), parse_constant=_no_constant)
            storable(value)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ValueError as error:
            raise ParseError(_("The body is not valid JSON: %(fault)s") % {"fault": error}) from error
        return value


def read_json(text: str) -> Any:
    """JSON in a page's field or address, read as strictly as a body; ValueError otherwise."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
        storable(value)
    except (RecursionError, ParseError) as error:
        raise ValueError(str(error)) from error
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def storable(value: Any) -> None:
    """ParseError when a text holds what PostgreSQL can't: a NUL character or half of a surrogate pair."""
    if isinstance(value, str):
        if "\x00" in value or not _encodes(value):
            raise ParseError(_("A text holds a character that can't be stored."))
    elif isinstance(value, dict):
        for key, item in value.items():
            storable(key)
            storable(item)
    elif isinstance(value, list):
        for item in value:
            storable(item)


def _encodes(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
