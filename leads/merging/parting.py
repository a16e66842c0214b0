"""What the survivor goes back to when a merge is undone: as if it had never been, but for what was changed since.

Merges of one lead may be undone in any order: what an earlier one had brought, and is undone by now, is not what
the lead goes back to.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from leads.merging.facts import (
    EARLIEST,
    FACTS,
    FIRST_DUE,
    LATEST,
    OTHER,
    PURSUIT,
    STATE,
    TOGETHER,
    Row,
    keys_changed,
)
from leads.models import Merge
from leads.normalise import domain_of

HOLDING = ("stage", "pool", "owner_id")
Left = list[dict[str, Any]]


def merges_of(found: Merge) -> list[Merge]:
    """Everything that the same lead ever took up, in order."""
    return list(Merge.objects.filter(taker=found.taker).defer("moved", "aside").order_by("pk"))


def as_before(this: Row, found: Merge, merges: Sequence[Merge]) -> tuple[Row, Left]:
    """The survivor's columns as they were, and what is left because it was changed since."""
    undone = [
        one
        for one in reversed(merges)
        if one.pk < found.pk and one.undone_at and one.undone_at >= found.at  # else it was undone before
    ]
    news, left = facts_before(this, found, undone)
    if "attributes" in found.changes:
        news["attributes"], kept = attributes_before(this["attributes"], found, undone)
        left += [{"what": f"attributes.{key}"} for key in kept]
    news |= moments_before(this, found, merges)
    if "website" in news or "email" in news:
        after = this | news
        news["domain"] = domain_of(after["website"]) or domain_of(after["email"])
    pursuit = pursuit_before(this, found, merges, undone)
    if pursuit is None:
        left.append({"what": PURSUIT})
    return news | (pursuit or {}), left


def pursuit_before(this: Row, found: Merge, merges: Sequence[Merge], undone: Sequence[Merge]) -> Row | None:
    """Stage and holder as they were; None where they have moved on, or are another lead's by now."""
    if found.pursuit != OTHER:  # two of one holder: the clock goes back to the lead's own
        own = {name: pair for name, pair in found.changes.items() if name in STATE}
        return {name: before for name, (before, after) in own.items() if this[name] == after}
    later = any(one.pk > found.pk and one.pursuit == OTHER and not one.undone_at for one in merges)
    if later or any(this[name] != found.row[name] for name in HOLDING):
        return None
    return taken_back(STATE, found, undone)


def facts_before(this: Row, found: Merge, undone: Sequence[Merge]) -> tuple[Row, Left]:
    """A fact goes back with all that was worked out of it, or stays with it."""
    news: Row = {}
    left: Left = []
    for name in FACTS:
        columns = TOGETHER.get(name, (name,))
        if not any(column in found.changes for column in columns):
            continue
        if this[columns[0]] == found.row[columns[0]]:
            news |= taken_back(columns, found, undone)
        else:
            left.append({"what": columns[0]})
    return news, left


def taken_back(columns: Iterable[str], found: Merge, undone: Sequence[Merge]) -> Row:
    """Columns that came from the other lead together, as they were before, without what is undone by now."""
    news: Row = {}
    for column in columns:
        value, changed = found.changes.get(column, [found.row[column]])[0], column in found.changes
        for before, after in (one.changes[column] for one in undone if column in one.changes):
            value, changed = before if value == after else value, True
        if changed:
            news[column] = value
    return news


def attributes_before(now: Row, found: Merge, undone: Sequence[Merge]) -> tuple[Row, list[str]]:
    """Of the workspace's own fields: (as they were, the keys that were changed since)."""
    before, after = found.changes["attributes"]
    was = dict(before)
    for one in undone:
        if "attributes" in one.changes:
            was = stepped_back(was, *one.changes["attributes"])
    names = keys_changed(before, after)
    kept = [key for key in names if now.get(key) != after.get(key)]
    news = {key: value for key, value in now.items() if key not in names or key in kept}
    return news | {key: was[key] for key in names if key in was and key not in kept}, kept


def stepped_back(now: Row, before: Row, after: Row) -> Row:
    back = [key for key in keys_changed(before, after) if now.get(key) == after.get(key)]
    kept = {key: value for key, value in now.items() if key not in back}
    return kept | {key: before[key] for key in back if key in before}


def moments_before(this: Row, found: Merge, merges: Sequence[Merge]) -> Row:
    """The first and last moments that are the other lead's: the lead's own, or those of what it still has taken up."""
    news = {
        name: found.changes[name][0]
        for name in FIRST_DUE
        if name in found.changes and this[name] == found.changes[name][1]
    }
    still = [one.row for one in merges if one.undone_at is None and one.pk != found.pk]
    for names, pick in ((EARLIEST, min), (LATEST, max)):
        for name in names:
            own = next((one.changes[name][0] for one in merges if name in one.changes), this[name])
            if this[name] == found.row[name] and this[name] != own:
                moments = [at for at in (own, *(row[name] for row in still)) if at]
                news[name] = pick(moments) if moments else None
    return news
