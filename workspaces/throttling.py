"""How often one member, or one address without a member, may ask."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class PerMember(SimpleRateThrottle):
    scope = "member"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        member = getattr(request._request, "member", None)
        if member is None:
            return None  # refused anyway, or a public view with a throttle of its own
        return f"throttle:member:{member.workspace_id}:{member.pk}"


class PerAddress(SimpleRateThrottle):
    """For public addresses: per visitor, and per token of the channel."""

    scope = "capture"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"throttle:capture:{view.kwargs.get('token', '')[:60]}:{self.get_ident(request)}"
