"""A member has read what they were told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from notices.models import Notice
from workspaces.models import Member


def mark_read(member: Member, ids: Sequence[UUID] | None, *, as_of: datetime) -> int:
    """These notices of the member (None: all of them) are read; how many were not."""
    unread = Notice.objects.filter(member=member, read_at__isnull=True)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    return unread.update(read_at=as_of, updated_at=as_of)


def mark_unread(member: Member, ids: Sequence[UUID], *, as_of: datetime) -> int:
    """These are to be looked at again."""
    found = Notice.objects.filter(member=member, pk__in=list(ids), read_at__isnull=False)
    return found.update(read_at=None, updated_at=as_of)
