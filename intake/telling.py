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


SENTENCES: dict[str, Sentence] = {"withdrawn": withdrawn, "unfilled": unfilled}
