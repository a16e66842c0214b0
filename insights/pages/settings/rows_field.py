"""A form field of several rows, each with the same few inputs; rows are added and taken away in the browser."""

from dataclasses import dataclass
from typing import Any

from django import forms

Row = dict[str, str]


@dataclass(frozen=True)
class Column:
    name: str
    label: Any
    kind: str = "text"  # of the input
    hint: Any = ""
    choices: Any = ()  # (value, label): one is chosen instead of typed


class RowsWidget(forms.Widget):
    def __init__(self, columns: list[Column]) -> None:
        super().__init__()
        self.columns = columns

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        lists = {column.name: data.getlist(f"{name}_{column.name}") for column in self.columns}
        many = max((len(values) for values in lists.values()), default=0)
        return [
            {key: values[at].strip() if at < len(values) else "" for key, values in lists.items()}
            for at in range(many)
        ]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class RowsField(forms.Field):
    """Its value: a list of {column: text}, rows with nothing typed in them left out. ``hidden`` columns and choices
    don't count."""

    is_rows = True

    def __init__(self, columns: list[Column], *, least: int = 1, **options: Any) -> None:
        self.columns, self.least = columns, least
        super().__init__(**options | {"required": False, "widget": RowsWidget(columns)})

    def clean(self, value: Any) -> list[Row]:
        shown = [column.name for column in self.columns if column.kind != "hidden" and not column.choices]
        return [row for row in value or [] if any(row.get(name) for name in shown)]

    def prepare_value(self, value: Any) -> list[list[dict[str, Any]]]:
        """The rows as the template draws them, with empty ones up to ``least`` and one to begin with."""
        rows = [row for row in value or [] if any(str(one) for one in row.values())]
        rows += [{}] * max(self.least - len(rows), 0)
        return [[self.cell(column, row.get(column.name)) for column in self.columns] for row in rows]

    def cell(self, column: Column, value: Any) -> dict[str, Any]:
        return {"column": column, "value": "" if value is None else value}


def number_in(text: str) -> int | float | str | None:
    """What was typed as a number; the text itself when it is none, so that the check names it."""
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        return text
    return int(found) if found.is_integer() and abs(found) < 10**15 else found
