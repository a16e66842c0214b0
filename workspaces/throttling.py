"""How often one member, or one address without a member, may ask.

A fixed window counted in the cache: one round trip a request. Without a cache nobody is turned away:
the broker's loss must not stop the work.
"""

import logging
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from workspaces.ids import workspace_of

log = logging.getLogger(__name__)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Window(BaseThrottle):
    """At most ``rate`` ("60/min") requests of one key in each window of time."""

    scope = ""

    def key(self, request: Request, view: Any) -> str | None:
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        key = self.key(request, view)
        if key is None:
            return True
        most, seconds = self.rate()
        now = time.time()
        self.left_s = seconds - now % seconds
        counter = f"throttle:{self.scope}:{key}:{int(now // seconds)}"
        try:
            return self.counted(counter, seconds) <= most
        except (RedisError, OSError):
            log.warning("The cache is not reachable: requests are not counted.")
            return True

    def counted(self, counter: str, seconds: int) -> int:
        """One more; how many there are now. One round trip, but for the first of a window."""
        try:
            return int(cache.incr(counter))
        except ValueError:
            cache.add(counter, 0, timeout=seconds + 1)
        try:
            return int(cache.incr(counter))
        except ValueError:  # the window ended between the two
            return 1

    def rate(self) -> tuple[int, int]:
        """``("1200/min")`` -> (1200, 60)."""
        rates: dict[str, str] = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]  # type: ignore[assignment]
        most, _, period = rates[self.scope].partition("/")
        return int(most), SECONDS[period[0]]

    def wait(self) -> float:
        return self.left_s


class PerMember(Window):
    scope = "member"

    def key(self, request: Request, view: Any) -> str | None:
        member = getattr(request._request, "member", None)
        if member is None:
            return None  # refused anyway, or a public view with a throttle of its own
        return f"{member.workspace_id}:{member.pk}"


def address_of(request: Any) -> str:
    """Where a request comes from. What a client itself says about it counts only behind a proxy that adds to it."""
    said = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return said.split(",")[-1].strip()[:60] or request.META.get("REMOTE_ADDR", "")


class PerAddress(Window):
    """For public addresses: per visitor, and per token of the channel."""

    scope = "capture"

    def key(self, request: Request, view: Any) -> str | None:
        return f"{view.kwargs.get('token', '')[:60]}:{address_of(request)}"


class PerForm(Window):
    """All visitors of one form together."""

    scope = "form"

    def key(self, request: Request, view: Any) -> str | None:
        return str(view.kwargs.get("token", ""))[:60]


class PerWorkspace(Window):
    """All forms of one workspace together. Its id stands in the token; what is no token counts as one."""

    scope = "forms"

    def key(self, request: Request, view: Any) -> str | None:
        return str(workspace_of(str(view.kwargs.get("token", ""))))


class PerSender(PerAddress):
    """For webhooks: vendors send many leads from few addresses."""

    scope = "hooks"


class PerVisitor(PerAddress):
    """For visits of websites: a page view each."""

    scope = "visits"
