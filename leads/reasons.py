"""Why a lead was put aside: deferred, lost and disqualified are three things, each with reasons of its own."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from leads.models.deferral import DeferReason, DisqualifyReason, LostReason
from workspaces.refusals import Invalid

REASONS: dict[str, Any] = {"defer": DeferReason, "lose": LostReason, "disqualify": DisqualifyReason}
OTHER = "other"


def with_code(step: str, details: dict[str, Any]) -> dict[str, Any]:
    """The details of a step with its reason as a code and as a text; a text alone is "other".

    Invalid: a code that this step does not know.
    """
    known = REASONS.get(step)
    if known is None:
        return details
    code, text = str(details.get("reason_code") or ""), str(details.get("reason") or "")
    if code and code not in known.values:
        message = _("Known values: %(known)s.") % {"known": ", ".join(known.values)}
        raise Invalid.field("reason_code", message, "unknown_value")
    code = code or (text if text in known.values else OTHER if text else "")
    if not code:
        return details
    return details | {"reason_code": code, "reason": text or code}


def said(step: str, code: str, text: str = "") -> str:
    """ "Budget not granted: next fiscal year": the reason in the reader's language, and what was written."""
    known = REASONS.get(step)
    label = str(dict(known.choices).get(code, "")) if known and code != OTHER else ""
    text = "" if text in (code, label) else text
    if label and text:
        return _("%(sentence)s: %(text)s") % {"sentence": label, "text": text}
    return label or text


def of_deferral(deferral: Mapping[str, Any]) -> str:
    """Why this lead was deferred, in words; '' when nothing is known."""
    code, text = str(deferral.get("reason_code") or ""), str(deferral.get("reason") or "")
    return said("defer", code, text) or (text if text != OTHER else "")


def choices(step: str) -> list[tuple[str, str]]:
    known = REASONS.get(step)
    return [(value, str(label)) for value, label in known.choices] if known else []
