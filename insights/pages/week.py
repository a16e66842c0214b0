"""The week: what is due on which day, moved by a key; and the calendar feed of a member's tasks."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from insights.pages.panel import task_answer
from leads.actions import move_task
from leads.actions.agenda import close_feed, enter_by_feed, renew_feed
from leads.agenda import calendar_of, week_of
from leads.models import CalendarFeed, Lead, Task
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotThere
from workspaces.tenancy import current_workspace


@require_safe
def week(request: HttpRequest, slug: str) -> HttpResponse:
    """``?from=``: any day of the week to see; this week unless told."""
    require(request.member, "follow_up")
    today = timezone.localdate(request.as_of, current_workspace().tz)
    found = week_of(request.member, asked_day(request.GET.get("from", "")) or today, as_of=request.as_of)
    context = {
        "nav": "week",
        "week": found,
        "today": today,
        "ends": found.begins + timedelta(days=6),
        "before": found.begins - timedelta(days=7),
        "after": found.begins + timedelta(days=7),
        "this_week": found.begins <= today < found.begins + timedelta(days=7),
        "share": round(100 * found.done / found.total) if found.total else 0,
        "feed": CalendarFeed.objects.filter(member=request.member).first(),
    }
    return render(request, "insights/week.html", context)


def asked_day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2100 else None


@require_POST
def task_moved(request: HttpRequest, slug: str, task: UUID) -> HttpResponse:
    """A day later (``days`` = 1) or earlier (-1), or to the moment ``at``; ten seconds to undo."""
    row = Task.objects.filter(pk=task).first()
    if row is None:
        raise Http404(_("There is no such task."))
    before = row.due_at
    moved = move_task(task, where_to(request, before), as_of=request.as_of, actor=request.member)
    address = reverse("task_move", kwargs={"slug": slug, "task": task})
    if request.GET.get("at"):
        return task_answer(_("Taken back."))
    day = timezone.localtime(moved.due_at, current_workspace().tz)
    undo = f"{address}?at={before.isoformat().replace('+', '%2B')}"
    return task_answer(_("Now due on %(day)s.") % {"day": f"{day:%Y-%m-%d}"}, undo)


def where_to(request: HttpRequest, due_at: datetime) -> datetime:
    """Late ones are counted from today, at their time of day."""
    try:
        at = parse_datetime(request.GET.get("at", ""))
    except ValueError:
        at = None
    if at is not None and at.tzinfo is not None:
        return at
    if request.POST.get("days") not in ("1", "-1"):
        raise Invalid.field("days", _("Known values: %(known)s.") % {"known": "1, -1"}, "unknown_value")
    zone = current_workspace().tz
    now, due = request.as_of.astimezone(zone), due_at.astimezone(zone)
    if due.date() < now.date():
        due = datetime.combine(now.date(), due.time(), tzinfo=zone)
        return due + timedelta(days=1) if request.POST["days"] == "1" else due
    return due + timedelta(days=int(request.POST["days"]))


@require_POST
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Make or renew the secret address, which is shown this once; ``close=1`` ends it."""
    member: Member = request.member
    if request.POST.get("close"):
        close_feed(member)
        return redirect("week", slug=slug)
    token = renew_feed(member, as_of=request.as_of)
    address = request.build_absolute_uri(reverse("calendar", kwargs={"token": token}))
    return render(request, "insights/feed_shown.html", {"address": address})


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program reads: no sign-in, the address is the secret."""
    try:
        member = enter_by_feed(token)
    except NotThere as gone:
        raise Http404(str(gone)) from None
    slug = current_workspace().slug

    def address(lead: Lead) -> str:
        return request.build_absolute_uri(reverse("lead", kwargs={"slug": slug, "pk": lead.pk}))

    with translation.override(member.user.language or current_workspace().locale):
        made = calendar_of(member, as_of=request.as_of, address=address)
    answer = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=300"
    answer["Content-Disposition"] = 'inline; filename="tasks.ics"'
    return answer
