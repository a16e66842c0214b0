"""The index of search texts, in which how to reach somebody stands on a line of its own."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import F, Func, TextField, Value

from leads.normalise.searching import FENCE


def searched(name: str) -> GinIndex:
    """By what is shown, and by what is hidden from whoever sees the row masked: either is found without the other."""
    lines = [
        Func(F("search"), Value(FENCE), Value(part), function="split_part", output_field=TextField())
        for part in (1, 2)
    ]
    columns = [OpClass(F("workspace"), "uuid_ops"), *(OpClass(line, "gin_trgm_ops") for line in lines)]
    return GinIndex(*columns, name=f"{name}_search_lines")
