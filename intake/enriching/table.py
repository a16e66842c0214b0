"""A table of domains (or credit codes, or company names) with what is known of each: an uploaded list."""

from collections.abc import Mapping, Sequence

from intake.enriching.models import FactSource, KnownFacts
from intake.enriching.sources import Asked, Facts
from leads.incoming import core_of


class Table:
    keeps_days = 0  # its rows are kept anyway
    outside = False

    def __init__(self, row: FactSource) -> None:
        self.row = row
        self.by = str(row.settings.get("by", "domain"))

    def key(self, asked: Asked) -> str:
        value = str(getattr(asked, self.by, "") or "")
        return core_of(value) if self.by == "company" else value.lower()[:300]

    def look_up(self, keys: Sequence[str], seconds: float) -> Mapping[str, Facts]:
        rows = KnownFacts.objects.filter(source=self.row, key__in=list(keys))
        return {key: {} for key in keys} | dict(rows.values_list("key", "facts"))
