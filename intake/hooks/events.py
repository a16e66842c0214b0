"""What a message says about leads: one event for each, in the words of its vendor."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from intake.hooks.reading import NotUnderstood, as_json, flat, obj, rows, text
from intake.hooks.sent import Provider
from intake.hooks.wecom import fields as xml_fields
from intake.synonyms import target_of
from intake.trials import flagged, flags_among, is_trial

MOST = 500  # events in one message
LONGEST_ID = 200  # of a lead, as its vendor calls it
ASKS = re.compile(r"(?:what(?:'s|’s| is| are) )?your (.+?)\s*\??", re.IGNORECASE)


@dataclass(frozen=True)
class Event:
    """One lead that is spoken of.

    ``id``: by which the same event is known when it comes again; ``external_id``: the vendor's name for the
    lead; ``fields``: {the vendor's field: text}; ``hints``: {the vendor's field: our field}; ``about``: where it
    came from, kept with the touch; ``acted``: whether the lead did something (what a colleague changed in the
    vendor's system fills blanks and is no touch); ``aside``: why it is no lead ("test", "deleted",
    "not_a_lead"); ``trial``: whether the vendor says that it is a test; ``fetch``: the fields have to be asked
    for under this id.
    """

    id: str
    external_id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    aside: str = ""
    trial: bool | None = None
    fetch: str = ""
    acted: bool = True

    @property
    def lead_id(self) -> str:
        """The vendor's name for the lead, as long as it is kept."""
        return self.external_id[:LONGEST_ID]


def events(provider: str, body: bytes, message_id: str = "") -> list[Event]:
    """The events of a message, each once. NotUnderstood when there is none in it.

    ``body``: the raw bytes, of WeCom the decrypted XML; ``message_id``: the vendor's id of the message itself.
    """
    found: dict[str, Event] = {}
    for event in READERS[Provider(provider)](body, message_id):
        found.setdefault(event.id, told_apart(event))
        if len(found) > MOST:
            raise NotUnderstood("too_many", str(MOST))
    if not found:
        raise NotUnderstood("no_event")
    return list(found.values())


def told_apart(event: Event) -> Event:
    """The event, set aside when it is its vendor's test. What the vendor says about it counts more than its answers."""
    trial = event.trial
    if trial is None:
        names, values = list(event.fields), list(event.fields.values())
        trial = is_trial([*values, event.external_id], flags_among(names))
    return replace(event, aside="test") if trial and not event.aside else event


def picked(data: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: said[:300] for name in names if (said := text(data.get(name)))}


def google_ads(body: bytes, message_id: str) -> Iterator[Event]:
    data = obj(as_json(body))
    lead = text(data.get("lead_id"))
    if not lead:
        return
    fields, hints = {}, {}
    for column in rows(data.get("user_column_data")):
        name = text(column.get("column_id")) or text(column.get("column_name"))
        if name:
            fields[name[:200]] = text(column.get("string_value"))
            named = target_of(text(column.get("column_name")))
            if named and not target_of(name):
                hints[name[:200]] = named[0]
    hints |= {"WORK_PHONE": "phone", "WORK_EMAIL": "email", "POSTAL_CODE": ""}
    about = picked(data, "campaign_id", "adgroup_id", "creative_id", "form_id", "gcl_id", "lead_submit_time")
    yield Event(lead, lead, fields, hints, about, trial=flagged(data))


def meta(body: bytes, message_id: str) -> Iterator[Event]:
    data = obj(as_json(body))
    if "field_data" in data:  # a lead as the Graph API gives it
        yield meta_lead(data, Event(text(data.get("id")), text(data.get("id"))))
        return
    for entry in rows(data.get("entry")):
        for change in rows(entry.get("changes")):
            value = obj(change.get("value"))
            lead = text(value.get("leadgen_id"))
            if change.get("field") != "leadgen" or not lead:
                continue
            about = picked(value, "form_id", "ad_id", "adgroup_id", "page_id", "created_time")
            event = Event(lead, lead, about=about, fetch=lead)
            yield meta_lead(value, event) if "field_data" in value else event


def meta_lead(data: dict[str, Any], event: Event) -> Event:
    """The event with the answers of a lead as the Graph API gives it."""
    fields, about = {}, dict(event.about)
    for answer in rows(data.get("field_data")):
        name, said = text(answer.get("name"))[:200], text(answer.get("values"))
        if name.startswith("utm_"):
            about[name] = said[:300]
        elif name:
            fields[name] = said
    about |= picked(data, "campaign_name", "ad_name", "form_id", "platform")
    return replace(event, fields=fields, about=about, fetch="")


def linkedin(body: bytes, message_id: str) -> Iterator[Event]:
    data = obj(as_json(body))
    lead, action = text(data.get("leadGenFormResponse")), text(data.get("leadAction"))
    if not lead:
        return
    about = picked(data, "leadGenForm", "leadType", "occurredAt") | flat(
        {name: obj(data.get(name)) for name in ("owner", "associatedEntity")}, depth=1
    )
    aside = "deleted" if action == "DELETED" else ""
    yield Event(f"{lead} {action}", lead, obj_fields(data.get("answers")), {}, about, aside, flagged(data))


def obj_fields(answers: Any) -> dict[str, str]:
    """Answers as [{"name" or "question": …, "value" or "answer": …}]."""
    found = {}
    for one in rows(answers):
        name = text(one.get("name") or one.get("question"))[:200]
        if name:
            found[name] = text(one.get("value") or one.get("answer"))
    return found


def tiktok(body: bytes, message_id: str) -> Iterator[Event]:
    data = obj(as_json(body))
    for entry in rows(data.get("entry")):
        lead = text(entry.get("id")) or text(entry.get("lead_id"))
        if not lead:
            continue
        fields = {
            text(one.get("field"))[:200]: text(one.get("value"))
            for one in rows(entry.get("changes"))
            if text(one.get("field"))
        }
        about = picked(entry, "page_id", "advertiser_id", "campaign_id", "adgroup_id", "ad_id", "lead_source")
        about |= picked(entry, "campaign_name", "create_time")
        yield Event(lead, lead, fields, {}, about, trial=flagged(entry))


FEIYU = {"telphone": "phone", "phone": "phone", "weixin": "wechat", "location": "region", "city_name": "region",
         "province_name": "region", "form_remark": "pain", "remark": "pain", "ad_plan_name": "campaign"}  # fmt: skip
FEIYU_LEAD = ("name", "telphone", "phone", "weixin", "email", "qq", "location", "city_name", "province_name", "address",
              "remark", "form_remark", "gender", "age")  # fmt: skip
UNNAMED = "未命名"


def feiyu(body: bytes, message_id: str) -> Iterator[Event]:
    data = as_json(body)
    inner = obj(data).get("data", data)
    for clue in rows(inner) or rows([inner]):
        lead = text(clue.get("clue_id")) or text(clue.get("id"))
        if not lead:
            continue
        said = {name: text(clue.get(name)) for name in FEIYU_LEAD}
        fields = {name: one for name, one in said.items() if one and one not in ("-", "0", UNNAMED)}
        fields |= {name: one for name, one in flat(obj(clue.get("remark_dict"))).items() if one}
        fields["location"] = fields.get("location", "").replace("+", " ")
        fields |= picked(clue, "ad_plan_name")
        about = picked(
            clue, "adv_id", "adv_name", "ad_plan_id", "module_name", "appname", "external_url", "req_id"
        )
        yield Event(
            lead,
            lead,
            {n: v for n, v in fields.items() if v},
            dict(FEIYU),
            about | picked(clue, "create_time"),
            trial=flagged(clue),
        )


WECOM_HINTS = {"Content": "pain", "Name": "name", "Mobile": "phone", "Email": "email", "Position": "title"}
WECOM_ENVELOPE = {"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID", "Event", "ChangeType",
                  "UserID", "ExternalUserID", "WelcomeCode", "State", "EventKey"}  # fmt: skip
WECOM_ENDS = ("del_external_contact", "del_follow_user")
WECOM_CAME = ("add_external_contact", "add_half_external_contact")


def wecom(body: bytes, message_id: str) -> Iterator[Event]:
    """A message is whoever wrote it; an event is about a customer, or about no lead at all: its sender is ``sys`` or
    a colleague (developer.work.weixin.qq.com, 96361 and 92277)."""
    found = xml_fields(body.decode(errors="replace"))
    event = found.get("MsgType") == "event" or "Event" in found
    lead = found.get("ExternalUserID", "") or ("" if event else found.get("FromUserName", ""))
    if not lead and not event:
        return
    what = found.get("ChangeType") or found.get("Event") or found.get("MsgType", "")
    key = found.get("MsgId") or " ".join(
        (lead or found.get("FromUserName", ""), what, found.get("CreateTime", ""))
    )
    aside = "deleted" if what in WECOM_ENDS else "" if lead else "not_a_lead"
    fields = {name: said for name, said in found.items() if name not in WECOM_ENVELOPE and said}
    about = {
        name: found[name][:300] for name in ("UserID", "State", "CreateTime", "AgentID") if found.get(name)
    }
    yield Event(
        key,
        lead,
        fields,
        dict(WECOM_HINTS),
        about | ({"event": what} if what else {}),
        aside,
        acted=not event or what in WECOM_CAME,
    )


TYPEFORM = {"email": "email", "phone_number": "phone"}


def typeform(body: bytes, message_id: str) -> Iterator[Event]:
    response = obj(obj(as_json(body)).get("form_response"))
    token = text(response.get("token"))
    if not token:
        return
    asked = {one.get("id"): one for one in rows(obj(response.get("definition")).get("fields"))}
    fields: dict[str, str] = {}
    hints: dict[str, str] = {}
    for answer in rows(response.get("answers")):
        kind, place = text(answer.get("type")), obj(answer.get("field"))
        question = obj(asked.get(place.get("id")))
        name = (text(question.get("title")) or text(place.get("ref")) or text(place.get("id")))[:200]
        value = answer.get(kind)
        fields[name] = text(
            obj(value).get("labels") if isinstance(value, dict) and "labels" in value else value
        )
        target = TYPEFORM.get(kind) or named(name) or named(text(place.get("ref")))
        if target:
            hints[name] = target
    hidden = flat(obj(response.get("hidden")))
    about = picked(response, "form_id", "landed_at", "submitted_at")
    about |= {name: said[:300] for name, said in hidden.items() if name.startswith("utm_")}
    fields |= {name: said for name, said in hidden.items() if not name.startswith("utm_")}
    yield Event(token, token, fields, hints, about)


def named(question: str) -> str:
    """The field that a question such as "What is your first name?" asks for; "" when that can't be told."""
    asks = ASKS.fullmatch(question.strip())
    found = target_of(asks[1] if asks else question)
    return found[0] if found and not found[0].startswith("attributes.") else ""


HUBSPOT_TEST = (100, 123)  # the ids in the test of a subscription
HUBSPOT_ENDS = ("deletion", "privacyDeletion", "merge", "associationChange")


def hubspot(body: bytes, message_id: str) -> Iterator[Event]:
    data = as_json(body)
    told = data if isinstance(data, list) else [data]
    for one in rows(told):
        lead = text(one.get("objectId")) or text(one.get("vid"))
        if not lead:
            continue
        kind = text(one.get("eventType") or one.get("subscriptionType"))
        about = picked(one, "portalId", "changeSource", "occurredAt") | ({"event": kind} if kind else {})
        properties = {
            name: text(obj(value).get("value") if isinstance(value, dict) else value)
            for name, value in obj(one.get("properties")).items()
        }
        if one.get("propertyName"):
            properties[text(one["propertyName"])] = text(one.get("propertyValue"))
        ends = kind.rpartition(".")[2] in HUBSPOT_ENDS
        others = kind and not kind.startswith(("contact.", "object.", "lead."))
        aside = "deleted" if ends else "not_a_lead" if others else ""
        trial = True if (one.get("eventId"), one.get("objectId")) == HUBSPOT_TEST else flagged(one)
        key = text(one.get("eventId")) or f"{lead} {text(one.get('occurredAt'))}"
        yield Event(
            key,
            lead,
            {name[:200]: said for name, said in properties.items() if said},
            {},
            about,
            aside,
            trial,
            acted=not kind.endswith(".propertyChange"),  # a colleague's or a program's doing
        )


STANDARD_IDS = ("external_id", "lead_id", "id", "uuid")


def standard(body: bytes, message_id: str) -> Iterator[Event]:
    """``{"type", "timestamp", "data": {…}}``; ``data`` may be a list. What has no id goes by the message's."""
    value = as_json(body)
    message = obj(value)
    inner = message.get(
        "data", {name: one for name, one in message.items() if name not in ("type", "timestamp")}
    )
    kind = text(message.get("type"))
    for at, one in enumerate(rows(value) or rows(inner) or rows([inner])):
        lead = next((said for name in STANDARD_IDS if (said := text(one.get(name)))), "")
        fields = {name: said for name, said in flat(one).items() if name not in STANDARD_IDS}
        if not lead and not fields:
            continue
        key = f"{message_id or lead}:{at}"
        lead = lead or (f"{message_id}:{at}" if at else message_id)
        ends = kind.endswith((".deleted", ".removed"))
        yield Event(key, lead, fields, {}, {"event": kind[:300]} if kind else {}, "deleted" if ends else "")


Reader = Callable[[bytes, str], Iterator[Event]]
READERS: dict[Provider, Reader] = {
    Provider.GOOGLE_ADS: google_ads,
    Provider.META: meta,
    Provider.LINKEDIN: linkedin,
    Provider.TIKTOK: tiktok,
    Provider.FEIYU: feiyu,
    Provider.WECOM: wecom,
    Provider.TYPEFORM: typeform,
    Provider.HUBSPOT: hubspot,
    Provider.STANDARD: standard,
}
