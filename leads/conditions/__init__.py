"""The rule language: one JSON form that scores, tags, gates, routes, reclaims and filters.

``parse`` checks it, ``compile_sql`` and ``where`` make it SQL, ``say`` puts it into words.
docs/conditions.md describes the language.
"""

from leads.conditions.errors import ConditionError
from leads.conditions.fields import Field, Kind
from leads.conditions.fragments import Sql
from leads.conditions.numbers import number_sql
from leads.conditions.parse import parse
from leads.conditions.sources import Sources
from leads.conditions.sql import compile_sql
from leads.conditions.tree import (
    EVERYONE,
    All,
    Any_,
    Condition,
    Leaf,
    Not,
    fields_used,
    first_field,
    leaves,
    parts,
    time_dependent,
    to_json,
)
from leads.conditions.vocabulary import Vocabulary, custom_field, vocabulary
from leads.conditions.where import where
from leads.conditions.words import names_of, say

__all__ = [
    "EVERYONE",
    "All",
    "Any_",
    "Condition",
    "ConditionError",
    "Field",
    "Kind",
    "Leaf",
    "Not",
    "Sources",
    "Sql",
    "Vocabulary",
    "compile_sql",
    "custom_field",
    "fields_used",
    "first_field",
    "leaves",
    "names_of",
    "number_sql",
    "parse",
    "parts",
    "say",
    "time_dependent",
    "to_json",
    "vocabulary",
    "where",
]
