"""Tags by name, written in sets."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from leads.actions.naming import called
from leads.inserting import insert_rows
from leads.models import LeadTag, Tag
from leads.normalise import fold
from workspaces.texts import clean_text


def key_of(name: str) -> str:
    return fold(clean_text(name))[:100]


def resolve_tags(names: Iterable[str]) -> dict[str, Tag]:
    """The tag of each name, made where it is new."""
    return called(Tag, names, key_of, new_tag)


def new_tag(name: str) -> Tag:
    """A tag that is not written yet."""
    return Tag(name=clean_text(name)[:100], name_key=key_of(name))


def tag_rows(
    pairs: set[tuple[UUID, str]], as_of: datetime, *, by_hand: bool = False, telling: bool = False
) -> list[tuple[UUID, UUID]]:
    """Put tags on leads: (lead id, tag name). What is there already stays as it is.

    ``by_hand``: a person does, not a list or a form; ``telling``: say what was not there, as (lead id, tag id); it
    costs something where tags are many.
    """
    tags = resolve_tags({name for _, name in pairs})
    rows = sorted({(lead, tags[name].pk) for lead, name in pairs if name in tags})
    return insert_rows(
        LeadTag,
        len(rows),
        as_of=as_of,
        unless_there=True,
        returning=("lead_id", "tag_id") if telling else (),
        lead_id=[lead for lead, _tag in rows],
        tag_id=[tag for _lead, tag in rows],
        rule_id=None,
        by_hand=by_hand,
    )
