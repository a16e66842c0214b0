"""Somebody outside has answered a form: checked, stored, thanked. Entering it as a lead is due work (enter.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from intake.asking import CONSENT, consent_of, required_by
from intake.forms import arrival
from intake.models import ReferralLink, Submission, SubmissionKind
from leads.attribution import SAID
from leads.facts import custom_fields
from leads.models import Channel
from workspaces.bell import ring
from workspaces.ids import digest, workspace_of
from workspaces.models import Workspace
from workspaces.refusals import NotThere
from workspaces.tenancy import current_workspace_id, step_in

LONGEST_NOTE = 300
RUNG_S = 5  # a bell that was rung is heard within this time, or the clock's tick finds the work


@dataclass
class Sent:
    """What came beside the answers. ``address``: of the visitor, kept only as a keyed hash; ``visitor``: the key of
    a browser whose user agreed to be recognised."""

    notes: Mapping[str, Any] = field(default_factory=dict)
    consent: bool = False
    address: str = ""
    visitor: str = ""
    link: ReferralLink | None = None


def enter_by(token: str) -> Channel:
    """The channel a public token addresses, its workspace now open. NotThere when there is none."""
    open_by(token)
    channel: Channel | None = Channel.objects.filter(token=token, is_active=True).first()
    if channel is None:
        raise no_form()
    return channel


def enter_by_link(token: str) -> ReferralLink:
    """The referral link a public token addresses, its workspace now open. NotThere once it was revoked."""
    open_by(token)
    links = ReferralLink.objects.select_related("channel", "member", "member__user")
    found: ReferralLink | None = links.filter(token=token, revoked_at=None, member__is_active=True).first()
    if found is None:
        raise no_form()
    return found


def open_by(token: str) -> None:
    workspace_id = workspace_of(token)
    workspace = Workspace.objects.filter(pk=workspace_id).first() if workspace_id else None
    if workspace is None:
        raise no_form()
    step_in(workspace)


def no_form() -> NotThere:
    return NotThere(_("There is no such form."))


def submit(channel: Channel, data: Mapping[str, Any], sent: Sent, *, as_of: datetime) -> Submission:
    """Store an answer. Invalid with all that is wrong with it; whether the person is known plays no part."""
    text = consent_of(channel)
    agreed = sent.consent or not (text and CONSENT in required_by(channel))
    arrival({**data, CONSENT: agreed}, channel, custom_fields() if data.get("attributes") else None)
    stored = Submission.objects.create(
        channel=channel,
        link=sent.link,
        kind=SubmissionKind.ANSWER,
        data=dict(data),
        notes={name: str(sent.notes[name])[:LONGEST_NOTE] for name in SAID if sent.notes.get(name)},
        consent=evidence(text, sent, as_of) if text else {},
        visitor=digest(sent.visitor) if sent.visitor and (sent.consent or not text) else "",
        received_at=as_of,
        due_at=as_of,
    )
    ring_once()
    return stored


def evidence(text: str, sent: Sent, as_of: datetime) -> dict[str, Any]:
    """What was agreed to, word for word, when, in which language, from which address (as a keyed hash)."""
    return {
        "given": sent.consent,
        "text": text,
        "at": as_of.isoformat(timespec="seconds"),
        "language": get_language() or "",
        "address": hashed(sent.address),
    }


def hashed(address: str) -> str:
    """An address as something that can be compared with another, but not read."""
    key = f"{current_workspace_id()}:{address}"
    return salted_hmac("intake.address", key, algorithm="sha256").hexdigest()[:32] if address else ""


def ring_once() -> None:
    """Ring, unless somebody did whom no worker has answered yet: a flood of answers is one look."""
    try:
        if not cache.add(rung(), 1, timeout=RUNG_S):
            return
    except (RedisError, OSError):
        pass  # without a cache every answer rings
    ring()


def rung() -> str:
    return f"answers-rung:{current_workspace_id()}"
