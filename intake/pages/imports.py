"""Imports: the list, a new file, how far it is, what came of it, and back again."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.actions import discard, pause, resume, start_import, undo
from intake.actions.start import find_import
from intake.actions.undo import LEFT, changed_facts, left_by
from intake.columns import ATTRIBUTE
from intake.day_orders import questions
from intake.downloads import rejected_rows
from intake.models import Import, ImportedLead, ImportStatus, RejectedRow
from intake.pages.columns import columns_page
from intake.progress import seconds_left
from leads.models import CustomField, Lead
from leads.telling import label
from workspaces.paging import Window
from workspaces.permissions import may, require
from workspaces.refusals import Refusal

ROWS = 30
SHOWN = 10  # rejected rows and leads left, on the page itself
AT_WORK = (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.UNDOING)


@require_safe
def imports(request: HttpRequest, slug: str) -> HttpResponse:
    require(request.member, "import")
    rows = Import.objects.select_related("file", "channel", "member").defer("sample")
    try:
        window = Window(rows, "-created_at", ROWS, request.GET.get("cursor", ""))
    except ValueError:
        return redirect("imports", slug=slug)
    context = {
        "rows": window.rows,
        "next": f"?cursor={window.next}" if window.next else "",
        "previous": f"?cursor={window.previous}" if window.previous else "",
        "tabs": tabs(slug, "imports") if may(request.member, "export") else [],
        "at_work": any(row.status in AT_WORK for row in window.rows),
    }
    return render(request, "intake/imports.html", context)


def tabs(slug: str, here: str) -> list[dict[str, Any]]:
    named = (("imports", _("Imports")), ("exports", _("Exports")))
    return [
        {"label": label, "href": reverse(name, args=[slug]), "active": name == here} for name, label in named
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand in a file. What can't be read is said where the file was dropped."""
    require(request.member, "import")
    fault = ""
    file: Any = request.FILES.get("file")
    if request.method == "POST":
        try:
            if file is None:
                fault = _("Choose a file first.")
            else:
                batch = start_import(
                    file, file.name or "list", confirm=True, as_of=request.as_of, actor=request.member
                )
                return there(request, reverse("import", args=[slug, batch.pk]))
        except Refusal as refusal:
            fault = refusal.message
    context = {"fault": fault, "name": file.name if file else "", "most": settings.IMPORT_MAX_BYTES}
    if fault and request.headers.get("HX-Request"):
        return render(request, "intake/import_fault.html", context, status=422)
    return render(request, "intake/import_new.html", context, status=422 if fault else 200)


def there(request: HttpRequest, address: str) -> HttpResponse:
    """Go to a page, from a form with or without scripts."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Its columns while they wait to be confirmed; then how far it is; then what came of it."""
    require(request.member, "import")
    batch = find_import(pk)
    if batch.status == ImportStatus.UPLOADED:
        return columns_page(request, slug, batch)
    if request.method == "POST":
        return redirect("import", slug=slug, pk=pk)
    return render(request, "intake/import.html", figures(batch))


@require_safe
def import_progress(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """The part of the page that moves; polled while the import runs."""
    require(request.member, "import")
    return render(request, "intake/import_figures.html", figures(find_import(pk)))


def figures(batch: Import) -> dict[str, Any]:
    at_work = batch.status in AT_WORK
    context: dict[str, Any] = {
        "batch": batch,
        "nav": "imports",
        "at_work": at_work,
        "left_s": seconds_left(batch),
        "rejected": first_rows(batch, taken=False) if batch.rejected and not at_work else [],
        "incomplete": first_rows(batch, taken=True) if batch.incomplete and not at_work else [],
        "may_undo": batch.status in (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.PAUSED)
        and (batch.created or batch.merged),
        "new_fields": own_fields(batch),
        "questions": questions(batch.settings.get("undecided", ())),
    }
    return context | (left(batch) if batch.status == ImportStatus.UNDONE else {})


def first_rows(batch: Import, *, taken: bool) -> list[RejectedRow]:
    return list(RejectedRow.objects.filter(batch=batch, taken=taken).order_by("row")[:SHOWN])


def own_fields(batch: Import) -> list[str]:
    """The labels of the custom fields that its columns became."""
    keys = [target.removeprefix(ATTRIBUTE) for target in batch.mapping.values() if target]
    return list(CustomField.objects.filter(key__in=keys).order_by("label").values_list("label", flat=True))


def left(batch: Import) -> dict[str, Any]:
    """The leads that undoing did not touch, by reason."""
    rows = left_by(batch)
    counts = list(rows.values_list("kept").annotate(count=Count("id")).order_by("-count"))
    return {
        "left": [(LEFT.get(kept, kept), count) for kept, count in counts],
        "left_rows": as_left(rows.select_related("lead").order_by("id")[:SHOWN]),
        "more_left": sum(count for _kept, count in counts) > SHOWN,
    }


def as_left(rows: Iterable[ImportedLead]) -> list[tuple[Lead, str, str]]:
    """(lead, why it was left, which facts have been changed since)."""
    names = dict(CustomField.objects.values_list("key", "label"))
    return [(row.lead, LEFT.get(row.kept, row.kept), facts_of(row, names)) for row in rows]


def facts_of(row: ImportedLead, names: Mapping[str, str]) -> str:
    told = [
        names.get(name.removeprefix(ATTRIBUTE), name) if name.startswith(ATTRIBUTE) else label(name)
        for name in changed_facts(row)
    ]
    return pgettext("between items", ", ").join(told)


@require_safe
def import_left(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Every lead that undoing left as it is, page by page."""
    require(request.member, "import")
    batch = find_import(pk)
    try:
        rows = left_by(batch).select_related("lead")
        window = Window(rows, "id", ROWS, request.GET.get("cursor", ""))
    except ValueError:
        return redirect("import_left", slug=slug, pk=pk)
    context = {
        "batch": batch,
        "nav": "imports",
        "left_rows": as_left(window.rows),
        "next": f"?cursor={window.next}" if window.next else "",
        "previous": f"?cursor={window.previous}" if window.previous else "",
    }
    return render(request, "intake/left.html", context)


@require_POST
def import_undo(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    undo(find_import(pk), as_of=request.as_of, actor=request.member)
    return there(request, reverse("import", args=[slug, pk]))


@require_POST
def import_pause(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    pause(find_import(pk), as_of=request.as_of, actor=request.member)
    return there(request, reverse("import", args=[slug, pk]))


@require_POST
def import_resume(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    resume(find_import(pk), as_of=request.as_of, actor=request.member)
    return there(request, reverse("import", args=[slug, pk]))


@require_POST
def import_discard(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    discard(find_import(pk), actor=request.member)
    messages.success(request, _("The file was discarded. Nothing of it was taken in."))
    return there(request, reverse("imports", args=[slug]))


@require_safe
def import_rejected(request: HttpRequest, slug: str, pk: UUID) -> HttpResponseBase:
    require(request.member, "import")
    return rejected_rows(find_import(pk))


@require_safe
def import_incomplete(request: HttpRequest, slug: str, pk: UUID) -> HttpResponseBase:
    require(request.member, "import")
    return rejected_rows(find_import(pk), taken=True)
