"""The store for what processes tell each other at once and what may be lost: how often somebody asked, whether a
bell was rung. One client a process: Django's cache makes one for each call, which costs more than the call."""

from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from redis import Redis


def quick() -> Redis:
    """The client; it raises RedisError or OSError when the store can't be reached."""
    return client(settings.REDIS_URL)


@lru_cache(maxsize=4)
def client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def key_of(name: str) -> str:
    """A name as the key of this installation, beside what its cache keeps."""
    return str(cache.make_key(name))
