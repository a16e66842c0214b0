"""What happened, as a sentence in the reader's language. One entry of the timeline, one sentence.

Rooms above add the kinds they write to ``sentences`` (told by leadcrm/flow.py). A sentence gets the
entry's data and a Reader, who knows names, labels and the local time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leads.frameworks import TEMPLATES
from leads.masking import MASKS
from leads.models import Company, CustomField, Lead, Stage, TimelineEntry
from leads.models.assessment import Verdict
from leads.models.company import BuyingRole
from leads.models.followup import FollowUpChannel, Moved, Outcome
from leads.models.lead import Quality
from leads.models.source import Channel
from leads.reasons import of_deferral, said
from workspaces.models import Member
from workspaces.tenancy import current_workspace

Data = Mapping[str, Any]
Sentence = Callable[[Data, "Reader"], str]
MEMBERS = ("owner", "former_owner", "member")  # keys of data that hold a member's id


@dataclass
class Reader:
    """Who reads: names of members by id, whether contact data is shown, and the clock on the wall."""

    names: dict[str, str] = field(default_factory=dict)
    sees_contact_data: bool = True

    def member(self, pk: Any) -> str:
        return self.names.get(str(pk), _("somebody who is no longer here"))

    def moment(self, value: Any) -> str:
        found = parse_datetime(str(value)) if not isinstance(value, datetime) else value
        if found is None or found.tzinfo is None:
            return str(value)
        return found.astimezone(current_workspace().tz).strftime("%Y-%m-%d %H:%M")

    def fact(self, name: str, value: Any) -> str:
        if value in (None, ""):
            return pgettext("a fact that is not set", "empty")
        if name in MASKS and not self.sees_contact_data:
            return MASKS[name](str(value))
        choices = dict(FACTS[name].flatchoices) if name in FACTS else {}
        return str(choices.get(str(value), self.names.get(str(value), value)))


DERIVED = ("email_key", "email_traits", "phone_e164", "domain")  # worked out of what is said
FACTS: dict[str, Any] = {one.name: one for one in Lead._meta.local_fields}


def label(name: str) -> str:
    """What a fact is called: ``need_level`` is "need"."""
    named = {
        "company": _("company"),
        "company_id": _("company"),
        "channel": _("channel"),
        "channel_id": _("channel"),
        "attributes": _("custom fields"),
        "quality": _("quality"),
        "assessment": _("answers"),
    }
    return named.get(name) or (str(FACTS[name].verbose_name) if name in FACTS else name)


def known(choices: Any, value: Any) -> str:
    return str(dict(choices.choices).get(value, value))


def listed(words: Iterable[str]) -> str:
    return pgettext("between items", ", ").join(words)


def ended(text: str, more: str = "") -> str:
    """A sentence with what somebody wrote after a colon."""
    return _("%(sentence)s: %(text)s") % {"sentence": text, "text": more} if more else text


def captured(data: Data, reader: Reader) -> str:
    if data.get("referred_by_name"):
        return _("Recommended by %(name)s") % {"name": data["referred_by_name"]}
    sources = {
        "api": _("Came in through the API"),
        "form": _("Came in through a form"),
        "import": _("Came in with an import"),
        "hand": _("Entered by hand"),
        "webhook": _("Came in through a webhook"),
    }
    return sources.get(data.get("source", ""), _("Came in"))


def came_again(data: Data, reader: Reader) -> str:
    filled = [label(name) for name in data.get("filled", []) if name not in DERIVED]
    text = _("Came in again; nothing was overwritten")
    return _("%(text)s, filled in: %(facts)s") % {"text": text, "facts": listed(filled)} if filled else text


def changed_facts(data: Data, reader: Reader) -> Iterator[tuple[str, str, Any, Any]]:
    """(name, label, before, after) of each fact that was changed; of custom fields each by itself."""
    for name, pair in data.get("changes", {}).items():
        if not isinstance(pair, list) or len(pair) != 2 or name in DERIVED:
            continue
        if name != "attributes":
            yield name, label(name), *pair
            continue
        before, after = (one if isinstance(one, dict) else {} for one in pair)
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                yield f"{name}.{key}", reader.names.get(f"{name}.{key}", key), before.get(key), after.get(key)


def edited(data: Data, reader: Reader) -> str:
    changes = [
        _("%(fact)s: %(before)s → %(after)s")
        % {"fact": fact, "before": reader.fact(name, before), "after": reader.fact(name, after)}
        for name, fact, before, after in changed_facts(data, reader)
    ]
    return ended(_("Facts changed"), pgettext("between changes", "; ").join(changes))


def enriched(data: Data, reader: Reader) -> str:
    facts = [
        _("%(fact)s: %(value)s") % {"fact": fact, "value": reader.fact(name, after)}
        for name, fact, _before, after in changed_facts(data, reader)
    ]
    if "no_mail" in str(data.get("changes", {}).get("email_traits", "")):
        facts.append(_("its e-mail domain takes no mail"))
    places = {"source": data.get("name", ""), "facts": pgettext("between changes", "; ").join(facts)}
    return _("Filled in by %(source)s: %(facts)s") % places


def followed_up(data: Data, reader: Reader) -> str:
    text = known(FollowUpChannel, data.get("channel"))
    if data.get("outcome"):
        text = _("%(channel)s, %(outcome)s") % {
            "channel": text,
            "outcome": known(Outcome, data["outcome"]).lower(),
        }
    if data.get("customer_initiated"):
        text = _("%(text)s (they came to us)") % {"text": text}
    if data.get("moved"):
        text += " · " + listed(known(Moved, one) for one in data["moved"])
    text = ended(_("Followed up by %(what)s") % {"what": text.lower()}, data.get("summary", ""))
    if data.get("next_action"):
        text += " " + _("Next: %(action)s") % {"action": data["next_action"]}
    if data.get("next_at"):
        text += " " + _("(by %(time)s)") % {"time": reader.moment(data["next_at"])}
    return text


def touched(data: Data, reader: Reader) -> str:
    from leads.conditions import phrases

    what = str(phrases.OTHER_TOUCH % {"n": 1, "kind": data.get("touch", "")})
    named = phrases.COUNTED.get(data.get("touch", ""))
    return _("The lead did something: %(what)s") % {"what": str(named % {"n": 1}) if named else what}


def stage(data: Data, reader: Reader) -> str:
    places = {"source": known(Stage, data.get("source")), "target": known(Stage, data.get("target"))}
    text = _("Moved from %(source)s to %(target)s") % places
    if data.get("override"):
        text = _("%(text)s past the gate, because") % {"text": text}
        return ended(text, data["override"])
    if data.get("resume_at"):
        text = _("%(text)s until %(time)s") % {"text": text, "time": reader.moment(data["resume_at"])}
    why = said(data.get("transition", ""), data.get("reason_code", ""), data.get("reason", ""))
    return ended(text, why or data.get("note") or "")


def resumed(data: Data, reader: Reader) -> str:
    began = {
        "touch": _("Back because it did something, put aside earlier because"),
        "field": _("Back because a fact changed, put aside earlier because"),
    }
    if data.get("by") == "again":
        began["again"] = _("Back because it came in again, put aside earlier because")
        if data.get("was", Stage.DEFERRED) != Stage.DEFERRED:
            return again_after(data)
    text = began.get(data.get("by", ""), _("Back on its day, put aside earlier because"))
    text = ended(text, of_deferral(data) or "—")
    if data.get("trigger"):
        text += " " + _("Trigger: %(trigger)s.") % {"trigger": data["trigger"]}
    if data.get("angle"):
        text += " " + _("Way back in: %(angle)s.") % {"angle": data["angle"]}
    return text


def again_after(data: Data) -> str:
    """Why a lead that was lost or disqualified begins once more."""
    places = {"stage": known(Stage, data["was"]).lower(), "how": way_in(data)}
    return _("Open again: it came in once more (%(how)s). It was %(stage)s before") % places


def way_in(data: Data) -> str:
    """By which way something came in: "form: Website", "import: spring.csv"."""
    ways = {
        "api": _("API"),
        "form": _("form"),
        "import": _("import"),
        "hand": _("by hand"),
        "webhook": _("webhook"),
    }
    way = str(ways.get(data.get("source", ""), data.get("source", "")))
    what = data.get("file") or data.get("form") or data.get("channel")
    return _("%(sentence)s: %(text)s") % {"sentence": way, "text": what} if what else way


def approval_asked(data: Data, reader: Reader) -> str:
    return _("A manager was asked to approve “%(step)s”") % {"step": step_name(data.get("transition", ""))}


def approval_decided(data: Data, reader: Reader) -> str:
    text = _("Approved: %(step)s") if data.get("approved") else _("Not approved: %(step)s")
    return ended(text % {"step": step_name(data.get("transition", ""))}, data.get("reason", ""))


def step_name(name: str) -> str:
    """A transition in words."""
    steps = {
        "to_mql": _("to MQL"),
        "to_sql": _("to SQL"),
        "to_opportunity": _("to opportunity"),
        "win": _("win"),
        "lose": _("lose"),
        "defer": _("defer"),
        "disqualify": _("disqualify"),
        "reopen": _("reopen"),
        "send_back": _("send back"),
    }
    return steps.get(name, name)


def tagged(data: Data, reader: Reader) -> str:
    return _("Tagged: %(tags)s") % {"tags": listed(data.get("tags", []))}


def untagged(data: Data, reader: Reader) -> str:
    return _("Tags taken off: %(tags)s") % {"tags": listed(data.get("tags", []))}


def contact_added(data: Data, reader: Reader) -> str:
    places = {"name": data.get("name", ""), "role": known(BuyingRole, data.get("role")).lower()}
    return _("%(name)s takes part as %(role)s") % places


def assessed(data: Data, reader: Reader) -> str:
    named = {one.key: one.label for _l, questions in TEMPLATES.values() for one in questions}
    question = str(named.get(data.get("question", ""), data.get("question", "")))
    places = {
        "question": question,
        "verdict": known(Verdict, data.get("verdict")) if data.get("verdict") else "–",
    }
    return ended(_("Assessed %(question)s: %(verdict)s") % places, data.get("note", ""))


def contact_dropped(data: Data, reader: Reader) -> str:
    places = {"name": data.get("name", ""), "role": known(BuyingRole, data.get("role")).lower()}
    return _("%(name)s no longer takes part as %(role)s") % places


def opportunity_changed(data: Data, reader: Reader) -> str:
    named = {
        "name": _("name"),
        "amount": _("amount"),
        "currency": _("currency"),
        "expected_close": _("expected close"),
        "step": _("step"),
        "competitors": _("competitors"),
    }
    return _("Opportunity changed: %(what)s") % {
        "what": listed(named.get(name, name) for name in data.get("opportunity", {}))
    }


def merged(data: Data, reader: Reader) -> str:
    text = _("Took up a second lead, “%(name)s”") % {"name": data.get("name") or "–"}
    if not reader.sees_contact_data:
        text = _("Took up a second lead")
    filled = [reader.names.get(name) or label(name) for name in data.get("facts", []) if name not in DERIVED]
    if data.get("why", {}).get("by") == "rule":
        text = _("%(text)s by itself, because %(why)s") % {"text": text, "why": why_same(data["why"])}
    if filled:
        text = _("%(text)s, and from it: %(facts)s") % {"text": text, "facts": listed(filled)}
    if data.get("former_owner"):
        text = _("%(text)s; %(name)s no longer holds it") % {
            "text": text,
            "name": reader.member(data["former_owner"]),
        }
    return text


def why_same(why: Data) -> str:
    from leads.matching.reasons import said

    return said(why.get("reasons", []))


def parted(data: Data, reader: Reader) -> str:
    text = _("Told apart again: the merge was undone")
    left = len(data.get("kept", []))
    return (
        _("%(text)s; what changed since stayed (%(count)d)") % {"text": text, "count": left} if left else text
    )


def rated(data: Data, reader: Reader) -> str:
    return ended(_("Satisfaction: %(mark)s of 5") % {"mark": data.get("mark")}, data.get("note", ""))


def quality(data: Data, reader: Reader) -> str:
    text = _("Quality: %(quality)s") % {"quality": known(Quality, data.get("quality", ""))}
    return ended(text, data.get("note", ""))


def case_marked(data: Data, reader: Reader) -> str:
    return ended(_("Marked as an example"), data.get("title", ""))


def taken_back(data: Data, reader: Reader) -> str:
    of = data.get("of") or {}
    sentence = sentences.get(of.get("kind", ""))
    return ended(_("Taken back"), sentence(of.get("data") or {}, reader) if sentence else "")


def attached(data: Data, reader: Reader) -> str:
    return _("File added: %(name)s") % {"name": data.get("name", "")}


def detached(data: Data, reader: Reader) -> str:
    return _("File removed: %(name)s") % {"name": data.get("name", "")}


sentences: dict[str, Sentence] = {
    "captured": captured,
    "came_again": came_again,
    "edited": edited,
    "enriched": enriched,
    "followed_up": followed_up,
    "touched": touched,
    "stage": stage,
    "resumed": resumed,
    "approval_asked": approval_asked,
    "approval_decided": approval_decided,
    "assessed": assessed,
    "tagged": tagged,
    "untagged": untagged,
    "contact_added": contact_added,
    "contact_dropped": contact_dropped,
    "opportunity_changed": opportunity_changed,
    "rated": rated,
    "quality": quality,
    "case_marked": case_marked,
    "taken_back": taken_back,
    "attached": attached,
    "detached": detached,
    "merged": merged,
    "parted": parted,
}


def say(entry: TimelineEntry, reader: Reader) -> str:
    """The sentence of one entry. A kind nobody taught is said by its name."""
    sentence = sentences.get(entry.kind)
    return capfirst(sentence(entry.data, reader) if sentence else entry.kind.replace("_", " "))


def reader_for(entries: Iterable[TimelineEntry], *, sees_contact_data: bool = True) -> Reader:
    """A Reader who knows every name in the entries: at most four queries."""
    entries = list(entries)
    members: set[str] = {str(entry.actor_id) for entry in entries if entry.actor_id}
    linked: set[str] = set()
    for entry in entries:
        members |= {str(entry.data[key]) for key in MEMBERS if entry.data.get(key)}
        for name, pair in entry.data.get("changes", {}).items():
            if name in ("company_id", "channel_id"):
                linked |= {str(value) for value in pair if value}
    names = {str(one.pk): str(one) for one in Member.objects.filter(pk__in=ids(members))} if members else {}
    for model in (Company, Channel) if linked else ():
        names |= {
            str(pk): name for pk, name in model.objects.filter(pk__in=ids(linked)).values_list("id", "name")
        }
    if any(names_own_fields(entry.data) for entry in entries):
        own = CustomField.objects.values_list("key", "label")
        names |= {f"attributes.{key}": text for key, text in own if text}
    return Reader(names, sees_contact_data)


def names_own_fields(data: Data) -> bool:
    return "attributes" in data.get("changes", {}) or any(
        str(name).startswith("attributes.") for name in data.get("facts", ())
    )


def ids(texts: set[str]) -> list[UUID]:
    return [UUID(text) for text in sorted(texts)]


def told(entries: Iterable[TimelineEntry], *, sees_contact_data: bool = True) -> list[dict[str, Any]]:
    """Entries as people read them: [{"id", "at", "kind", "actor", "actor_name", "text", "data"}].

    ``actor`` None is the system. Contact data among changed facts is masked unless it may be seen.
    """
    entries = list(entries)
    reader = reader_for(entries, sees_contact_data=sees_contact_data)
    return [
        {
            "id": entry.pk,
            "created_at": entry.created_at,
            "updated_at": entry.updated_at,
            "at": entry.at,
            "kind": entry.kind,
            "actor": entry.actor_id,
            "actor_name": reader.member(entry.actor_id) if entry.actor_id else _("The system"),
            "text": say(entry, reader),
            "data": shown_data(entry.data, reader),
        }
        for entry in entries
    ]


def shown_data(data: Data, reader: Reader) -> dict[str, Any]:
    """The facts behind the sentence, with contact data masked as in the sentence."""
    if reader.sees_contact_data or "changes" not in data:
        return dict(data)
    hidden = {"email", "email_key", "phone", "phone_e164", "wechat"}
    return {**data, "changes": {name: pair for name, pair in data["changes"].items() if name not in hidden}}
