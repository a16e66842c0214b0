"""The interface of a source of facts, and which kinds there are.

A program of your own adds a kind by ENRICHMENT_SOURCES in the settings: ``{"kind": "package.module.Class"}``. The class
has two methods and is made for one FactSource.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from intake.enriching.models import FactSource, SourceKind

MOST_FAULTS = 3  # then nobody else is asked about for now
Facts = Mapping[str, Any]  # {field: value}; fields of leads.actions.fill_in.FILLED, and "no_mail"


@dataclass(frozen=True)
class Asked:
    """What is known of one lead, for a source to make a key of."""

    domain: str = ""
    email: str = ""
    phone: str = ""  # E.164
    company: str = ""
    credit_code: str = ""
    texts: tuple[str, ...] = field(default=())  # own fields that are texts, such as an address


class NotAnswered(Exception):
    """The source could not be asked now. ``again_s``: try again so much later; ``of_all``: nor about anybody else."""

    def __init__(self, reason: str, again_s: float | None = None, *, of_all: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.again_s, self.of_all = reason[:500], again_s, of_all


class EnrichmentSource(Protocol):
    """One source of facts.

    ``keeps_days``: for how long an answer is kept and not asked for again; 0: it is not kept. ``outside``: it waits for
    somebody outside, so it is asked without a transaction, and has no database.
    """

    keeps_days: int
    outside: bool

    def __init__(self, row: FactSource) -> None: ...

    def key(self, asked: Asked) -> str:
        """What the source is asked by for this lead; '' when it can say nothing about it."""
        ...

    def look_up(self, keys: Sequence[str], seconds: float) -> Mapping[str, Facts]:
        """The facts of these keys; an empty one where it knows none. What is not in the answer is asked later:
        it takes about ``seconds``. NotAnswered when it can't be asked at all."""
        ...


def one_by_one(keys: Sequence[str], seconds: float, look_up: Callable[[str], Facts]) -> dict[str, Facts]:
    """The facts of one key after the other, at least of the first, until the time is spent.

    What was answered is kept: a key that is not is left out, NotAnswered only where none was.
    """
    found: dict[str, Facts] = {}
    faults: list[NotAnswered] = []
    until = time.monotonic() + seconds
    for key in keys:
        if (found or faults) and time.monotonic() > until:
            break
        try:
            found[key] = look_up(key)
        except NotAnswered as fault:
            faults.append(fault)
            if fault.of_all or len(faults) == MOST_FAULTS:
                break
    if faults and not found:
        raise faults[-1]
    return found


BUILT_IN = {
    SourceKind.PLACE: "intake.enriching.place.Place",
    SourceKind.FILE: "intake.enriching.table.Table",
    SourceKind.HTTP: "intake.enriching.http.Http",
    SourceKind.MAIL: "intake.enriching.mail.Mail",
}


@cache
def kinds() -> dict[str, Any]:
    """The class of each kind of source."""
    listed = {str(kind): path for kind, path in BUILT_IN.items()} | dict(settings.ENRICHMENT_SOURCES)
    return {kind: import_string(path) for kind, path in listed.items()}


def source_of(row: FactSource) -> EnrichmentSource:
    found: EnrichmentSource = kinds()[row.kind](row)
    return found
