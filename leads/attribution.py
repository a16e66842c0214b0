"""Where a lead came from: the first time, the last time, and every time between."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models import Channel, Lead, Merge, TimelineEntry, Touch

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
SAID = (*UTM, "referrer", "page")  # beside an answer, of where the visitor came from
MOST = 200


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

    @property
    def utm(self) -> str:
        """Source, medium and campaign as one says them: "google / cpc / spring"."""
        return " / ".join(self.said[one] for one in UTM[:3] if self.said.get(one))


def sources_of(lead: Lead) -> list[Seen]:
    """Every time it came in, the first one first. Of merged leads, those of both.

    Arrivals leave a touch with their channel; the first of a list does not, it stands in the lead itself.
    """
    touches = Touch.objects.filter(lead_id=lead.pk, channel__isnull=False).select_related("channel")
    found = [of_touch(one) for one in touches.order_by("at", "pk")[:MOST]]
    begun = (
        TimelineEntry.objects.filter(lead_id=lead.pk, kind="captured")
        .order_by("at")
        .values_list("data", flat=True)
    )
    add_own(found, lead.captured_at, lead.channel_id, lead.campaign, next(iter(begun[:1]), {}))
    taken = Merge.objects.filter(survivor_id=lead.pk, undone_at=None).values_list("row", flat=True)
    for row in taken:
        at, channel = datetime.fromisoformat(row["captured_at"]), row.get("channel_id")
        if at != lead.captured_at:  # the survivor has taken over the earlier one's moment
            add_own(found, at, UUID(channel) if channel else None, row.get("campaign") or "", {})
    found.sort(key=lambda one: one.at)
    name_channels(found, {lead.channel_id: lead.channel.name} if lead.channel else {})
    return found


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
    """How a lead began, unless a touch of that moment tells it; the campaign is the lead's own."""
    for one in found:
        if one.at == at and one.channel == channel:
            one.campaign = campaign or one.campaign
            return
    kind = str(data.get("source") or "")
    found.append(Seen(at, channel, campaign, kind, said_in(data), str(data.get("referred_by_name") or "")))
