"""An admin helps a member who forgot the password."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from workspaces.actions import audit
from workspaces.models import Access, Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused


def set_password(member: Member, password: str, *, actor: Member | None, as_of: datetime) -> None:
    """A new password for the member's user, who is signed out everywhere.

    Refused("elsewhere") when they may enter other workspaces too: one workspace's admin must not be able to
    open another's door. Invalid: a weak password.
    """
    require(actor, "members")
    if Access.objects.filter(user_id=member.user_id).exclude(workspace_id=member.workspace_id).exists():
        message = _("%(name)s also belongs to other workspaces and can change the password only themselves.")
        raise Refused("elsewhere", message % {"name": member})
    try:
        validate_password(password, member.user)
    except ValidationError as wrong:
        raise Invalid.field("password", " ".join(wrong.messages)) from wrong
    member.user.set_password(password)
    member.user.save(update_fields=["password"])
    audit("password_set", member, {}, actor=actor, as_of=as_of)
