"""Questions about notices: what is unread, how somebody wants to be told, and which ways out fail."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet

from notices.kinds import USUAL, kinds_for
from notices.models import Channel, Hours, Notice, Preference, Sending, Webhook
from workspaces.models import Member

MOST_COUNTED = 100


def notices(member: Member) -> QuerySet[Notice]:
    """What this member is told in the program, the newest first."""
    return Notice.objects.filter(member=member, in_app=True).select_related("lead").order_by("-at", "-id")


def unread(member: Member) -> QuerySet[Notice]:
    return Notice.objects.filter(member=member, in_app=True, read_at__isnull=True)


@dataclass(frozen=True)
class Bell:
    """``unread``: at most MOST_COUNTED. ``version`` changes whenever the bell would look different."""

    unread: int
    version: str


def bell(member: Member) -> Bell:
    """One look into the index of what is unread: made to be asked every few seconds."""
    newest = list(unread(member).order_by("-at").values_list("at", flat=True)[:MOST_COUNTED])
    stamp = f"{newest[0].timestamp():.6f}" if newest else "0"
    return Bell(len(newest), f"{len(newest)}-{stamp}")


def preferences(member: Member) -> list[Preference]:
    """One for each kind the member can get: the stored one, or the usual."""
    stored = {one.kind: one for one in Preference.objects.filter(member=member)}
    return [
        stored.get(kind) or Preference(member=member, kind=kind, email=USUAL[kind].email)
        for kind in kinds_for(member.role)
    ]


def hours(member: Member) -> Hours:
    return Hours.objects.filter(member=member).first() or Hours(member=member)


@dataclass(frozen=True)
class State:
    """How a way out is doing. ``failing``: sendings that failed and are tried again; ``parked``: given up."""

    set_up: bool
    waiting: int
    failing: int
    parked: int
    oldest: datetime | None
    last_sent_at: datetime | None
    fault: str

    @property
    def is_failing(self) -> bool:
        return bool(self.failing or self.parked)


def email_state() -> State:
    """Of the workspace's e-mail."""
    found = open_sendings(Sending.objects.filter(channel=Channel.EMAIL))
    sent = Sending.objects.filter(channel=Channel.EMAIL, sent_at__isnull=False)
    last = sent.aggregate(at=Max("sent_at"))["at"]
    faulty = Sending.objects.filter(channel=Channel.EMAIL, sent_at__isnull=True).exclude(fault="")
    newest = faulty.order_by("-updated_at").values_list("fault", flat=True).first()
    return State(bool(settings.EMAIL_HOST_NAME), **found, last_sent_at=last, fault=newest or "")


def open_sendings(rows: QuerySet[Sending]) -> dict:
    """Those not sent: {"waiting", "failing", "parked", "oldest"}."""
    return rows.filter(sent_at__isnull=True).aggregate(
        waiting=Count("id", filter=Q(parked_at__isnull=True)),
        failing=Count("id", filter=Q(parked_at__isnull=True, tries__gt=0)),
        parked=Count("id", filter=Q(parked_at__isnull=False)),
        oldest=Min("created_at", filter=Q(tries__gt=0)),
    )


def webhooks() -> list[tuple[Webhook, dict[str, int]]]:
    """All, each with how many of its sendings are ``waiting`` and how many were ``parked``."""
    unsent = Sending.objects.filter(channel=Channel.WEBHOOK, sent_at__isnull=True).order_by()
    given_up = Count("id", filter=Q(parked_at__isnull=False))
    counted = unsent.values_list("webhook_id").annotate(gone=given_up, all=Count("id"))
    found = {pk: {"waiting": all_ - gone, "parked": gone} for pk, gone, all_ in counted}
    none = {"waiting": 0, "parked": 0}
    return [(one, found.get(one.pk, none)) for one in Webhook.objects.order_by("name", "id")]


def parked() -> QuerySet[Sending]:
    """What was given up, the newest first: after 72 hours, or because it is wanted no more."""
    found = Sending.objects.filter(sent_at__isnull=True, parked_at__isnull=False)
    return found.select_related("webhook", "member", "notice__lead").order_by("-parked_at", "-id")
