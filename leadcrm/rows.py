"""What stands fifty times on a page: a row's template is run once, and every row is filled in.

A Jinja template draws one row from values that it does not know yet (``Slot``), so that what comes out is
text with holes. A question about a value (``{% if row.owner %}``) is answered for the row at hand and
remembered: each way that rows of this kind can turn is drawn once. From then on a row costs its own values
and no more. Such a template ends in ``.jinja``; ``{% rows "leads/rows.jinja" rows=rows %}`` puts it into a
page for each ``row``. It knows the kit's small parts as functions, ``_()`` for its words, ``reader`` (who
reads, and the page's one moment) and whatever else the tag is given; of that only ``show`` is known beforehand.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from operator import attrgetter, itemgetter
from typing import Any

from django.template import engines
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from jinja2 import Environment
from markupsafe import Markup, escape

HOLE = "\x00"  # never in a page: PostgreSQL stores none
Values = dict[str, Any]
Find = Callable[[Values], Any]


@dataclass(frozen=True)
class Drawing:
    """The end of a way: pieces of text, and between them the values of a row, by their place in ``finds``."""

    finds: list[Find]
    pieces: str  # with %s where a value belongs
    order: Callable[[list[str]], Any]

    def fill(self, values: Values) -> str:
        return self.pieces % self.order([escape(find(values)) for find in self.finds])


@dataclass
class Turn:
    """A question about a row, and where its answers lead."""

    asks: Find
    ways: dict[bool, "Turn | Drawing"] = field(default_factory=dict)


class Trace:
    """One run of a template for one row: what was asked on the way, and where values go."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.turns: list[tuple[Find, bool]] = []
        self.finds: list[Find] = []
        self.places: dict[int, int] = {}  # a value that stands twice is found once

    def ask(self, find: Find) -> bool:
        answer = bool(find(self.values))
        self.turns.append((find, answer))
        return answer

    def hole(self, find: Find) -> str:
        if id(find) not in self.places:
            self.places[id(find)] = len(self.finds)
            self.finds.append(find)
        return f"{HOLE}{self.places[id(find)]}{HOLE}"

    def drawing(self, text: str) -> Drawing:
        parts = text.split(HOLE)
        places = [int(part) for part in parts[1::2]]
        pieces = "%s".join(part.replace("%", "%%") for part in parts[::2])
        order: Callable[[list[str]], Any] = itemgetter(*places) if places else tuple
        return Drawing(self.finds, pieces, order)


class Slot:
    """A value that is not known yet. What is done with it is done when it is."""

    __slots__ = ("_find", "_parts", "_trace")

    def __init__(self, trace: Trace, find: Find) -> None:
        self._trace, self._find, self._parts = trace, find, dict[str, Slot]()

    def __getattr__(self, name: str) -> "Slot":
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._parts:
            self._parts[name] = Slot(self._trace, self.part(name))
        return self._parts[name]

    def part(self, name: str) -> Find:
        find, get = self._find, attrgetter(name)
        return lambda values: get(find(values))

    def __html__(self) -> Markup:
        return Markup(self._trace.hole(self._find))

    def __str__(self) -> str:
        raise TypeError(
            "A row's value is filled in later: a filter that reads it must be one of environment()."
        )

    def __bool__(self) -> bool:
        return self._trace.ask(self._find)

    def __eq__(self, other: object) -> Any:
        find = self._find
        return Slot(self._trace, lambda values: find(values) == other)

    def __ne__(self, other: object) -> Any:
        find = self._find
        return Slot(self._trace, lambda values: find(values) != other)

    __hash__ = None  # type: ignore[assignment]


class Row(Slot):
    """The row itself: its names are the template's own values."""

    __slots__ = ()

    def part(self, name: str) -> Find:
        return lambda values: values["row"].get(name)


def later(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, put off when it is given something that is not known yet."""

    @wraps(function)
    def called(*args: Any, **named: Any) -> Any:
        slot = first_slot([*args, *named.values()])
        if slot is None:
            return function(*args, **named)
        return Slot(
            slot._trace,
            lambda values: function(
                *(known(one, values) for one in args),
                **{name: known(one, values) for name, one in named.items()},
            ),
        )

    return called


def first_slot(given: Iterable[Any]) -> Slot | None:
    for one in given:
        found = one if isinstance(one, Slot) else first_slot(one) if isinstance(one, tuple) else None
        if found is not None:
            return found
    return None


def known(given: Any, values: Values) -> Any:
    if isinstance(given, Slot):
        return given._find(values)
    return tuple(known(one, values) for one in given) if isinstance(given, tuple) else given


@lru_cache(maxsize=500)
def ways(name: str, language: str | None, show: Hashable) -> dict[None, Turn | Drawing]:
    """Where rows of this template begin; filled as rows come."""
    return {}


def drawn(
    name: str, rows: Iterable[Values], show: Iterable[str] = (), *, language: str | None, **page: Any
) -> SafeString:
    """Rows (``{name: value}``) by a Jinja template, as safe HTML, in the language that is active.

    ``show``: names that the template asks for, beside ``language``.
    """
    shown = tuple(show)
    start = ways(name, language, shown)
    known = {"language": language, "show": dict.fromkeys(shown, True)}
    return SafeString("".join([one(name, start, known, {**page, "row": row}) for row in rows]))


def one(name: str, start: dict[None, Turn | Drawing], known: Values, values: Values) -> str:
    step = start.get(None)
    while isinstance(step, Turn):
        step = step.ways.get(bool(step.asks(values)))
    if step is None:
        step = draw(name, start, known, values)
    return step.fill(values)


def draw(name: str, start: dict[Any, Turn | Drawing], known: Values, values: Values) -> Drawing:
    """Run the template for a row of a kind that has not come before, and remember its way."""
    trace = Trace(values)
    page = {key: Slot(trace, itemgetter(key)) for key in values if key != "row"}
    row = Row(trace, itemgetter("row"))
    text = engines["rows"].get_template(name).render({**page, **known, "row": row})
    ways, last = start, None
    for asks, answer in trace.turns:
        turn = ways.get(last)
        if not isinstance(turn, Turn):
            turn = ways[last] = Turn(asks)
        ways, last = turn.ways, answer  # type: ignore[assignment]
    found = ways[last] = trace.drawing(text)
    return found


def environment(**options: Any) -> Environment:
    """Jinja as Django's backend makes it, with the kit's parts."""
    from leadcrm import moments
    from leadcrm.templatetags import look

    made = Environment(**options)
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    parts: dict[str, Callable[..., Any]] = {
        "icon": look.icon,
        "grade": look.grade,
        "owner": look.owner,
        "when": look.when_at,
        "clock": look.clock_at,
        "page": look.address_of,
        "exact": moments.exact,
        "static": look.static_of,
    }
    made.globals |= {name: later(part) for name, part in parts.items()}
    filters: dict[str, Callable[..., Any]] = {
        "money": look.money,
        "count": look.count,
        "hue": look.hue,
        "initials": look.initials,
        "upper": str.upper,
    }
    made.filters |= {name: later(one) for name, one in filters.items()}
    return made
