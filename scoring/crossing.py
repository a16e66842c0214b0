"""The leads behind each number of a preview: whole lists, in pages, worked out for the draft anew, nothing stored.

A list is of the leads that the preview looked at: of more than 200,000 every so many-th (``sample``). Every page of a
list is as of the same moment, which its cursor carries; those that move furthest come first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection
from django.utils.translation import gettext as _

from leads.conditions.fragments import Sql, put
from leads.planner import over
from scoring.cards import ReadCard, said
from scoring.engine import Engine
from scoring.preview import (
    ALL_GRADES,
    CHANGED,
    LISTS,
    MOST,
    names_of_leads,
    rule_questions,
    sample_of,
    summed,
)
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

SALT = "leadcrm.crossing"
COLUMNS = "id, was_score AS was, was_grade, score, grade"


@dataclass(frozen=True)
class Listed:
    """Leads of one list as {"id", "name", "was", "was_grade", "score", "grade"}. ``many``: of the whole list.

    ``sample``: 1, or every how many-th lead was looked at. ``next``, ``previous``: cursors, or "".
    """

    rows: list[dict[str, Any]]
    many: int
    sample: int
    next: str
    previous: str


def crossing(
    card: ReadCard, name: str, *, as_of: datetime, limit: int, cursor: str = "", most: int = MOST
) -> Listed:
    """One page of a list: "rising", "falling" (over the MQL line), "up", "down" (grades), "changed"; "B-A" from a
    grade to another; "now-A", "then-A" a grade; "matches-<rule>", "decided-<rule>" what a rule does.

    Invalid for another name; ValueError for a cursor that is forged or of another list.
    """
    began, backwards, position = read_cursor(cursor, [str(card.id), name])
    engine = Engine(card, current_workspace(), began or as_of)
    sample = sample_of(most)
    statement = page_of(engine, card, name, sample, backwards, position, limit + 1)
    with over(None), connection.cursor() as db:
        db.execute(statement.text, statement.params)
        names = [column.name for column in db.description]
        found = [dict(zip(names, row, strict=True)) for row in db.fetchall()]
    more, found = len(found) > limit, found[:limit]
    rows = found[::-1] if backwards else found
    many = rows[0]["many"] if rows else 0
    called = names_of_leads([row["id"] for row in rows])
    about = [str(card.id), name, (began or as_of).isoformat()]

    def at(row: dict[str, Any], back: bool) -> str:
        return signing.dumps([*about, back, abs(row["score"] - row["was"]), str(row["id"])], salt=SALT)

    return Listed(
        [
            {key: row[key] for key in row if key != "many"} | {"name": called.get(row["id"], "")}
            for row in rows
        ],
        many,
        sample,
        at(rows[-1], False) if rows and (bool(cursor) if backwards else more) else "",
        at(rows[0], True) if rows and (more if backwards else bool(cursor)) else "",
    )


def page_of(
    engine: Engine,
    card: ReadCard,
    name: str,
    sample: int,
    backwards: bool,
    position: tuple[int, str] | None,
    most: int,
) -> Sql:
    """The statement of one page, and how many there are in all."""
    beyond = Sql("TRUE")
    if position is not None:
        nearer, after = (">", "<") if backwards else ("<", ">")
        beyond = put(
            f"(moved {nearer} {{}} OR moved = {{}} AND id {after} {{}}::uuid)", position[0], *position
        )
    order = "moved, id DESC" if backwards else "moved DESC, id"
    return put(
        f"WITH {{}}, crossing AS MATERIALIZED (SELECT {COLUMNS}, abs(score - was_score) AS moved FROM scored"
        f" WHERE {condition(engine, card, name)})"
        f" SELECT id, was, was_grade, score, grade, (SELECT count(*) FROM crossing) AS many FROM crossing"
        f" WHERE {{}} ORDER BY {order} LIMIT {{}}",
        summed(engine, card, sample),
        beyond,
        most,
    )


def condition(engine: Engine, card: ReadCard, name: str) -> str:
    """Which of the scored leads are in the list."""
    kind, _dash, of = name.partition("-")
    if name in LISTS or name == "changed":
        return LISTS.get(name, CHANGED)
    if kind in ALL_GRADES and of in ALL_GRADES:
        return f"was_grade = '{kind}' AND grade = '{of}'"
    if kind in ("now", "then") and of in ALL_GRADES:
        return f"{'was_grade' if kind == 'now' else 'grade'} = '{of}'"
    rule = next((one for one in card.rules if str(one.id) == of), None)
    if kind not in ("matches", "decided") or rule is None:
        raise Invalid.field("list", _("There is no such list."), "unknown_value")
    matched, decides = rule_questions(engine, rule)
    return matched if kind == "matches" else f"CASE WHEN {matched} THEN {decides} END"


def title_of(card: ReadCard, name: str) -> str:
    """What a list is called; Invalid when there is none of that name."""
    kind, _dash, of = name.partition("-")
    named = {
        "changed": _("Leads with another score"),
        "rising": _("Rise above the MQL line"),
        "falling": _("Fall below the MQL line"),
        "up": _("To a better grade"),
        "down": _("To a worse grade"),
    }
    if name in named:
        return named[name]
    if kind in ALL_GRADES:
        return _("From grade %(before)s to %(after)s") % {"before": kind, "after": of}
    if kind in ("now", "then"):
        text = _("Grade %(grade)s now") if kind == "now" else _("Grade %(grade)s with this card")
        return text % {"grade": of}
    label = next((said(rule.label) for rule in card.rules if str(rule.id) == of), "")
    text = _("Met by “%(rule)s”") if kind == "matches" else _("Grade decided by “%(rule)s”")
    return text % {"rule": label}


def read_cursor(cursor: str, about: list[str]) -> tuple[datetime | None, bool, tuple[int, str] | None]:
    """(as of when the list was begun, whether it is read backwards, the place it goes on from)."""
    if not cursor:
        return None, False, None
    try:
        card, name, began, backwards, moved, pk = signing.loads(cursor, salt=SALT)
    except signing.BadSignature as forged:
        raise ValueError(_("This cursor is not one of ours. Start again without it.")) from forged
    if [card, name] != about:
        raise ValueError(_("This cursor belongs to another ordering. Start again without it."))
    return datetime.fromisoformat(began), backwards, (moved, str(UUID(pk)))
