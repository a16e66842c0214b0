"""Where a request meets its workspace: one transaction around it, one workspace inside it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from workspaces.models import Access, Member, Workspace
from workspaces.refusals import Invalid, Refusal, crossed
from workspaces.tenancy import current_or_none, leave, step_in

Respond = Callable[[HttpRequest], HttpResponse]
NO_DATABASE = ("/healthz", "/static/", "/metrics", "/readyz")


class RequestSeam:
    """The outermost piece: a transaction per request; any answer of 400 and above changes nothing.

    Pages are rendered inside (lazy template responses would otherwise render after the commit).
    ``request.as_of`` is the one "now" that everything in the request uses.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.as_of = timezone.now()
        request.member = None
        if request.path.startswith(NO_DATABASE):
            return self.respond(request)
        before = current_or_none()  # nobody's in a server; in tests the workspace around the request
        try:
            with transaction.atomic():
                response = self.respond(request)
                if response.status_code >= 400 and not getattr(response, "keeps_changes", False):
                    transaction.set_rollback(True)
            return response
        finally:
            leave(before)


class PageMember:
    """Opens the workspace named in a page's address, for its members only; others get a 404."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict) -> HttpResponse | None:
        slug = kwargs.get("slug")
        if slug is None or getattr(view, "outside_workspaces", False):
            return None
        if not request.user.is_authenticated:
            return redirect(f"{reverse(settings.LOGIN_URL)}?next={request.get_full_path()}")
        workspace = Workspace.objects.filter(slug=slug, accesses__user=request.user).first()
        if workspace is None:
            raise Http404("No such workspace")
        open_for(request, workspace)
        if request.session.get("workspace") != str(workspace.pk):
            request.session["workspace"] = str(workspace.pk)
        return unreadable(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal that a page did not answer itself becomes a readable page of its own status."""
        from workspaces.pages import crossed_page, refusal_page

        if crossed(exception):
            return crossed_page(request)
        return refusal_page(request, exception) if isinstance(exception, Refusal) else None


def unreadable(request: HttpRequest) -> HttpResponse | None:
    """The answer to an address with a NUL character, which the database can't compare with anything."""
    from workspaces.pages import refusal_page

    if "%00" not in request.META.get("QUERY_STRING", ""):
        return None
    message = _("The address holds a character that no text can hold. Open the page anew, without it.")
    return refusal_page(request, Invalid.field("", message))


def open_for(request: HttpRequest, workspace: Workspace) -> Member:
    """Open ``workspace`` for the signed-in user of this request; 404 when not an active member."""
    step_in(workspace)
    member = Member.objects.filter(user_id=request.user.pk, is_active=True).select_related("team").first()
    if member is None:
        raise Http404("No such workspace")
    member.user = request.user  # type: ignore[assignment]  # known already: no page has to read it again
    be(request, member)
    return member


def be(request: HttpRequest, member: Member) -> None:
    """From here on the request acts as ``member``."""
    request.member = member


def page_context(request: HttpRequest) -> dict:
    """What every page knows: the member and the workspace (None when signed out)."""
    member = getattr(request, "member", None)
    if member is None:
        return {"member": None, "workspace": None}
    from workspaces.tenancy import current_workspace

    return {"member": member, "workspace": current_workspace()}


def workspaces_of(request: HttpRequest) -> list[Workspace]:
    return [
        access.workspace
        for access in Access.objects.filter(user=request.user)
        .select_related("workspace")
        .order_by("workspace__name")
    ]
