"""Bodies that an operation takes, made from the OpenAPI document, and where ids stand in them."""

from typing import Any

from leads.models import Channel, Company, Contact, Lead
from tests.tenancy.addresses import resolved
from tests.tenancy.world import Rows
from workspaces.models import Member, Team
from workspaces.tenancy import TenantModel

# What an id in a place of this name is an id of. In any other place the ids of every kind are tried.
KINDS: dict[str, type[TenantModel]] = {
    "channel": Channel,
    "company": Company,
    "contact_id": Contact,
    "from": Member,
    "lead": Lead,
    "leads": Lead,
    "member": Member,
    "members": Member,
    "other": Lead,
    "owner": Member,
    "owner_team": Team,
    "team": Team,
    "to": Member,
}
CONDITIONS = ("condition", "where", "filter", "approval_when", "outcome")
MAY_HOLD_NAMES_TOO = ("channel",)


def example(schema: dict[str, Any], rows: Rows, name: str = "") -> Any:
    """The least that the schema takes, with ids of our own rows where ids stand."""
    schema = resolved(schema)
    kind = schema.get("type")
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if "enum" in schema:
        return next(value for value in schema["enum"] if value)
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        return {
            inner: example(properties[inner], rows, inner)
            for inner in schema.get("required", [])
            if not resolved(properties[inner]).get("readOnly") and not properties[inner].get("readOnly")
        }
    if kind == "array":
        return [example(schema.get("items", {}), rows, name)] if name in KINDS else []
    if schema.get("format") == "uuid":
        return str(rows[KINDS[name]].pk) if name in KINDS else None
    if kind == "string":
        return text(schema, name)
    return {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}.get(str(kind), {})


def text(schema: dict[str, Any], name: str) -> str:
    known = {"date-time": "2099-01-01T00:00:00Z", "date": "2099-01-01", "email": "new@acme.example"}
    special = {
        "kind": "page_view",
        "transition": "win",
        "name": "to_sql",
        "currency": "USD",
        "amount": "1.00",
    }
    return str(known.get(schema.get("format", "")) or special.get(name) or f"x{name}")


def id_places(schema: dict[str, Any]) -> list[str]:
    """Names of the properties in which an id may stand: ids, lists of ids, and names that may be ids."""
    found = []
    for name, inner in schema.get("properties", {}).items():
        inner = resolved(inner)
        items = resolved(inner.get("items", {})) if inner.get("type") == "array" else {}
        is_id = "uuid" in (inner.get("format"), items.get("format")) or name in MAY_HOLD_NAMES_TOO
        if is_id and not schema["properties"][name].get("readOnly") and not inner.get("readOnly"):
            found.append(name)
    return found


def condition_places(schema: dict[str, Any]) -> list[str]:
    return [name for name in schema.get("properties", {}) if name in CONDITIONS]


def about(field: str, pk: Any) -> dict[str, Any]:
    """A condition that asks for a row by its id."""
    return {"all": [{"field": field, "op": "eq", "value": str(pk)}]}
