"""Where a lead came from: the first time, the last time, and every time between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models import Channel, Lead, Merge, TimelineEntry, Touch

BEGAN = ("captured_at", "channel_id", "campaign")  # how a lead came in the first time

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
SAID = (*UTM, "referrer", "page")  # beside an answer, of where the visitor came from
MOST = 200  # touches that are read: the latest, and the very first


@dataclass
class Seen:
    """One time a lead came in. ``kind``: how (form_submit, import, inquiry …); ``said``: utm_* and the page."""

    at: datetime
    channel: UUID | None
    campaign: str = ""
    kind: str = ""
    said: dict[str, str] = field(default_factory=dict)
    referred_by: str = ""
    name: str = ""  # of the channel
    began: bool = False  # a lead, this one or one that it took up, began by it
    left_out: int = 0  # times between it and the one before that are not told: there are too many
    times: int = 1  # of a run: how often alike, one after the other, the last time ``until``
    until: datetime | None = None

    @property
    def utm(self) -> str:
        """Source, medium and campaign as one says them: "google / cpc / spring"."""
        return " / ".join(self.said[one] for one in UTM[:3] if self.said.get(one))


def sources_of(lead: Lead) -> list[Seen]:
    """Every time it came in, the first one first. Of merged leads, those of both.

    Arrivals leave a touch with their channel; the first of a list does not, it stands in the lead itself.
    Of more than MOST touches the first one and the latest are told.
    """
    found = by_touches(lead)
    taken = Merge.objects.filter(survivor_id=lead.pk, undone_at=None).order_by("-at", "-pk")
    merges = list(taken.only("taker", "absorbed", "row", "changes"))
    now = {"captured_at": lead.captured_at, "channel_id": lead.channel_id, "campaign": lead.campaign}
    rows = {lead.pk: now} | {one.absorbed: one.row for one in merges}
    entries = TimelineEntry.objects.filter(lead_id__in=rows, kind="captured").order_by("-at", "-id")
    begun = dict(entries.values_list("lead_id", "data"))  # the first of each
    for pk, row in rows.items():
        add_own(found, *before_merges(pk, row, merges), begun.get(pk, {}))
    found.sort(key=lambda one: one.at)
    name_channels(found, {lead.channel_id: lead.channel.name} if lead.channel else {})
    return found


def by_touches(lead: Lead) -> list[Seen]:
    touches = Touch.objects.filter(lead_id=lead.pk, channel__isnull=False).select_related("channel")
    found = [of_touch(one) for one in touches.order_by("-at", "-pk")[:MOST]][::-1]
    if len(found) == MOST and (between := touches.count() - MOST):
        found[0].left_out = between - 1
        found.insert(0, of_touch(touches.order_by("at", "pk")[0]))
    return found


def runs(found: Iterable[Seen]) -> list[Seen]:
    """The same with those told once that are alike and follow each other: forty messages by one channel."""
    told: list[Seen] = []
    for one in found:
        if told and not one.left_out and alike(told[-1]) == alike(one):
            told[-1] = replace(told[-1], times=told[-1].times + 1, until=one.at)
        else:
            told.append(one)
    return told


def alike(one: Seen) -> tuple[Any, ...]:
    return one.channel, one.campaign, one.kind, one.utm, one.referred_by


def before_merges(
    pk: UUID, row: Mapping[str, Any], merges: Iterable[Merge]
) -> tuple[datetime, UUID | None, str]:
    """(moment, channel, campaign) by which a lead came itself: in a merge it takes up the earlier one's moment, and
    what it lacks. ``merges``: the latest first; what somebody has written since stays."""
    at, channel, campaign = (as_written(name, row.get(name)) for name in BEGAN)
    own = {"captured_at": at, "channel_id": channel, "campaign": campaign or ""}
    for merge in merges:
        if merge.taker == pk:
            for name in BEGAN:
                before, after = (as_written(name, one) for one in merge.changes.get(name, (None, None)))
                if name in merge.changes and own[name] == after:
                    own[name] = before
    return own["captured_at"], own["channel_id"], own["campaign"]


def as_written(name: str, value: Any) -> Any:
    """A value of a lead or of its JSON as the lead has it."""
    if not isinstance(value, str) or name == "campaign":
        return value
    return datetime.fromisoformat(value) if name == "captured_at" else UUID(value)


def name_channels(found: list[Seen], known: dict[UUID | None, str]) -> None:
    """The names of channels that nothing has told yet: one statement, mostly none."""
    unnamed = {one.channel for one in found if one.channel and not one.name} - set(known)
    if unnamed:
        known |= dict(Channel.objects.filter(pk__in=unnamed).values_list("id", "name"))
    for one in found:
        one.name = one.name or known.get(one.channel, "")


def of_touch(touch: Touch) -> Seen:
    data = touch.data if isinstance(touch.data, dict) else {}
    campaign = str(data.get("utm_campaign") or data.get("campaign_name") or "")
    return Seen(
        touch.at,
        touch.channel_id,
        campaign,
        touch.kind,
        said_in(data),
        str(data.get("referred_by_name") or ""),
    )


def said_in(data: dict[str, Any]) -> dict[str, str]:
    return {name: str(data[name]) for name in SAID if data.get(name)}


def add_own(
    found: list[Seen], at: datetime, channel: UUID | None, campaign: str, data: dict[str, Any]
) -> None:
    """How a lead began, unless a touch of that moment tells it; the campaign is the lead's own.

    Leads of one list began at the same moment: a touch tells of one of them.
    """
    there = [one for one in found if (one.at, one.channel) == (at, channel)]
    touches = sorted((one for one in there if not one.began), key=lambda one: one.campaign != campaign)
    if touches:
        touches[0].campaign, touches[0].began = campaign or touches[0].campaign, True
    elif all(one.campaign != campaign for one in there):
        kind, by = str(data.get("source") or ""), str(data.get("referred_by_name") or "")
        found.append(Seen(at, channel, campaign, kind, said_in(data), by, began=True))
