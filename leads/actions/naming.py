"""Rows that people call by name, however they spell it: found, or made where the name is new."""

from collections.abc import Callable, Iterable
from typing import Any

from workspaces.tenancy import TenantModel


def called[Named: TenantModel](
    model: type[Named], names: Iterable[str], key_of: Callable[[str], str], make: Callable[[str], Named]
) -> dict[str, Named]:
    """The row of each name. Of several spellings of a new name the one with capitals is kept.

    One statement, or three when some are new. ``make`` gives a row that is not written yet; a name that
    is nothing (an empty key) has no row.
    """
    keys = {name: key_of(name) for name in sorted(names, reverse=True)}  # the capitals last: they are kept
    if not keys:
        return {}

    def known(wanted: Iterable[str]) -> dict[Any, Named]:
        return {row.name_key: row for row in model.objects.filter(name_key__in=set(wanted))}  # type: ignore[attr-defined]

    found = known(keys.values())
    missing = {key: name for name, key in keys.items() if key and key not in found}
    if missing:
        model.objects.bulk_create([make(missing[key]) for key in sorted(missing)], ignore_conflicts=True)
        found |= known(missing)
    return {name: found[key] for name, key in keys.items() if key}
