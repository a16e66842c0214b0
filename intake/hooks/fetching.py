"""Meta tells of a lead by its id alone: its answers are asked for at the Graph API (Lead Ads, "Retrieving")."""

import json
import ssl
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

from django.conf import settings

from intake.hooks.events import Event, meta_lead, told_apart
from intake.hooks.reading import NotUnderstood, as_json, obj
from intake.hooks.sent import Keys
from intake.hooks.signatures import digest

TIMEOUT_S = 10
MOST_READ = 256 * 1024
FIELDS = "id,created_time,field_data,campaign_name,ad_name,form_id,platform"


# Codes of the Graph API ("Handling errors", "Rate limits"): asked too often; the token is no good (any more).
TOO_OFTEN = {4, 17, 32, 341, 613, *range(80000, 80015)}
NO_ACCESS = {10, 102, 190, *range(200, 300)}
PASSING = {1, 2}


class NotFetched(Exception):
    """The vendor did not give the answers now. ``later``: another try may help; ``of_all``: no other lead's are
    given either; ``slowly``: it wants to be asked less."""

    def __init__(
        self, detail: str, later: bool = True, *, of_all: bool = False, slowly: bool = False
    ) -> None:
        super().__init__(detail)
        self.detail, self.later, self.of_all, self.slowly = detail[:500], later, of_all, slowly


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
        raise refused(fault.code, said) from fault
    except (OSError, NotUnderstood) as fault:
        silent = isinstance(fault, OSError)
        raise NotFetched(f"{type(fault).__name__}: {fault}", of_all=silent) from fault
    return told_apart(meta_lead(data, event))


def refused(status: int, said: bytes) -> NotFetched:
    """What an answer means that is none. The Graph API says by a code what passes: its status is 400 or 403 for all."""
    try:
        error = obj(obj(json.loads(said)).get("error"))
    except ValueError:
        error = {"message": said[:200].decode(errors="replace")}
    code = error.get("code")
    slowly = status == 429 or code in TOO_OFTEN
    locked = not slowly and (status == 401 or code in NO_ACCESS)
    later = slowly or status >= 500 or code in PASSING or error.get("is_transient") is True
    detail = f"HTTP {status}: {error.get('message', '')}"
    return NotFetched(detail, later and not locked, of_all=slowly or locked, slowly=slowly)
