"""Text and choices as SQL: upper and lower case, full and half width are the same."""

import unicodedata
from typing import Any

from leads.conditions.attributes import value_of
from leads.conditions.fields import Field
from leads.conditions.fragments import FALSE, Scope, Sql, comma, compare, no, put, surely
from leads.conditions.tree import Leaf
from leads.normalise import fold


def same(text: Sql) -> Sql:
    """A stored text in lower case and one width.

    Most texts are in one width, so that is asked first; before it, of a plain column, whether there is
    anything but ASCII in it, which is asked in no time.
    """
    ascii = "" if text.params else f"octet_length({text.text}) = length({text.text}) OR "
    return put(
        "lower(CASE WHEN " + ascii + "{} IS NFKC NORMALIZED THEN {} ELSE normalize({}, NFKC) END)",
        text,
        text,
        text,
    )


def value(text: str) -> Sql:
    """A condition's text, made the same by the same function of the database."""
    return put("lower({}::text)", unicodedata.normalize("NFKC", text))


def text_matches(op: str, wanted: Any, text: Sql) -> Sql:
    """eq, in, contains, has_word or starts_with on a text; null where the text is null."""
    if op == "has_word":
        return put("{} ~ {}", same(text), as_a_word(wanted))
    if op == "in":
        return put("{} IN ({})", same(text), comma(value(one) for one in wanted))
    template = {"eq": "{} = {}", "contains": "strpos({}, {}) > 0", "starts_with": "starts_with({}, {})"}
    return put(template[op], same(text), value(wanted))


def as_a_word(wanted: str) -> str:
    """A regular expression (PostgreSQL's) for a text that stands by itself: "cto" in "CTO, founder" and "兼CTO", not
    in "director". Only Latin letters and digits go on a word, so that of Chinese each part is one."""
    literal = "".join(
        sign if sign.isalnum() else f"\\{sign}" if sign.isascii() else sign for sign in fold(wanted)
    )
    return f"(^|[^a-z0-9]){literal}($|[^a-z0-9])"


def text_holds(leaf: Leaf, scope: Scope) -> Sql:
    field = leaf.field
    if field.in_json or field.expression:
        found = value_of(field, scope)
        return (
            put("{} IS NOT NULL", found)
            if leaf.op == "is_set"
            else surely(text_matches(leaf.op, leaf.value, found))
        )
    column = scope.column(field.column)
    if leaf.op == "is_set":
        return put("{} <> ''", column)
    if field.normalise is None:
        return text_matches(leaf.op, leaf.value, column)
    if leaf.op in ("eq", "in"):
        return compare(leaf.op, leaf.value, column)
    return part_of_key(leaf, column)


def part_of_key(leaf: Leaf, column: Sql) -> Sql:
    """contains, has_word or starts_with on the normalised column; in a phone number only digits count."""
    wanted = leaf.value
    if leaf.field.name == "phone":
        wanted = "".join(sign for sign in wanted if sign.isdigit())
        if not wanted:
            return FALSE
        wanted = "+" + wanted if leaf.op == "starts_with" else wanted
    elif leaf.op == "has_word":
        return put("{} ~ {}", column, as_a_word(wanted))
    if leaf.op == "starts_with":
        return put("starts_with({}, {})", column, wanted)
    return put("strpos({}, {}) > 0", column, wanted)


def choice_holds(leaf: Leaf, scope: Scope) -> Sql:
    field = leaf.field
    if field.in_json or field.expression:
        return text_holds(leaf, scope)
    column = scope.column(field.column)
    if leaf.op == "is_set":
        return no(put("{} = {}", column, field.unset)) if field.unset else put("{} <> ''", column)
    if leaf.op in ("eq", "in"):
        return compare(leaf.op, leaf.value, column)
    wanted = in_order(field, leaf)
    return compare("in", wanted, column) if wanted else FALSE


def in_order(field: Field, leaf: Leaf) -> list[str]:
    """The choices that stand where the operator says; the one that says nothing stands nowhere."""
    ranked = [choice for choice in field.values if choice != field.unset]

    def at(choice: str) -> int:
        return field.values.index(choice)

    match leaf.op:
        case "gt":
            return [one for one in ranked if at(one) > at(leaf.value)]
        case "gte":
            return [one for one in ranked if at(one) >= at(leaf.value)]
        case "lt":
            return [one for one in ranked if at(one) < at(leaf.value)]
        case "lte":
            return [one for one in ranked if at(one) <= at(leaf.value)]
    low, high = leaf.value
    return [one for one in ranked if at(low) <= at(one) <= at(high)]


def yes_no_holds(leaf: Leaf, scope: Scope) -> Sql:
    found = value_of(leaf.field, scope)
    if leaf.op == "is_set":
        return put("{} IS NOT NULL", found)
    return surely(put("{} = {}", found, leaf.value))
