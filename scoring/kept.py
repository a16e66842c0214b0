"""Statements of a card, put together once and kept with it.

A card in force never changes, and what it is read from is looked at with every use (``scoring.cards``). So its
SQL is put together once, with places for the moment, the leads and the actor. For one lead it is also kept
planned, in the session, as a prepared statement: with fifty rules the planner takes ten times as long as the
work itself.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection
from psycopg2.extensions import AsIs

from leads.conditions.fragments import Blank, Sql
from leads.conditions.moments import LATER, DayLater, Later, filled
from leads.past import Ground
from scoring.cards import ReadCard
from scoring.engine import NOW, ONE, Engine
from workspaces.tenancy import current_workspace

PREPARED = "score_"
MOST_PREPARED = 20  # in one session; each takes about a megabyte of the server
ACTOR = Blank("actor")
Make = Callable[[Engine], Sql]


def kept(card: ReadCard, what: Any, make: Make, ground: Ground = NOW) -> Sql:
    """What ``make`` puts together for this card, as of LATER; made once for each ``what``."""
    workspace = current_workspace()
    key = (what, ground.leads, ground.empty, workspace.pk, str(workspace.tz))
    if key not in card.kept:
        card.kept[key] = make(Engine(card, workspace, LATER, ground))
    found: Sql = card.kept[key]
    return found


def said(statement: Sql, as_of: datetime, given: Mapping[Blank, Any]) -> Sql:
    """The statement with its places filled in."""

    def say(one: Any) -> Any:
        if isinstance(one, Later | DayLater):
            return one.at(as_of)
        return given[one] if isinstance(one, Blank) else one

    return filled(statement, say)


def one_lead(card: ReadCard, make: Make) -> tuple[str, str]:
    """(name, text) of the statement for one lead: $1 the moment, $2 the lead, $3 the actor."""
    statement = kept(card, "one", make)
    key = ("prepared", current_workspace().pk, str(current_workspace().tz))
    if key not in card.kept:
        places = filled(statement, numbered)
        with connection.cursor() as cursor:
            text = cursor.mogrify(places.text, places.params)
        text = text.decode() if isinstance(text, bytes) else text
        name = PREPARED + sha256(text.encode()).hexdigest()[:40]
        card.kept[key] = (name, f"PREPARE {name} (timestamptz, uuid, uuid) AS {text}")
    found: tuple[str, str] = card.kept[key]
    return found


def numbered(one: Any) -> Any:
    """Places as those of a prepared statement."""
    if isinstance(one, Later):
        return AsIs("$1" if not one.shift else f"($1 {plus(one.shift)})")
    if isinstance(one, DayLater):
        return AsIs(f"(($1 AT TIME ZONE '{one.zone}')::date - {one.before})")
    if isinstance(one, Blank):
        return AsIs("$2" if one is ONE else "$3")
    return one


def plus(span: timedelta) -> str:
    """In hours, not days: a day of an interval may have 23 or 25 of them."""
    hours, rest = divmod(span, timedelta(hours=1))
    return f"+ interval '{hours} hours {rest.total_seconds():f} seconds'"


def run_prepared(name: str, text: str, there: list[str], values: list[Any]) -> list[tuple[Any, ...]]:
    """Run it, prepared before if it is not among ``there``, this session's statements from the oldest on.

    All in one message. What the session has prepared is looked up each time, so behind a pooler any will do.
    """
    before = ""
    if name not in there:
        spent = there[: max(0, len(there) - MOST_PREPARED + 1)]
        before += "".join(f"DEALLOCATE {one}; " for one in spent) + text.replace("%", "%%") + "; "
    with connection.cursor() as cursor:
        cursor.execute(f"{before}EXECUTE {name} (%s, %s, %s)", values)
        return cursor.fetchall()
