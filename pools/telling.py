"""What the pools write into timelines, as sentences."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.models import Pool
from leads.telling import Data, Reader, Sentence, ended, label, listed, way_in
from pools.words import LEFT, clock_reason, why_sentence


def claimed(data: Data, reader: Reader) -> str:
    return got(_("%(owner)s claimed it"), "claimed", data, reader)


def assigned(data: Data, reader: Reader) -> str:
    return got(_("Assigned to %(owner)s"), "assigned", data, reader)


def given(data: Data, reader: Reader) -> str:
    return got(_("Handed to %(owner)s"), "given", data, reader)


def got(text: str, began: str, data: Data, reader: Reader) -> str:
    text = text % {"owner": reader.member(data.get("owner"))}
    return f"{text}. {why_sentence(began, dict(data))}"


def released(data: Data, reader: Reader) -> str:
    reason = data.get("reason") or ""
    text = _("It left %(owner)s") if reason in LEFT else _("%(owner)s gave it back")
    return ended(text % {"owner": reader.member(data.get("former_owner"))}, clock_reason(reason))


def reclaimed(data: Data, reader: Reader) -> str:
    places = {
        "owner": reader.member(data.get("former_owner")),
        "pool": pool_name(data.get("pool")),
        "reason": clock_reason(data.get("reason") or ""),
    }
    text = _("Taken back from %(owner)s into the %(pool)s: %(reason)s") % places
    return ended(text, missing_facts(data.get("missing") or []))


def missing_facts(names: list[str]) -> str:
    """The facts that were missing, by name."""
    return listed(label(name) for name in names)


def warned(data: Data, reader: Reader) -> str:
    places = {
        "owner": reader.member(data.get("owner")),
        "time": reader.moment(data.get("due")),
        "reason": clock_reason(data.get("reason") or ""),
    }
    text = _("%(owner)s was warned: it goes back at %(time)s, %(reason)s") % places
    return ended(text, missing_facts(data.get("missing") or []))


def extended(data: Data, reader: Reader) -> str:
    text = _("The clock was extended until %(time)s") % {"time": reader.moment(data.get("until"))}
    return ended(text, data.get("reason") or "")


def locked(data: Data, reader: Reader) -> str:
    text = _("Locked: no clock takes it before %(time)s") % {"time": reader.moment(data.get("until"))}
    return ended(text, data.get("reason") or "")


def unlocked(data: Data, reader: Reader) -> str:
    return _("The lock was lifted: the clock counts again")


def marked_invalid(data: Data, reader: Reader) -> str:
    marks = int(data.get("marks") or 1)
    text = ngettext(
        "Marked as invalid, by %(count)d person so far", "Marked as invalid, by %(count)d so far", marks
    )
    return ended(text % {"count": marks}, data.get("reason") or "")


def unmarked_invalid(data: Data, reader: Reader) -> str:
    return _("A mark as invalid was taken back")


def brought_back(data: Data, reader: Reader) -> str:
    text = _("Back from the recycle pool: it came in once more (%(how)s)")
    return text % {"how": way_in(data)}


def response_late(data: Data, reader: Reader) -> str:
    places = {"owner": reader.member(data.get("owner")), "time": reader.moment(data.get("due"))}
    return _("%(owner)s missed the response time: it was due at %(time)s") % places


def response_ended(data: Data, reader: Reader) -> str:
    places = {"policy": data.get("policy") or "", "time": reader.moment(data.get("due"))}
    return _("No response is awaited any more by %(time)s: “%(policy)s” was switched off") % places


def pool_name(code: Any) -> str:
    return str(dict(Pool.choices).get(code, code)).lower()


SENTENCES: dict[str, Sentence] = {
    "claimed": claimed,
    "assigned": assigned,
    "given": given,
    "released": released,
    "reclaimed": reclaimed,
    "warned": warned,
    "response_late": response_late,
    "response_ended": response_ended,
    "brought_back": brought_back,
    "extended": extended,
    "locked": locked,
    "unlocked": unlocked,
    "marked_invalid": marked_invalid,
    "unmarked_invalid": unmarked_invalid,
}
