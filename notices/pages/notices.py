"""What am I told? The list, the panel behind the bell, and the bell itself."""

import json
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from notices import queries
from notices.actions import mark_read, mark_unread
from notices.actions.notify import notice_of
from notices.kinds import USUAL
from notices.models import Kind, Notice
from notices.wording import told
from workspaces.moved import mark_of
from workspaces.paging import Window
from workspaces.tenancy import current_workspace

ROWS = 50
IN_PANEL = 12
NEWS = 3  # toasts at once


@require_safe
def notices(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest first, day by day; ``?show=unread``. Behind the bell: the first few, in the side panel."""
    only = "unread" if request.GET.get("show") == "unread" else ""
    found = queries.notices(request.member)
    found = found.filter(read_at__isnull=True) if only else found
    in_panel = request.headers.get("HX-Target") == "peek-body"
    try:
        window = Window(found, "-at", IN_PANEL if in_panel else ROWS, request.GET.get("cursor", ""))
    except ValueError:
        return redirect("notices", slug=slug)
    bell = queries.bell(request.member)
    context = {
        "nav": "notices",
        "days": days(window.rows),
        "any": bool(window.rows),
        "bell": bell,
        "only": only,
        "tabs": tabs(only, bell.unread),
        "next": f"?{urlencode({'show': only, 'cursor': window.next})}" if window.next else "",
        "previous": f"?{urlencode({'show': only, 'cursor': window.previous})}" if window.previous else "",
    }
    return render(request, "notices/panel.html" if in_panel else "notices/notices.html", context)


def tabs(only: str, unread: int) -> list[dict[str, Any]]:
    return [
        {"label": _("All"), "href": "?", "active": not only},
        {"label": _("Unread"), "href": "?show=unread", "active": bool(only), "count": unread},
    ]


def days(rows: list[Notice]) -> list[dict[str, Any]]:
    """The notices under the day on which they came, by the workspace's calendar."""
    zone = current_workspace().tz
    seen = [(one, words) for one, words in told(rows)]
    grouped = groupby(seen, key=lambda pair: pair[0].at.astimezone(zone).date())
    return [{"day": day, "rows": [as_row(one, words) for one, words in pairs]} for day, pairs in grouped]


def as_row(one: Notice, words: Any) -> dict[str, Any]:
    return {"notice": one, "told": words, "icon": USUAL[one.kind].icon}


@require_safe
def bell(request: HttpRequest, slug: str) -> HttpResponse:
    """How the bell looks now, and whether what the page shows has moved. Asked every few seconds.

    Nothing (204) while ``?version=`` of the bell and ``?mark=`` of what is shown are still right; ``?lead=`` asks for
    the mark of one lead. ``mine``: the member asking moved it, whose page knows already.
    """
    now, known = queries.bell(request.member), request.GET.get("version", "")
    mark = mark_of(request.GET.get("lead", "")[:36])
    if known == now.version and request.GET.get("mark", mark) == mark:
        return HttpResponse(status=204)
    news = []
    if known:  # what came since the page was opened is said; what was there before is only counted
        since = known.partition("-")[2]
        fresh = queries.notices(request.member).filter(read_at__isnull=True)[:NEWS]
        news = [
            {"title": words.title, "text": words.text, "href": address(slug, one)}
            for one, words in told(fresh)
            if f"{one.at.timestamp():.6f}" > since
        ]
    label = ngettext("%(count)d unread notice", "%(count)d unread notices", now.unread) % {
        "count": now.unread
    }
    return JsonResponse(
        {
            "version": now.version,
            "unread": now.unread,
            "label": label if now.unread else _("Notices"),
            "news": news,
            "mark": mark,
            "mine": mark.endswith(str(request.member.pk)),
        }
    )


def address(slug: str, notice: Notice) -> str:
    return reverse("notice_open", kwargs={"slug": slug, "pk": notice.pk})


@require_safe
def open_one(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Read it, and go to what it is about: by the bell, a mail, or a line in a group that everybody there can follow.

    Somebody else's is not read by that, and what it is about shows what the reader may see.
    """
    notice = Notice.objects.filter(pk=pk).first()
    if notice is None:
        raise Http404(_("There is nothing at this address."))
    mark_read(request.member, [pk], as_of=request.as_of)
    return redirect(goal(slug, notice))


def goal(slug: str, notice: Notice) -> str:
    """The page on which something can be done about it."""
    place = {"slug": slug}
    if notice.kind == Kind.APPROVAL_WANTED:
        return reverse("approvals", kwargs=place)
    if notice.kind == Kind.SCORECARD_REVIEW:
        team = notice.data.get("team")
        return reverse("review", kwargs=place) + (f"?team={team}" if team else "")
    if notice.kind == Kind.SCORECARD_LEARNED:
        return reverse("trainings", kwargs=place)
    if notice.kind == Kind.CHANNEL_FAILING:
        return reverse("settings_section", kwargs=place | {"section": "channels-out"})
    if notice.kind == Kind.HANDOVER and notice.data.get("handover"):
        return reverse("handover", kwargs=place | {"pk": notice.data["handover"]})
    if notice.lead_id:
        return reverse("lead", kwargs=place | {"pk": notice.lead_id})
    return goal_of_many(place, notice)


def goal_of_many(place: dict[str, str], notice: Notice) -> str:
    """The list in which the leads of the notice stand, those at the top that are due first."""
    if notice.kind in (Kind.RESPONSE_DUE, Kind.RESPONSE_LATE) and notice.data.get("owner"):
        return reverse("response_times", kwargs=place) + f"?member={notice.data['owner']}"
    if notice.kind == Kind.RECLAIM_WARNING:
        return reverse("leads", kwargs=place) + f"?owner={notice.member_id}&ordering=reclaim_at"
    if notice.kind in (Kind.ASSIGNED, Kind.HANDOVER, Kind.CAME_AGAIN, Kind.RESUMED):
        return reverse("leads", kwargs=place) + f"?owner={notice.member_id}"
    if notice.kind == Kind.TASK_DUE:
        return reverse("today", kwargs=place)
    return reverse("notices", kwargs=place)


@require_POST
def read_one(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Mark it as read, or with ``unread`` as not read."""
    if notice_of(pk, request.member) is None:
        raise Http404(_("There is nothing at this address."))
    mark = mark_unread if request.POST.get("unread") else mark_read
    mark(request.member, [pk], as_of=request.as_of)
    return changed(request, slug)


@require_POST
def read_all(request: HttpRequest, slug: str) -> HttpResponse:
    count = mark_read(request.member, None, as_of=request.as_of)
    text = ngettext("%(count)d notice marked as read.", "%(count)d notices marked as read.", count)
    return changed(request, slug, text % {"count": count})


def changed(request: HttpRequest, slug: str, text: str = "") -> HttpResponse:
    """The list and the bell look again."""
    if not request.headers.get("HX-Request"):
        return redirect("notices", slug=slug)
    happened: dict[str, Any] = {"changed": True, "bell": True}
    if text:
        happened["toast"] = {"text": text, "level": "success"}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(happened)})
