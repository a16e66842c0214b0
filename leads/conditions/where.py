"""A condition inside Django's ORM: ``Lead.objects.filter(where(condition, …))``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField
from django.db.models.expressions import Expression

from leads.conditions.sql import compile_sql
from leads.conditions.tree import Condition


class Where(Expression):
    """True for the leads that meet the condition. Follows the query's own alias of ``leads_lead``."""

    conditional = True
    alias = "leads_lead"

    def __init__(self, condition: Condition, as_of: datetime, time_zone: str | ZoneInfo) -> None:
        super().__init__(output_field=BooleanField())
        self.condition, self.as_of, self.time_zone = condition, as_of, time_zone

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> "Where":
        resolved = super().resolve_expression(query, *args, **kwargs)
        resolved.alias = query.get_initial_alias()
        return resolved

    def relabeled_clone(self, change_map: Mapping[str, str]) -> "Where":
        clone = super().relabeled_clone(change_map)
        clone.alias = change_map.get(self.alias, self.alias)
        return clone

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple]:
        made = compile_sql(self.condition, as_of=self.as_of, time_zone=self.time_zone, lead=self.alias)
        return f"({made.text})", made.params

    def get_group_by_cols(self) -> list:
        return [self]


def where(condition: Condition, *, as_of: datetime, time_zone: str | ZoneInfo) -> Where:
    """The condition as an expression for ``filter``, ``exclude``, ``annotate`` or ``Q`` on leads."""
    return Where(condition, as_of, time_zone)
