"""A web service that is asked about a domain (or a credit code) and answers with JSON.

Its settings: ``url`` with ``{key}`` in it, ``by`` (domain, email, credit_code, company), ``fields``: {our field: where
it stands in the answer, as "company.metrics.employees"}, ``header``: the name of the header the secret goes in. The
secret goes nowhere else: redirects are not followed, and the address is looked at as that of a webhook is.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from intake.enriching.models import FactSource
from intake.enriching.sources import Asked, Facts, NotAnswered, one_by_one
from workspaces.outgoing import Answer, NotReached, ask

TIMEOUT_S = 5.0
AGENT = "LeadCRM-Enrichment/1"
BY = ("domain", "email", "credit_code", "company")
KEY = "{key}"
# Refusals of us, or of this moment. Any other 4xx is about the one that was asked about: nothing is known of it.
REFUSED_US, NOT_NOW = (401, 402, 403, 407), (408, 425, 429)


class Http:
    keeps_days = 30
    outside = True

    def __init__(self, row: FactSource) -> None:
        self.url = str(row.settings.get("url", ""))
        self.by = str(row.settings.get("by", "domain"))
        self.fields: Mapping[str, str] = row.settings.get("fields", {})
        self.header = str(row.settings.get("header") or "Authorization")
        self.secret = row.secret

    def key(self, asked: Asked) -> str:
        return str(getattr(asked, self.by, "") or "")

    def look_up(self, keys: Sequence[str], seconds: float) -> Mapping[str, Facts]:
        return one_by_one(keys, seconds, self.facts_of)

    def facts_of(self, key: str) -> Facts:
        headers = {"Accept": "application/json", "User-Agent": AGENT}
        if self.secret:
            headers[self.header] = self.secret
        try:
            answer = ask("GET", self.url.replace(KEY, quote(key, safe="")), headers, timeout=TIMEOUT_S)
        except NotReached as fault:
            raise NotAnswered(str(fault)) from fault
        if not 200 <= answer.status < 300:
            return refused(answer)
        try:
            told = json.loads(answer.text)
        except ValueError:
            raise NotAnswered("The answer is no JSON, or longer than 64 KB") from None
        return {name: value for name, path in self.fields.items() if (value := at(told, path)) is not None}


def refused(answer: Answer) -> Facts:
    """Nothing, where the service knows nothing of this one; NotAnswered where it can't be asked now."""
    ours = answer.status in REFUSED_US or answer.status == 429
    if 400 <= answer.status < 500 and not ours and answer.status not in NOT_NOW:
        return {}
    after = answer.retry_after
    again = float(after) if after and after.isdigit() else None
    raise NotAnswered(f"HTTP {answer.status} {answer.reason}", again, of_all=ours)


def at(told: Any, path: str) -> Any:
    """The value at "company.sizes.0.count"; None where there is none, or no single value."""
    for part in path.split("."):
        if isinstance(told, dict):
            told = told.get(part)
        elif isinstance(told, list) and part.isdigit() and int(part) < len(told):
            told = told[int(part)]
        else:
            return None
    return told if isinstance(told, str | int | float) and not isinstance(told, bool) else None
