"""What hangs on a lead or what it points to, as SQL: buying roles, tags, and links by id or by name."""

from leads.conditions.fields import WORDS
from leads.conditions.fragments import Scope, Sql, both, comma, either, known, no, put, surely
from leads.conditions.sources import LINKED, present, tag_key
from leads.conditions.texts import text_matches
from leads.conditions.tree import Leaf
from workspaces.ids import is_id


def role_holds(leaf: Leaf, scope: Scope) -> Sql:
    found = present(("contact", leaf.field.key), scope)
    return no(found) if leaf.op == "eq" and leaf.value is False else found


def tags_hold(leaf: Leaf, scope: Scope) -> Sql:
    if leaf.op == "is_set":
        return present(("tag", ""), scope)
    names = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    found = [present(("tag", key), scope) for key in dict.fromkeys(tag_key(name) for name in names)]
    return both(*found) if leaf.op == "has_all" else either(*found)


def link_holds(leaf: Leaf, scope: Scope) -> Sql:
    column = scope.column(leaf.field.column)
    if leaf.op == "is_set":
        return put("{} IS NOT NULL", column)
    if leaf.op in WORDS:
        return name_matches(leaf, leaf.op, leaf.value, scope)
    wanted = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    ids = [value for value in wanted if is_id(value)]
    names = tuple(value for value in wanted if not is_id(value))
    pieces = []
    if ids:
        listed = comma(put("{}::uuid", value) for value in ids)
        pieces.append(known(leaf.field, column, put("{} IN ({})", column, listed)))
    if names:
        pieces.append(name_matches(leaf, "in", names, scope))
    return either(*pieces)


def name_matches(leaf: Leaf, op: str, wanted: str | tuple, scope: Scope) -> Sql:
    """Does the linked row's name (a member's e-mail address, too) match?"""
    link = leaf.field.name
    columns = ("name", "email") if link == "owner" else ("name",)
    joined = scope.sources.link(link) if scope.sources else None
    row = joined or "y"
    holds = either(*(text_matches(op, wanted, Sql(f"{row}.{column}")) for column in columns))
    if joined:
        return surely(holds)
    return put(
        "EXISTS (SELECT 1 FROM " + LINKED[link] + " y WHERE y.workspace_id = {} AND y.id = {} AND {})",
        scope.column("workspace_id"),
        scope.column(leaf.field.column),
        holds,
    )
