"""Links by which colleagues recommend somebody: a member's own, closed as soon as it is revoked."""

from datetime import datetime

from django.utils.translation import gettext as _

from intake.models import ReferralLink
from leads.actions.channels import resolve_channels
from leads.models import Channel
from leads.models.source import ChannelKind
from workspaces.actions import audit
from workspaces.ids import new_token
from workspaces.models import Member
from workspaces.permissions import may, require
from workspaces.refusals import NotAllowed
from workspaces.tenancy import current_workspace_id

FIELDS = {"fields": ["name", "company", "phone", "email", "wechat", "pain"], "required": ["name"]}


def referral_channel() -> Channel:
    """Where recommended leads come in: the referral channel in use, or a new one."""
    known = Channel.objects.filter(kind=ChannelKind.REFERRAL, is_active=True).order_by("created_at", "pk")
    if (found := known.first()) is not None:
        return found
    name = _("Colleagues' referrals")
    made: Channel = next(iter(resolve_channels([name]).values()))
    made.kind, made.is_active, made.form = ChannelKind.REFERRAL, True, dict(FIELDS)
    made.save(update_fields=["kind", "is_active", "form", "updated_at"])
    return made


def make_link(member: Member, *, as_of: datetime, actor: Member | None) -> ReferralLink:
    """The member's link; one that is in use already stays the one."""
    require(actor, "capture")
    refuse_others(member, actor)
    known: ReferralLink | None = ReferralLink.objects.filter(member=member, revoked_at=None).first()
    if known is not None:
        return known
    token = new_token(current_workspace_id())
    made = ReferralLink.objects.create(member=member, channel=referral_channel(), token=token)
    audit("referral_link_made", made, {"member": str(member)}, actor=actor, as_of=as_of)
    return made


def revoke_link(link: ReferralLink, *, as_of: datetime, actor: Member | None) -> None:
    """From now on the link leads nowhere; what came by it stays."""
    refuse_others(link.member, actor)
    if link.revoked_at is None:
        link.revoked_at = as_of
        link.save(update_fields=["revoked_at", "updated_at"])
        audit("referral_link_revoked", link, {"member": str(link.member)}, actor=actor, as_of=as_of)


def refuse_others(member: Member, actor: Member | None) -> None:
    if actor is not None and actor.pk != member.pk and not may(actor, "channels"):
        raise NotAllowed(_("This link is a colleague's own."))
