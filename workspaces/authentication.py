"""Who is asking the API: a key of one member, or the signed-in browser (with CSRF)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from workspaces.ids import digest, workspace_of
from workspaces.models import ApiKey, Workspace
from workspaces.seam import be, open_for, workspaces_of
from workspaces.tenancy import step_in

KEY_PREFIX = "lc_"
LAST_USED_EVERY_S = 300


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer <api key>``. The key says its workspace; its hash is looked up inside."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        workspace_id = workspace_of(key.strip(), KEY_PREFIX)
        workspace = Workspace.objects.filter(pk=workspace_id).first() if workspace_id else None
        if workspace is None:
            raise AuthenticationFailed(_("This API key is not valid."))
        step_in(workspace)
        found = (
            ApiKey.objects.filter(digest=digest(key.strip()), member__is_active=True)
            .select_related("member__team", "member__user")
            .first()
        )
        if found is None:
            raise AuthenticationFailed(_("This API key is not valid."))
        note_use(found, request._request.as_of)
        be(request._request, found.member)
        return found.member.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def note_use(key: ApiKey, now: datetime) -> None:
    """Write down when a key was last used, now and then, and never wait for another request that does."""
    if key.last_used_at is None or (now - key.last_used_at).total_seconds() > LAST_USED_EVERY_S:
        free = ApiKey.objects.select_for_update(skip_locked=True).filter(pk=key.pk)
        ApiKey.objects.filter(pk__in=free.values("pk")).update(last_used_at=now)


class PageAuthentication(SessionAuthentication):
    """The browser's session; the workspace is the one last opened, or named by ``X-Workspace: slug``."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        mine = workspaces_of(request._request)
        slug = request.headers.get("X-Workspace")
        wanted = request._request.session.get("workspace")
        chosen = [w for w in mine if (w.slug == slug if slug else str(w.pk) == wanted)]
        if not chosen and (slug or not mine):
            raise AuthenticationFailed(_("You are not a member of this workspace."))
        open_for(request._request, (chosen or mine)[0])
        return found


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "workspaces.authentication.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key of a member.",
        }


class PageScheme(OpenApiAuthenticationExtension):
    target_class = "workspaces.authentication.PageAuthentication"
    name = "browserSession"

    def get_security_definition(self, auto_schema: Any) -> dict:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
