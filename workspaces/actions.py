"""Writes of the workspace itself: workspaces, members, teams and keys."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from workspaces.authentication import KEY_PREFIX
from workspaces.ids import digest, new_token
from workspaces.models import (
    Access,
    ApiKey,
    AuditEntry,
    Member,
    Role,
    Team,
    User,
    Workspace,
)
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused
from workspaces.tenancy import enter
from workspaces.texts import clean_text, named

# What a new workspace starts with, told by leadcrm/flow.py: gates, scorecard, policies, channels.
defaults: list[Callable[[Workspace, datetime], None]] = []
team_changed: list[Callable[..., Any]] = []  # what a member holds follows in the same transaction

HOME = {"zh-hans": ("CN", "CNY", "Asia/Shanghai"), "en": ("US", "USD", "UTC")}


@dataclass
class Made:
    """A new workspace, its first admin, and the admin's key (shown once)."""

    workspace: Workspace
    member: Member
    api_key: str


def create_workspace(
    name: str, *, slug: str, email: str, password: str, locale: str = "en", **more: Any
) -> Made:
    """A workspace with its first admin and the default configuration. Invalid when the slug is taken.

    ``more``: ``region`` (two letters), ``currency``, ``time_zone``, ``name`` of the admin.
    """
    as_of = timezone.now()
    locale = locale.lower()
    if locale not in HOME:
        raise Invalid.field("locale", _("Known locales: %(known)s.") % {"known": ", ".join(HOME)})
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,58}", slug):
        raise Invalid.field("slug", _("A slug has lower-case letters, digits and hyphens."))
    region, currency, time_zone = HOME[locale]
    with transaction.atomic():
        if Workspace.objects.filter(slug=slug).exists():
            raise Invalid.field("slug", _("The slug “%(slug)s” is taken.") % {"slug": slug}, "taken")
        workspace = Workspace.objects.create(
            name=named(name),
            slug=slug,
            locale=locale,
            region=more.get("region", region).upper(),
            currency=more.get("currency", currency).upper(),
            time_zone=more.get("time_zone", time_zone),
        )
        with enter(workspace):
            member = add_member(
                email=email,
                name=more.get("admin_name", ""),
                role=Role.ADMIN,
                password=password,
                actor=None,
                as_of=as_of,
            )
            for default in defaults:
                default(workspace, as_of)
            key = new_api_key(member, "first", actor=None, as_of=as_of)
    return Made(workspace, member, key)


def add_member(
    *,
    email: str,
    name: str = "",
    role: str = Role.REP,
    password: str | None = None,
    team: Team | None = None,
    capacity: int = 100,
    actor: Member | None,
    as_of: datetime,
) -> Member:
    """A user becomes a member of the open workspace; a known e-mail keeps its own password.

    A member who left comes back by the same call. Invalid: the address, a weak password.
    """
    require(actor, "members")
    email, name = email.strip().lower(), clean_text(name)
    check_new_member(email, role, password)
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
    current = Member.objects.filter(user=user).first()
    if current is not None and current.is_active:
        raise Refused("member_exists", _("%(email)s is a member already.") % {"email": email})
    values = {
        "email": email,
        "name": name or user.name,
        "role": role,
        "team": team,
        "capacity": capacity,
    }
    member, _created = Member.objects.update_or_create(user=user, defaults=values | {"is_active": True})
    Access.objects.get_or_create(user=user, workspace_id=member.workspace_id)
    audit("member_added", member, {"email": email, "role": role}, actor=actor, as_of=as_of)
    return member


def check_new_member(email: str, role: str, password: str | None) -> None:
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise Invalid.field("email", wrong.messages[0]) from wrong
    if role not in Role.values:
        raise Invalid.field("role", _("Known roles: %(known)s.") % {"known": ", ".join(Role.values)})
    if password:
        try:
            validate_password(password)
        except ValidationError as wrong:
            raise Invalid.field("password", " ".join(wrong.messages)) from wrong


def change_member(member: Member, changes: dict, *, actor: Member | None, as_of: datetime) -> Member:
    """Name, role, team, capacity, whether they take new leads. The last admin stays one."""
    require(actor, "members")
    allowed = {"name", "role", "team", "capacity", "takes_leads"}
    changes = {name: value for name, value in changes.items() if name in allowed}
    if "name" in changes:
        changes["name"] = clean_text(changes["name"])
    before, role = member.team_id, changes.get("role", member.role)
    if role != Role.ADMIN:
        keep_an_admin(member)
    if role not in (Role.ADMIN, Role.MANAGER, Role.REP):
        keep_holder(member)  # a marketer or viewer holds no leads
    for name, value in changes.items():
        setattr(member, name, value)
    member.save()
    data = {name: str(value) for name, value in changes.items()}
    audit("member_changed", member, data, actor=actor, as_of=as_of)
    if member.team_id != before:
        for follow in team_changed:
            follow(member, actor=actor, as_of=as_of)
    return member


def deactivate_member(member: Member, *, actor: Member | None, as_of: datetime) -> None:
    """They can't enter any more; history keeps their name. Refused while they hold leads."""
    require(actor, "members")
    keep_an_admin(member)
    keep_holder(member)
    Member.objects.filter(pk=member.pk).update(is_active=False)
    Access.objects.filter(user_id=member.user_id, workspace_id=member.workspace_id).delete()
    audit("member_deactivated", member, {}, actor=actor, as_of=as_of)


def keep_holder(member: Member) -> None:
    """Refused ``holds_leads`` while they hold any. The lock keeps them from getting another meanwhile."""
    Member.objects.select_for_update().get(pk=member.pk)
    held = member.leads.count()  # type: ignore[attr-defined]
    if held:
        message = _("%(name)s still holds %(count)d leads. Hand them over first.")
        raise Refused("holds_leads", message % {"name": str(member), "count": held}, held=held)


def keep_an_admin(member: Member) -> None:
    if member.role != Role.ADMIN:
        return
    admins = Member.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    if not any(admin.pk != member.pk for admin in admins):
        raise Refused("last_admin", _("A workspace keeps at least one admin."))


def new_api_key(member: Member, name: str, *, actor: Member | None, as_of: datetime) -> str:
    """A key with which a program acts as ``member``. Shown once: only its hash is stored."""
    require(actor, "api_keys")
    name = clean_text(name)
    key = new_token(member.workspace_id, KEY_PREFIX)
    row = ApiKey.objects.create(member=member, name=name, digest=digest(key), hint=key[-4:])
    audit(
        "api_key_made",
        row,
        {"member": str(member.pk), "name": name},
        actor=actor,
        as_of=as_of,
    )
    return key


def drop_api_key(key: ApiKey, *, actor: Member | None, as_of: datetime) -> None:
    require(actor, "api_keys")
    audit(
        "api_key_dropped",
        key,
        {"name": key.name, "hint": key.hint},
        actor=actor,
        as_of=as_of,
    )
    key.delete()


def audit_many(
    action: str,
    kind: str,
    rows: Iterable[tuple[UUID, dict]],
    *,
    actor: Member | None,
    as_of: datetime,
) -> None:
    """Write one entry for each ``(id, data)`` of what is called ``kind``; all in one statement."""
    by = actor.pk if actor else None
    AuditEntry.objects.bulk_create(
        AuditEntry(at=as_of, actor_id=by, action=action, subject=kind, subject_id=pk, data=data)
        for pk, data in rows
    )


def audit(action: str, subject: Any, data: dict, *, actor: Member | None, as_of: datetime) -> None:
    """Write into the audit log who changed what."""
    AuditEntry.objects.create(
        at=as_of,
        actor_id=actor.pk if actor else None,
        action=action,
        subject=type(subject).__name__.lower(),
        subject_id=subject.pk,
        data=data,
    )
