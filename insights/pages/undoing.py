"""Ten seconds to take back whatever was done with a lead from its page, Today or the board."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from insights.board import forget_sums
from insights.pages.panel import task_answer
from leads.actions.undo import belongings, keep_undo, take_back
from workspaces.tenancy import current_workspace

View = Callable[..., HttpResponse]


def undoable(view: View) -> View:
    """A page's action on one lead (``pk``) whose toast offers to take it back."""

    @wraps(view)
    def respond(request: HttpRequest, slug: str, pk: UUID, **more: Any) -> HttpResponse:
        if request.method != "POST" or request.member is None:
            return view(request, slug, pk, **more)
        return with_undo(request, pk, lambda: view(request, slug, pk, **more))

    return respond


def with_undo(request: HttpRequest, pk: UUID, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Act, and let the toast of the answer take it back."""
    before = belongings(pk)
    response = act()
    told = json.loads(response.headers.get("HX-Trigger", "null"))
    if response.status_code != 204 or not isinstance(told, dict) or "undo" in told.get("toast", {"undo": ""}):
        return response
    kept = keep_undo(pk, before, as_of=request.as_of, actor=request.member)
    if kept is not None:
        told["toast"]["undo"] = reverse("undo", kwargs={"slug": current_workspace().slug, "pk": kept.pk})
        response.headers["HX-Trigger"] = json.dumps(told)
    return response


@require_POST
def undo(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Everything as it was before; a refusal says why not."""
    take_back(pk, as_of=request.as_of, actor=request.member)
    forget_sums()
    return task_answer(_("Taken back."))
