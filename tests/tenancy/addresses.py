"""Every address of the program, read from the URL resolver; and what the document says about each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from leadcrm.api import document

# Addresses without an id and without a workspace, and what others serve.
NOT_OURS = ("static/", "i18n/")
ANYTHING = "^.*$"


@dataclass(frozen=True)
class Address:
    """A route such as ``api/v1/leads/<uuid:pk>/`` with what answers there."""

    route: str
    callback: Any = field(compare=False, repr=False)
    parameters: dict[str, str] = field(compare=False)  # name: converter

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/v1/")

    @property
    def path(self) -> str:
        """The path in the OpenAPI document."""
        names = {"pk": "id"}
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: "{" + names.get(m[1], m[1]) + "}", self.route)

    @property
    def view(self) -> Any:
        return getattr(self.callback, "cls", None) or getattr(self.callback, "view_class", None)

    @property
    def methods(self) -> list[str]:
        """The methods it answers, in lower case; a page answers at least these two."""
        if self.view is None:
            return ["get", "post"]
        actions = getattr(self.callback, "actions", None)
        names = actions or [name for name in self.view.http_method_names if hasattr(self.view, name)]
        return [name for name in names if name not in ("head", "options", "trace")]

    def at(self, values: dict[str, Any]) -> str:
        """The address with these values in its places."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values[m[1]]), self.route)


def walk(patterns: list[Any], before: str = "") -> Iterator[Address]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from walk(one.url_patterns, route)
        elif isinstance(one, URLPattern) and ANYTHING not in route and not route.startswith(NOT_OURS):
            parameters = {name: converter for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", route)}
            yield Address(route, one.callback, parameters)


def addresses() -> list[Address]:
    return sorted(set(walk(get_resolver("leadcrm.urls").url_patterns)), key=lambda one: one.route)


def operation(address: Address, method: str) -> dict[str, Any] | None:
    """What the document says about a method of an address; None when it says nothing."""
    found: dict[str, Any] | None = document()["paths"].get(address.path, {}).get(method)
    return found


def body_schema(found: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """(content type, schema) of a request body; ("", {}) when it takes none."""
    for kind, content in found.get("requestBody", {}).get("content", {}).items():
        return kind, resolved(content["schema"])
    return "", {}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its references followed."""
    while "$ref" in schema or "allOf" in schema or "oneOf" in schema:
        inner = schema.get("allOf") or schema.get("oneOf") or [schema]
        if "$ref" not in inner[0]:
            return inner[0]
        schema = document()["components"]["schemas"][inner[0]["$ref"].rsplit("/", 1)[1]]
    return schema
