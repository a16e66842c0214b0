"""JSON in, a checked condition out."""

import json
from typing import Any

from django.utils.translation import gettext as _

from leads.conditions.errors import ConditionError, join, nearest, shown
from leads.conditions.fields import ALL_OPS, Field, Kind
from leads.conditions.tree import EVERYONE, All, Any_, Condition, Leaf, Not
from leads.conditions.values import parse_value, window
from leads.conditions.vocabulary import Vocabulary

DEEPEST = 5  # groups inside groups
MOST_LEAVES = 100
MOST_KEPT = 2000  # parsed conditions, for one set of fields
GROUPS = ("all", "any", "not")
LEAF_KEYS = ("field", "op", "value", "days")


def parse(data: Any, vocabulary: Vocabulary, *, path: str = "", stored: bool = False) -> Condition:
    """The condition that ``data`` describes; ``None``, ``{}`` and ``{"all": []}`` mean every lead.

    path: put before the path of an error ("where" gives "where.all[1].value").
    stored: the condition was accepted before; a question about a custom field that is no more (or has
    another kind by now) is not an error but is answered as for an unset value.
    Raises ConditionError.
    """
    if data is None or data == {}:
        return EVERYONE
    if not stored:
        return Parser(vocabulary, stored).condition(data, path, 0)
    key = json.dumps(data)
    if key not in vocabulary.parsed:
        if len(vocabulary.parsed) >= MOST_KEPT:
            vocabulary.parsed.clear()
        vocabulary.parsed[key] = Parser(vocabulary, stored).condition(data, path, 0)
    return vocabulary.parsed[key]


class Parser:
    """One walk through one condition, counting its leaves."""

    def __init__(self, vocabulary: Vocabulary, stored: bool) -> None:
        self.vocabulary, self.stored, self.leaves = vocabulary, stored, 0

    def condition(self, data: Any, path: str, depth: int) -> Condition:
        if not isinstance(data, dict):
            message = _("A condition is an object with “field” and “op”, or with “all”, “any” or “not”.")
            raise ConditionError(path, "not_a_condition", message)
        group = next((key for key in GROUPS if key in data), None)
        if group is None:
            self.count(path)
            return self.leaf(data, path)
        self.only(data, (group,), path)
        if depth == DEEPEST:
            message = _("Conditions are nested at most %(most)s deep.") % {"most": DEEPEST}
            raise ConditionError(path, "too_deep", message)
        inner = data[group]
        if group == "not":
            return Not(self.condition(inner, join(path, group), depth + 1))
        return self.group(group, inner, join(path, group), depth + 1)

    def group(self, group: str, inner: Any, path: str, depth: int) -> Condition:
        if not isinstance(inner, list | tuple):
            message = _("“%(group)s” takes a list of conditions.") % {"group": group}
            raise ConditionError(path, "wrong_type", message)
        if not inner:
            if group == "any":
                raise ConditionError(path, "empty", _("“any” needs at least one condition."))
            self.count(path)
        parts = tuple(self.condition(part, join(path, at), depth) for at, part in enumerate(inner))
        return All(parts) if group == "all" else Any_(parts)

    def count(self, path: str) -> None:
        self.leaves += 1
        if self.leaves > MOST_LEAVES:
            message = _("A condition asks at most %(most)s questions.") % {"most": MOST_LEAVES}
            raise ConditionError(path, "too_many", message)

    def only(self, data: dict, allowed: tuple[str, ...], path: str) -> None:
        for key in data:
            if key not in allowed:
                message = _("“%(key)s” has no place here.") % {"key": shown(key)}
                raise ConditionError(
                    join(path, str(key)), "unknown_key", message + nearest(str(key), allowed)
                )

    def leaf(self, data: dict, path: str) -> Leaf:
        self.only(data, LEAF_KEYS, path)
        name = self.written(data, "field", path)
        op = self.written(data, "op", path)
        if op not in ALL_OPS:
            message = _("There is no operator “%(op)s”.") % {"op": shown(op)}
            raise ConditionError(join(path, "op"), "unknown_op", message + nearest(op, ALL_OPS))
        try:
            return self.question(self.field(name, path), op, data, path)
        except ConditionError:
            lost = self.forgotten(name, op, data) if self.stored else None
            if lost is None:
                raise
            return lost

    def written(self, data: dict, key: str, path: str) -> str:
        if key not in data:
            message = _("“%(key)s” is missing.") % {"key": key}
            raise ConditionError(join(path, key), "required", message)
        if not isinstance(data[key], str):
            raise ConditionError(join(path, key), "wrong_type", _("Give a text."))
        return data[key]

    def field(self, name: str, path: str) -> Field:
        field = self.vocabulary.find(name)
        if field is None:
            message = _("There is no field “%(name)s”.") % {"name": shown(name)}
            hint = nearest(name, self.vocabulary.names)
            raise ConditionError(join(path, "field"), "unknown_field", message + hint)
        return field

    def question(self, field: Field, op: str, data: dict, path: str) -> Leaf:
        if op not in field.ops:
            message = _("“%(field)s” is not asked with “%(op)s”, but with: %(ops)s.") % {
                "field": field.name,
                "op": op,
                "ops": ", ".join(field.ops),
            }
            raise ConditionError(join(path, "op"), "wrong_op", message)
        days = data.get("days")
        if days is not None:
            if field.kind != Kind.COUNT:
                message = _("Only touches and follow-ups are counted within days.")
                raise ConditionError(join(path, "days"), "unknown_key", message)
            days = window(days, join(path, "days"))
        return Leaf(field, op, parse_value(field, op, data.get("value"), join(path, "value")), days)

    def forgotten(self, name: str, op: str, data: dict) -> Leaf | None:
        """A stored question about a custom field that no longer is what it was."""
        value = data.get("value")
        value = tuple(value) if isinstance(value, list) else value
        simple = all(
            not isinstance(one, list | dict) for one in (value if isinstance(value, tuple) else [value])
        )
        if not name.startswith("attributes.") or not simple:
            return None
        key = name.removeprefix("attributes.")
        return Leaf(Field(name, Kind.TEXT, key, column="attributes", key=key), op, value, gone=True)
