"""A condition inside Django's ORM: ``Lead.objects.filter(where(condition, …))``."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField
from django.db.models.expressions import Expression

from leads.conditions.fragments import Sql
from leads.conditions.sql import compile_sql
from leads.conditions.tree import Condition


class OfLead(Expression):
    """True for the leads of which ``make(alias)`` is true; it follows the query's own alias of ``leads_lead``.

    Nothing may write that name itself: within another query of leads it would mean the outer one.
    """

    conditional = True
    alias = "leads_lead"

    def __init__(self, make: Callable[[str], Sql]) -> None:
        super().__init__(output_field=BooleanField())
        self.make = make

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> "OfLead":
        resolved = super().resolve_expression(query, *args, **kwargs)
        resolved.alias = query.get_initial_alias()
        return resolved

    def relabeled_clone(self, change_map: Mapping[str, str]) -> "OfLead":
        clone = super().relabeled_clone(change_map)
        clone.alias = change_map.get(self.alias, self.alias)
        return clone

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple]:
        made = self.make(self.alias)
        return f"({made.text})", made.params

    def get_group_by_cols(self) -> list:
        return [self]


def where(condition: Condition, *, as_of: datetime, time_zone: str | ZoneInfo) -> OfLead:
    """The condition as an expression for ``filter``, ``exclude``, ``annotate`` or ``Q`` on leads."""
    return OfLead(lambda lead: compile_sql(condition, as_of=as_of, time_zone=time_zone, lead=lead))
