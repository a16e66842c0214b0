"""What somebody may mean who types a value: values that leads have, names of people, teams, companies and tags.

Free texts are looked up among the values that were counted over the whole workspace (``leads.actions.values``) and in
the newest leads, which may have been written since. What begins with the text comes first, then what contains it,
each by how many leads have it. Bounded whatever the workspace's size: an index, and at most 50,000 values of a field.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Case, QuerySet, Value, When

from leads.conditions import Sql, vocabulary
from leads.conditions.fragments import put
from leads.incoming import key_of as company_key
from leads.models import Channel, Company, Tag
from leads.normalise import fold
from workspaces.models import Member, Team
from workspaces.tenancy import current_workspace, current_workspace_id

TEXTS = ("industry", "region", "campaign", "title", "domain")
MOST_COLUMNS = 20  # free texts of the workspace's own
MOST, NEWEST, LONGEST = 20, 2000, 60
BELOW_ALL = "\U0010ffff"  # sorts behind every sign

COUNTED = """
SELECT value FROM leads_fieldvalue v WHERE v.workspace_id = {} AND v.field = {} AND strpos(v.key, {}) > 0
ORDER BY starts_with(v.key, {}) DESC, v.leads DESC, v.key LIMIT {}
"""
LATELY = """
SELECT min(value) FROM (
    SELECT value, lower(normalize(btrim(value), NFKC)) AS key FROM (
        SELECT {} AS value FROM (SELECT * FROM leads_lead WHERE workspace_id = {}
            ORDER BY captured_at DESC, id DESC LIMIT {}) l
    ) newest WHERE value <> '' AND length(value) <= {}
) folded WHERE strpos(key, {}) > 0 GROUP BY key ORDER BY starts_with(key, {}) DESC, count(*) DESC, key LIMIT {}
"""


def columns() -> dict[str, Sql]:
    """The free texts whose values are offered, each as SQL on a lead ``l``."""
    known = vocabulary(current_workspace())
    own = [known.find(name) for name in known.names if name.startswith("attributes.")]
    keys = [field.key for field in own if field and field.kind == "text"][:MOST_COLUMNS]
    found = {name: Sql(f"l.{name}") for name in TEXTS}
    return found | {f"attributes.{key}": put("(l.attributes ->> {})", key) for key in keys}


def answered() -> list[str]:
    """The fields for which there is something to offer while one types."""
    return [*columns(), *NAMES]


def values_like(field: str, typed: str) -> list[str]:
    """Up to MOST values of a field that begin with what was typed or contain it; none for any other field."""
    key = fold(typed)[:LONGEST]
    if field in NAMES:
        return NAMES[field](key)
    column = columns().get(field)
    if column is None:
        return []
    workspace = current_workspace_id()
    found = [
        *listed(put(COUNTED, workspace, field, key, key, MOST)),
        *listed(put(LATELY, column, workspace, NEWEST, LONGEST, key, key, MOST)),
    ]
    once = {fold(value): value for value in reversed(found)}  # as it was counted, where it was
    first = {fold(value): at for at, value in reversed(list(enumerate(found)))}
    ordered = sorted(once, key=lambda one: (not one.startswith(key), first[one]))
    return [once[one] for one in ordered][:MOST]


def listed(statement: Sql) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return [row[0] for row in cursor.fetchall()]


def named(rows: QuerySet[Any], key: str, column: str = "name", by: str = "name") -> list[str]:
    """Of few rows: the names that contain the text, those that begin with it first."""
    begins = Case(When(**{f"{by}__istartswith": key}, then=Value(0)), default=Value(1))
    return list(
        rows.filter(**{f"{by}__icontains": key}).order_by(begins, by).values_list(column, flat=True)[:MOST]
    )


def companies(key: str) -> list[str]:
    """Of many rows: the names that begin with the text, by the index on what they are known by."""
    begins = company_key(key)
    rows = Company.objects.filter(name_key__gte=begins, name_key__lt=begins + BELOW_ALL)
    return list(rows.order_by("name_key").values_list("name", flat=True)[:MOST])


NAMES: dict[str, Callable[[str], list[str]]] = {
    "owner": lambda key: named(Member.objects.filter(is_active=True), key),
    "team": lambda key: named(Team.objects.all(), key),
    "channel": lambda key: named(Channel.objects.all(), key),
    "tags": lambda key: named(Tag.objects.all(), key, by="name_key"),
    "company": companies,
}
