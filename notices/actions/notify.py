"""Tell members: one notice each, and what must go out besides. For any number of news, six statements."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from leads.inserting import as_json, insert_rows, sendable
from notices.events import notice_event
from notices.kinds import USUAL
from notices.models import Channel, Email, Format, Hours, Notice, Preference, Sending, Webhook
from notices.quiet import due
from workspaces.bell import ring
from workspaces.ids import uuid7
from workspaces.models import Member
from workspaces.tenancy import current_workspace, current_workspace_id


@dataclass
class News:
    """What one member shall be told. ``source``: what it is about; the same is told once."""

    member: UUID
    kind: str
    source: UUID
    lead: UUID | None = None
    actor: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid7)


@dataclass
class Wishes:
    """How the members concerned want to be told."""

    members: dict[UUID, Member]
    preferences: dict[tuple[UUID, str], Preference]
    hours: dict[UUID, Hours]

    def of(self, news: News) -> Preference:
        usual = Preference(member_id=news.member, kind=news.kind, email=USUAL[news.kind].email)
        return self.preferences.get((news.member, news.kind), usual)


def notify(news: Sequence[News], *, as_of: datetime) -> int:
    """Write the notices of active members and their sendings, in this transaction; how many were new.

    Nobody is told what they did themselves: the caller leaves that out.
    """
    if not news:
        return 0
    wishes = wishes_of({one.member for one in news})
    wanted = [one for one in news if one.member in wishes.members]
    new = insert_notices(wanted, wishes, as_of)
    fresh = [one for one in wanted if one.id in new]
    if fresh:
        send(fresh, wishes, as_of)
        ring()
    return len(fresh)


def wishes_of(members: Iterable[UUID]) -> Wishes:
    ids = list(members)
    found = {one.pk: one for one in Member.objects.filter(pk__in=ids, is_active=True)}
    preferences = {(p.member_id, p.kind): p for p in Preference.objects.filter(member_id__in=ids)}
    hours = {one.member_id: one for one in Hours.objects.filter(member_id__in=ids)}
    return Wishes(found, preferences, hours)


# A lead may have been deleted meanwhile, in this very transaction: then the notice is about no lead.
INSERT = """
INSERT INTO notices_notice (id, workspace_id, created_at, updated_at, member_id, kind, source, lead_id, actor_id,
    data, at, in_app)
SELECT n.id, %(workspace)s, %(as_of)s, %(as_of)s, n.member, n.kind, n.source, n.lead, n.actor,
    n.data::jsonb, %(as_of)s, n.in_app
FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(kinds)s::text[], %(sources)s::uuid[], %(leads)s::uuid[],
    %(actors)s::uuid[], %(datas)s::text[], %(in_app)s::boolean[])
    AS n (id, member, kind, source, lead, actor, data, in_app)
ON CONFLICT (workspace_id, member_id, kind, source) DO NOTHING
RETURNING id
"""


def insert_notices(news: Sequence[News], wishes: Wishes, as_of: datetime) -> set[UUID]:
    """Write them; the ids of those that nobody had been told before."""
    if not news:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            {
                "workspace": current_workspace_id(),
                "as_of": as_of,
                "ids": sendable([one.id for one in news]),
                "members": sendable([one.member for one in news]),
                "kinds": [one.kind for one in news],
                "sources": sendable([one.source for one in news]),
                "leads": sendable([one.lead for one in news]),
                "actors": sendable([one.actor for one in news]),
                "datas": [as_json(one.data) for one in news],
                "in_app": [wishes.of(one).in_app for one in news],
            },
        )
        return {row[0] for row in cursor.fetchall()}


def send(news: Sequence[News], wishes: Wishes, as_of: datetime) -> None:
    """Write what must go out: an e-mail to the member, and what the workspace's webhooks want."""
    rows = by_email(news, wishes, as_of) if settings.EMAIL_HOST_NAME else []
    webhooks = list(Webhook.objects.filter(is_active=True))
    for webhook in webhooks:
        rows += by_webhook(webhook, news, wishes, as_of)
    write(rows, as_of)


def by_email(news: Sequence[News], wishes: Wishes, as_of: datetime) -> list[dict[str, Any]]:
    zone = current_workspace().tz
    rows = []
    for one in news:
        way = wishes.of(one).email
        if way == Email.OFF:
            continue
        hours = wishes.hours.get(one.member) or Hours(member_id=one.member)
        digest = way == Email.DIGEST
        due_at = due(hours, as_of, zone, digest=digest)
        rows.append(row(one, Channel.EMAIL, due_at) | {"member_id": one.member, "digest": digest})
    return rows


def by_webhook(
    webhook: Webhook, news: Sequence[News], wishes: Wishes, as_of: datetime
) -> list[dict[str, Any]]:
    """What this webhook wants of the news. A group of people is left alone in the member's quiet hours."""
    zone = current_workspace().tz
    rows = []
    for one in news:
        if notice_event(one.kind) not in webhook.events or not wishes.of(one).group:
            continue
        hours = wishes.hours.get(one.member) or Hours(member_id=one.member)
        due_at = due(hours, as_of, zone, digest=False) if webhook.format == Format.WECOM else as_of
        rows.append(row(one, Channel.WEBHOOK, due_at) | {"webhook_id": webhook.pk, "payload": payload(one)})
    return rows


def row(one: News, channel: str, due_at: datetime) -> dict[str, Any]:
    about = {"notice_id": one.id, "event": notice_event(one.kind), "source": one.id}
    return {"channel": channel, "due_at": due_at, "member_id": None, "webhook_id": None} | about


def payload(one: News) -> dict[str, Any]:
    """What programs are told: ids and facts; how to reach a lead they ask the API for."""
    ids = {"notice": one.id, "member": one.member, "lead": one.lead, "actor": one.actor}
    return {name: value and str(value) for name, value in ids.items()} | {"facts": one.data}


def write(rows: Sequence[dict[str, Any]], as_of: datetime) -> None:
    columns = ("channel", "due_at", "member_id", "webhook_id", "notice_id", "event", "source")
    insert_rows(
        Sending,
        len(rows),
        as_of=as_of,
        unless_there=True,
        digest=[bool(one.get("digest")) for one in rows],
        payload=[json.dumps(one.get("payload", {}), ensure_ascii=False, default=str) for one in rows],
        **{name: [one[name] for one in rows] for name in columns},
    )


def notice_of(pk: UUID, member: Member) -> Notice | None:
    """One of this member's notices."""
    return Notice.objects.filter(pk=pk, member=member).select_related("lead").first()
