"""Why two leads are thought to be one, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def said(reasons: Iterable[Mapping[str, Any]]) -> str:
    """The reasons as one phrase: "same phone, similar name"."""
    return pgettext("between items", ", ").join(sentence(one) for one in reasons)


def sentence(reason: Mapping[str, Any]) -> str:
    """One reason in words. ``level``: same, similar, different."""
    texts = {
        "same": _("same %(field)s"),
        "similar": _("similar %(field)s"),
        "different": _("different %(field)s"),
    }
    field = reason.get("label") or reason.get("field", "")
    return texts.get(reason.get("level", ""), "%(field)s") % {"field": field}
