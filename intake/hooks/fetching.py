"""Meta tells of a lead by its id alone: its answers are asked for at the Graph API (Lead Ads, "Retrieving")."""

import json
import ssl
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

from django.conf import settings

from intake.hooks.events import Event, meta_lead
from intake.hooks.reading import NotUnderstood, as_json, obj
from intake.hooks.sent import Keys
from intake.hooks.signatures import digest

TIMEOUT_S = 10
MOST_READ = 256 * 1024
FIELDS = "id,created_time,field_data,campaign_name,ad_name,form_id,platform"


class NotFetched(Exception):
    """The vendor did not give the answers now. ``later``: another try may help."""

    def __init__(self, detail: str, later: bool = True) -> None:
        super().__init__(detail)
        self.detail, self.later = detail[:500], later


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """The access token goes to the vendor's address and nowhere else."""

    def redirect_request(self, *args: object, **options: object) -> None:
        return None


def fetch(event: Event, keys: Keys) -> Event:
    """The event with its answers. NotFetched with what the vendor said."""
    proof = digest(keys.secret, keys.access_token.encode()).hex()
    query = urlencode({"fields": FIELDS, "appsecret_proof": proof})
    address = f"{settings.META_GRAPH_URL}/{quote(event.fetch, safe='')}?{query}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {keys.access_token}"})
    opener = urllib.request.build_opener(
        NoRedirects, urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            data = obj(as_json(answer.read(MOST_READ)))
    except urllib.error.HTTPError as fault:
        with fault:
            said = fault.read(MOST_READ)
        raise NotFetched(f"HTTP {fault.code}: {said_by_vendor(said)}", fault.code >= 429) from fault
    except (OSError, NotUnderstood) as fault:
        raise NotFetched(f"{type(fault).__name__}: {fault}") from fault
    return meta_lead(data, event)


def said_by_vendor(said: bytes) -> str:
    try:
        return str(obj(obj(json.loads(said)).get("error")).get("message", ""))
    except ValueError:
        return said[:200].decode(errors="replace")
