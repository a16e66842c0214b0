"""Why two leads are thought to be one, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leads.matching.levels import CLOSE, DIFFERENT, SAME, SIMILAR, SWAPPED, UNSAID
from leads.matching.model import Compared


def said(reasons: Iterable[Mapping[str, Any]]) -> str:
    """The reasons as one phrase: "same phone, similar name"."""
    return pgettext("between items", ", ").join(sentence(one) for one in reasons)


def sentence(reason: Mapping[str, Any]) -> str:
    """One reason in words. ``level``: same, similar, swapped, different; linked."""
    texts = {
        "same": _("same %(field)s"),
        "similar": _("similar %(field)s"),
        "different": _("different %(field)s"),
        "swapped": _("%(field)s swapped with another field"),
        "linked": _("both are like a third lead"),
    }
    field = reason.get("label") or reason.get("field", "")
    return texts.get(reason.get("level", ""), "%(field)s") % {"field": field}


LEVELS = {SAME: "same", CLOSE: "similar", SIMILAR: "similar", SWAPPED: "swapped", DIFFERENT: "different"}


def reasons_of(compared: Compared, rows: np.ndarray) -> list[list[dict[str, Any]]]:
    """Why each of these pairs is thought to be one, and what speaks against it: [{"field", "level", "weight"}]."""
    found: list[list[dict[str, Any]]] = [[] for _row in rows]
    for name, levels in compared.levels.items():
        weights = np.round(compared.weights[name][rows], 2).tolist()
        for reasons, level, weight in zip(found, levels[rows].tolist(), weights, strict=True):
            if level != UNSAID:
                reasons.append({"field": name, "level": LEVELS[level], "weight": weight})
    for reasons in found:
        reasons.sort(key=lambda one: -one["weight"])
    return found


def labelled(reasons: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Reasons with the name of their field and the sentence, in the reader's language."""
    found = []
    for one in reasons:
        reason = dict(one) | {"label": label_of(one["field"], labels)}
        found.append(reason | {"text": sentence(reason)})
    return found


def label_of(name: str, labels: Mapping[str, str]) -> str:
    if name.startswith("attributes."):
        key = name.removeprefix("attributes.")
        return labels.get(key, key)
    named = {
        "name": _("name"),
        "email": _("e-mail"),
        "phone": _("phone"),
        "wechat": _("WeChat"),
        "credit_code": _("unified social credit code"),
        "company": _("company"),
        "domain": _("domain"),
        "title": _("title"),
        "region": _("region"),
    }
    return named.get(name, name)
