"""A notice as people read it: one sentence and what to look at, in the reader's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from leads.models import Lead
from leads.telling import label, listed, step_name
from notices.models import Kind, Notice
from workspaces.models import Member
from workspaces.tenancy import current_workspace

Data = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """``title``: what happened; ``text``: why, or what to do; '' when the title says it all."""

    title: str
    text: str = ""


class Teller:
    """Says notices; knows the names in them: one query for any number."""

    def __init__(self, notices: Sequence[Notice]) -> None:
        ids = {str(one.actor_id) for one in notices if one.actor_id}
        ids |= {one.data[key] for one in notices for key in ("owner", "former_owner") if one.data.get(key)}
        members = Member.objects.filter(pk__in=ids) if ids else []
        self.names = {str(member.pk): str(member) for member in members}

    def tell(self, notice: Notice) -> Told:
        say = SAID.get(notice.kind)
        return say(self, notice) if say else Told(notice.get_kind_display())

    def name(self, pk: Any) -> str:
        return self.names.get(str(pk), _("somebody who is no longer here"))

    def who(self, notice: Notice) -> str:
        return self.name(notice.actor_id) if notice.actor_id else _("The system")


def told(notices: Iterable[Notice]) -> list[tuple[Notice, Told]]:
    found = list(notices)
    teller = Teller(found)
    return [(one, teller.tell(one)) for one in found]


def what(notice: Notice) -> str:
    """The lead by its name, or how many."""
    if "count" in notice.data:
        many = notice.data["count"]
        return ngettext("%(count)d lead", "%(count)d leads", many) % {"count": many}
    return lead_name(notice.lead) if notice.lead else _("a lead that is no longer here")


def lead_name(lead: Lead) -> str:
    """Without contact data: who is told may no longer hold it."""
    return lead.name or _("a lead without a name")


def many(notice: Notice) -> int:
    return int(notice.data.get("count", 1))


def moment(value: Any) -> str:
    found = value if isinstance(value, datetime) else parse_datetime(str(value))
    return found.astimezone(current_workspace().tz).strftime("%Y-%m-%d %H:%M") if found else str(value)


def joined(*parts: str) -> str:
    """Sentences one after the other; empty ones left out."""
    text = ""
    for part in filter(None, parts):
        before_and_after = pgettext("two sentences", "%(before)s %(after)s")
        text = before_and_after % {"before": text, "after": part} if text else part
    return text


def assigned(teller: Teller, notice: Notice) -> Told:
    data = notice.data
    title = ngettext("%(lead)s is yours now", "%(lead)s are yours now", many(notice))
    if notice.actor_id:
        why = _("Given by %(name)s.") % {"name": teller.who(notice)}
    else:
        why = _("Assigned by the rule “%(rule)s”.") % {"rule": data["rule"]} if data.get("rule") else ""
    before = (
        _("Held by %(name)s before.") % {"name": teller.name(data["former_owner"])}
        if data.get("former_owner")
        else ""
    )
    return Told(title % {"lead": what(notice)}, joined(why, data.get("note") or "", before))


def handover(teller: Teller, notice: Notice) -> Told:
    title = ngettext("%(lead)s was handed over to you", "%(lead)s were handed over to you", many(notice))
    before = _("From %(name)s.") % {"name": teller.name(notice.data.get("former_owner"))}
    read = _("Read what was last said, what the gate wants and the next step.")
    return Told(title % {"lead": what(notice)}, joined(before, notice.data.get("note") or "", read))


def reclaim_warning(teller: Teller, notice: Notice) -> Told:
    one, several = _("%(lead)s goes back at %(time)s"), _("%(lead)s go back, the first at %(time)s")
    places = {"lead": what(notice), "time": moment(notice.data.get("due"))}
    title = (one if many(notice) == 1 else several) % places
    return Told(title, joined(because(notice.data), away(teller, notice.data)))


def away(teller: Teller, data: Data) -> str:
    """Where the holder of what goes back can't do anything about it; said to their managers."""
    if not data.get("away_until"):
        return ""
    day = date_format(date.fromisoformat(data["away_until"]), "DATE_FORMAT")
    return _("%(name)s is away until %(day)s.") % {"name": teller.name(data.get("owner")), "day": day}


def because(data: Data) -> str:
    """Why the clock takes a lead back, and which facts it wants. A reason that somebody wrote stays as it is."""
    code, missing = data.get("reason"), data.get("missing")
    if code == "facts" and missing:
        named = listed(label(name) for name in missing)
        return _("What must be known by now is not filled in: %(facts)s.") % {"facts": named}
    known = {
        "first_contact": _("Nobody has contacted it in time."),
        "follow_up": _("Nobody has followed it up in time."),
        "max_hold": _("It was held as long as anybody may."),
        "facts": _("What must be known by now is not filled in."),
        "invalid": _("Colleagues marked it as invalid."),
        "late": _("The response time had run out."),
        "lose": _("It was lost."),
        "disqualify": _("It was disqualified."),
        "send_back": _("It was sent back to marketing."),
        "merged": _("It was merged with another lead."),
    }
    return known.get(str(code), str(code or ""))


def reclaimed(teller: Teller, notice: Notice) -> Told:
    data = notice.data
    if notice.actor_id:
        title = _("%(name)s took %(lead)s from you") % {"name": teller.who(notice), "lead": what(notice)}
    else:
        title = ngettext("%(lead)s was taken back", "%(lead)s were taken back", many(notice))
        title %= {"lead": what(notice)}
    now = _("%(name)s has it now.") % {"name": teller.name(data["owner"])} if data.get("owner") else ""
    return Told(title, joined(because(data), now))


def claimed_by_other(teller: Teller, notice: Notice) -> Told:
    places = {"name": teller.name(notice.data.get("owner")), "lead": what(notice)}
    return Told(_("%(name)s has %(lead)s now") % places, notice.data.get("note") or because(notice.data))


def came_again(teller: Teller, notice: Notice) -> Told:
    title = _("%(lead)s came again") % {"lead": what(notice)}
    return Told(title, _("They reached out once more: a good moment to answer."))


def resumed(teller: Teller, notice: Notice) -> Told:
    data = notice.data
    reason = (
        _("Put aside because: %(reason)s.") % {"reason": data["reason"].rstrip(".。")}
        if data.get("reason")
        else ""
    )
    angle = _("Way back in: %(angle)s.") % {"angle": data["angle"]} if data.get("angle") else ""
    return Told(_("%(lead)s is back from being deferred") % {"lead": what(notice)}, joined(reason, angle))


def task_due(teller: Teller, notice: Notice) -> Told:
    about = what(notice) if notice.lead_id else ""
    return Told(_("Due: %(task)s") % {"task": notice.data.get("title", "")}, about)


def mention(teller: Teller, notice: Notice) -> Told:
    places = {"name": teller.who(notice), "lead": what(notice)}
    return Told(_("%(name)s mentioned you at %(lead)s") % places, notice.data.get("text", ""))


def approval_wanted(teller: Teller, notice: Notice) -> Told:
    places = {
        "name": teller.who(notice),
        "lead": what(notice),
        "step": step_name(notice.data.get("transition", "")),
    }
    title = _("%(name)s asks you to approve “%(step)s” for %(lead)s") % places
    return Told(title, notice.data.get("note", ""))


def approval_decided(teller: Teller, notice: Notice) -> Told:
    places = {
        "name": teller.who(notice),
        "lead": what(notice),
        "step": step_name(notice.data.get("transition", "")),
    }
    text = (
        _("%(name)s approved “%(step)s” for %(lead)s")
        if notice.data.get("approved")
        else _("%(name)s did not approve “%(step)s” for %(lead)s")
    )
    return Told(text % places, notice.data.get("reason", ""))


def response_due(teller: Teller, notice: Notice) -> Told:
    count = many(notice)
    places = {"lead": what(notice), "time": moment(notice.data.get("due"))}
    if notice.data.get("missed"):
        title = ngettext("The response to %(lead)s is late", "The responses to %(lead)s are late", count)
        return Told(title % places, was_due(count) % places)
    one = _("%(lead)s: get in touch by %(time)s")
    several = _("%(lead)s: get in touch, with the first by %(time)s")
    title = one if count == 1 else several
    first = notice.data.get("awaited") == "first_contact"
    text = _("Nobody has spoken with them yet.") if first else _("It has been quiet for long.")
    return Told(title % places, text)


def was_due(count: int) -> str:
    return _("It was due at %(time)s.") if count == 1 else _("The first was due at %(time)s.")


def response_late(teller: Teller, notice: Notice) -> Told:
    count = many(notice)
    places = {
        "name": teller.name(notice.data.get("owner")),
        "lead": what(notice),
        "time": moment(notice.data.get("due")),
    }
    if notice.data.get("missed"):
        text = joined(was_due(count) % places, nobody_else(notice.data.get("left", "")))
        return Told(_("%(name)s is late with %(lead)s") % places, text)
    due = _("It is due at %(time)s.") if count == 1 else _("The first is due at %(time)s.")
    return Told(_("%(name)s has not contacted %(lead)s yet") % places, due % places)


def nobody_else(code: str) -> str:
    """Why a lead that should have gone to somebody else is still where it was."""
    reasons = {
        "no_rule": _("no assignment rule fits it"),
        "full": _("everybody else holds as many leads as they may"),
        "absent": _("everybody else is absent"),
        "off_hours": _("nobody is at work now"),
    }
    if not code:
        return ""
    text = _("It should have gone to somebody else, and %(reason)s. It is tried again each hour.")
    return text % {"reason": reasons.get(code, _("nobody could take it"))}


def channel_failing(teller: Teller, notice: Notice) -> Told:
    name = notice.data.get("name") or _("E-mail")
    return Told(_("Nothing gets through to “%(name)s”") % {"name": name}, notice.data.get("fault", ""))


def scorecard_review(teller: Teller, notice: Notice) -> Told:
    """What the month's review found: grades off their promise, odd rules, shifted marks, suggestions."""
    data = notice.data
    counts = [
        ngettext(
            "%(n)d grade is off its promise", "%(n)d grades are off their promise", data.get("grades", 0)
        )
        % {"n": data.get("grades", 0)},
        ngettext("%(n)d rule is dead or turned", "%(n)d rules are dead or turned", data.get("rules", 0))
        % {"n": data.get("rules", 0)},
        ngettext("%(n)d change is suggested", "%(n)d changes are suggested", data.get("changes", 0))
        % {"n": data.get("changes", 0)},
    ]
    places = {"month": data.get("month", ""), "team": data.get("of", "")}
    title = _("The scorecard's review of %(month)s is written") % places
    if places["team"]:
        title = _("The review of %(month)s of the scorecard of “%(team)s” is written") % places
    return Told(title, pgettext("between findings", "; ").join(counts))


def scorecard_learned(teller: Teller, notice: Notice) -> Told:
    """A draft that nobody has asked for this month: it scores nothing until somebody activates it."""
    title = _("A scorecard was learned anew: “%(card)s”") % {"card": notice.data.get("card", "")}
    return Told(title, _("It is a draft. Look at its proof before you activate it."))


SAID: dict[str, Any] = {
    Kind.ASSIGNED: assigned,
    Kind.HANDOVER: handover,
    Kind.RECLAIM_WARNING: reclaim_warning,
    Kind.RECLAIMED: reclaimed,
    Kind.CLAIMED_BY_OTHER: claimed_by_other,
    Kind.CAME_AGAIN: came_again,
    Kind.RESUMED: resumed,
    Kind.TASK_DUE: task_due,
    Kind.MENTION: mention,
    Kind.APPROVAL_WANTED: approval_wanted,
    Kind.APPROVAL_DECIDED: approval_decided,
    Kind.RESPONSE_DUE: response_due,
    Kind.RESPONSE_LATE: response_late,
    Kind.SCORECARD_REVIEW: scorecard_review,
    Kind.SCORECARD_LEARNED: scorecard_learned,
    Kind.CHANNEL_FAILING: channel_failing,
}
