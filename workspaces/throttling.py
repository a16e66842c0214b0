"""How often one member, or one address without a member, may ask.

Fixed windows counted in Redis, all that concern a request by one command. Without Redis nobody is turned
away: the broker's loss must not stop the work.
"""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from workspaces.ids import workspace_of
from workspaces.quick import key_of, quick

log = logging.getLogger(__name__)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


COUNT = """
local counts = {}
for n, counter in ipairs(KEYS) do
    counts[n] = redis.call('INCR', counter)
    if counts[n] == 1 then redis.call('EXPIRE', counter, ARGV[n]) end
end
return counts"""


@lru_cache(maxsize=4)
def counting(store: Redis) -> Script:
    return store.register_script(COUNT)


@dataclass(frozen=True)
class Counted:
    """A window that a request counts in: the name of its counter, how many are allowed, when it ends."""

    counter: str
    most: int
    left_s: float


class Window(BaseThrottle):
    """At most ``rate`` ("60/min") requests of one key in each window of time."""

    scope = ""
    left_s = 0.0

    def key(self, request: Request, view: Any) -> str | None:
        raise NotImplementedError

    def windows(self, request: Request, view: Any) -> "list[Counted]":
        """The windows this request counts in; none where it has no key."""
        key = self.key(request, view)
        if key is None:
            return []
        most, seconds = self.rate()
        now = time.time()
        name = f"throttle:{self.scope}:{key}:{int(now // seconds)}"
        return [Counted(key_of(name), most, seconds - now % seconds)]

    def allow_request(self, request: Request, view: Any) -> bool:
        asked = self.windows(request, view)
        if not asked:
            return True
        try:
            counts = count(asked)
        except (RedisError, OSError):
            log.warning("Redis is not reachable: requests are not counted.")
            return True
        full = [one.left_s for one, many in zip(asked, counts, strict=True) if many > one.most]
        self.left_s = max(full, default=0.0)
        return not full

    def rate(self) -> tuple[int, int]:
        """``("1200/min")`` -> (1200, 60)."""
        rates: dict[str, str] = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]  # type: ignore[assignment]
        most, _, period = rates[self.scope].partition("/")
        return int(most), SECONDS[period[0]]

    def wait(self) -> float:
        return self.left_s


def count(asked: list[Counted]) -> list[int]:
    """One more in each; how many there are now. One command, which the server does as a whole."""
    ends = [int(one.left_s) + 2 for one in asked]
    found = counting(quick())(keys=[one.counter for one in asked], args=ends)
    return [int(many) for many in found]


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


class Public(Window):
    """For public addresses of one channel: per visitor, of the form, of the workspace."""

    each: tuple[type[Window], ...] = (PerAddress, PerForm, PerWorkspace)

    def windows(self, request: Request, view: Any) -> list[Counted]:
        return [found for one in self.each for found in one().windows(request, view)]


class PerSender(PerAddress):
    """For webhooks: vendors send many leads from few addresses."""

    scope = "hooks"


class PerVisitor(PerAddress):
    """For visits of websites: a page view each."""

    scope = "visits"


class PerSite(PerForm):
    """All visitors of the website that one channel's script stands on: they take nothing from its form."""

    scope = "site"


class PerSites(PerWorkspace):
    """All websites of one workspace together."""

    scope = "sites"


class PublicVisits(Public):
    each = (PerVisitor, PerSite, PerSites)
