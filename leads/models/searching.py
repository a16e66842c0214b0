"""The indexes of search texts, in which how to reach somebody stands on a line of its own."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import F, Func, TextField, Value

from leads.normalise.searching import FENCE


def searched(name: str) -> list[GinIndex]:
    """Of what is shown, and of what is hidden from whoever sees the row masked; one is found without the other."""
    return [
        GinIndex(
            OpClass(F("workspace"), "uuid_ops"),
            OpClass(
                Func(F("search"), Value(FENCE), Value(part), function="split_part", output_field=TextField()),
                "gin_trgm_ops",
            ),
            name=f"{name}_search_{which}",
        )
        for part, which in ((1, "shown"), (2, "hidden"))
    ]
