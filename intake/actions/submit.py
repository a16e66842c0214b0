"""Somebody outside has answered a form: checked, stored, thanked. Entering it as a lead is due work (enter.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from intake.asking import CONSENT, consent_of, required_by
from intake.forms import arrival
from intake.models import ReferralLink, Submission
from leads.attribution import SAID
from leads.facts import custom_fields
from leads.inserting import as_json, insert_rows
from leads.models import Channel
from workspaces.bell import ring_once
from workspaces.ids import digest, workspace_of
from workspaces.models import Workspace
from workspaces.refusals import NotThere
from workspaces.tenancy import current_workspace_id, step_in

# Read for every answer that comes in: written out, they cost half of what putting them together costs.
WORKSPACE = "SELECT * FROM workspaces_workspace WHERE id = %s"
CHANNEL = "SELECT * FROM leads_channel WHERE workspace_id = %s AND token = %s AND is_active"
LONGEST_NOTE = 300
ANSWERS = "answers"  # the bell that is rung for what comes in


@dataclass
class Sent:
    """What came beside the answers. ``consent``: to the channel's text; None where they were not asked;
    ``address``: of the visitor, kept only as a keyed hash; ``visitor``: the key of a browser whose user agreed to be
    recognised by the same answer, or ``recognised`` before, by the site's own banner."""

    notes: Mapping[str, Any] = field(default_factory=dict)
    consent: bool | None = False
    address: str = ""
    visitor: str = ""
    link: ReferralLink | None = None
    recognised: bool = False


def enter_by(token: str) -> Channel:
    """The channel a public token addresses, its workspace now open. NotThere when there is none."""
    open_by(token)
    for channel in Channel.objects.raw(CHANNEL, [current_workspace_id(), token]):
        return channel
    raise no_form()


def enter_by_link(token: str) -> ReferralLink:
    """The referral link a public token addresses, its workspace now open. NotThere once it was revoked, or
    its channel is not in use."""
    open_by(token)
    links = ReferralLink.objects.select_related("channel", "member", "member__user")
    found: ReferralLink | None = links.filter(
        token=token, revoked_at=None, member__is_active=True, channel__is_active=True
    ).first()
    if found is None:
        raise no_form()
    return found


def open_by(token: str) -> None:
    workspace_id = workspace_of(token)
    for workspace in Workspace.objects.raw(WORKSPACE, [workspace_id]) if workspace_id else ():
        return step_in(workspace)
    raise no_form()


def no_form() -> NotThere:
    return NotThere(_("There is no such form."))


def submit(channel: Channel, data: Mapping[str, Any], sent: Sent, *, as_of: datetime) -> bool:
    """Store an answer; whether its browser will be recognised. Invalid with all that is wrong with it; whether the
    person is known plays no part."""
    text = consent_of(channel)
    agreed = sent.consent or not (text and CONSENT in required_by(channel))
    arrival({**data, CONSENT: agreed}, channel, custom_fields() if data.get("attributes") else None)
    visitor = sent.visitor if sent.recognised or sent.consent or not text else ""
    notes = {name: str(sent.notes[name])[:LONGEST_NOTE] for name in SAID if sent.notes.get(name)}
    insert_rows(
        Submission,
        1,
        as_of=as_of,
        channel_id=[channel.pk],
        link_id=sent.link and str(sent.link.pk),
        data=as_json(data),
        notes=as_json(notes),
        consent=as_json(evidence(text, sent, as_of) if text and sent.consent is not None else {}),
        visitor=digest(visitor) if visitor else "",
        received_at=as_of,
        due_at=as_of,
    )
    ring_once(ANSWERS)
    return bool(visitor)


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
