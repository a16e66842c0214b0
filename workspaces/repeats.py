"""Idempotency-Key: a POST that is sent again gets the first answer, and nothing is done twice.

The row is inserted first, in the request's own transaction: a second request with the same key waits
for that insert, so it sees either the first answer or, when the first was refused and rolled back,
nothing, and is then itself the first. A refusal changed nothing and is therefore not kept.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from workspaces.models import Member, RepeatedRequest
from workspaces.parsing import storable
from workspaces.refusals import Invalid

KEPT = timedelta(hours=24)
HEADERS = ("ETag", "Location")
NOBODY = UUID(int=0)  # public addresses: there is a workspace, but no member


class Repeated(Exception):
    """This request was done before; ``answer()`` is what it was told."""

    def __init__(self, row: RepeatedRequest) -> None:
        super().__init__(row.key)
        self.row = row

    def answer(self) -> Response:
        kept: Any = self.row.body
        headers = kept["headers"] | {"Idempotent-Replayed": "true"}
        return Response(kept["data"], status=self.row.status, headers=headers)


def first_time(request: Request, key: str, *, member: Member | None, as_of: datetime) -> RepeatedRequest:
    """The row that will hold this request's answer. Repeated when there is an answer already.

    Invalid: an empty or overlong key, or the key of a request with other content.
    """
    storable(key)
    if not 1 <= len(key) <= 255:
        raise Invalid.field("Idempotency-Key", _("A key has 1 to 255 characters."), "length")
    print_ = fingerprint(request)
    who = member.pk if member else NOBODY
    RepeatedRequest.objects.filter(member_id=who, key=key, created_at__lt=as_of - KEPT).delete()
    ours = RepeatedRequest(member_id=who, key=key, fingerprint=print_)
    RepeatedRequest.objects.bulk_create([ours], ignore_conflicts=True)
    row = RepeatedRequest.objects.get(member_id=who, key=key)
    if row.pk == ours.pk:
        return row
    if row.fingerprint != print_:
        message = _("This key was used for another request. Use a new key for a new request.")
        raise Invalid.field("Idempotency-Key", message, "key_reused")
    raise Repeated(row)


def remember(row: RepeatedRequest, response: Response) -> None:
    """Keep the answer, in the transaction of what it tells about."""
    headers = {name: response[name] for name in HEADERS if name in response}
    data = json.loads(JSONRenderer().render(response.data) or "null")
    kept = {"data": data, "headers": headers}
    RepeatedRequest.objects.filter(pk=row.pk).update(status=response.status_code, body=kept)


def forget(as_of: datetime) -> int:
    """Drop the answers of the open workspace that are older than a day; how many."""
    return RepeatedRequest.objects.filter(created_at__lt=as_of - KEPT).delete()[0]


def fingerprint(request: Request) -> str:
    """What makes two requests the same: method, address and content (of an upload: its parts)."""
    seal = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if (request.content_type or "").startswith("multipart/"):
        for name in sorted(request.data):
            for part in request.data.getlist(name):
                seal.update(f"\n{name}=".encode())
                if hasattr(part, "chunks"):
                    for chunk in part.chunks():
                        seal.update(chunk)
                    part.seek(0)
                else:
                    seal.update(str(part).encode())
    else:
        seal.update(request._request.body)
    return seal.hexdigest()
