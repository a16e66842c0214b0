"""What this room writes into timelines, as sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leads.telling import Data, Reader, Sentence, label


def withdrawn(data: Data, reader: Reader) -> str:
    return _("Deleted again: its import was undone")


def unfilled(data: Data, reader: Reader) -> str:
    names = [label(name.removeprefix("attributes.")) for name in data.get("fields", [])]
    facts = pgettext("between items", ", ").join(names)
    return _("An import was undone; made blank again: %(facts)s") % {"facts": facts}


def retracted(data: Data, reader: Reader) -> str:
    if not data.get("tags"):
        return _("An import was undone: it has not come again by that list")
    tags = pgettext("between items", ", ").join(data["tags"])
    return _("An import was undone: it has not come again by that list; tags taken off: %(tags)s") % {
        "tags": tags
    }


SENTENCES: dict[str, Sentence] = {"withdrawn": withdrawn, "unfilled": unfilled, "retracted": retracted}
