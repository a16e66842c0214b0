"""Exports: which leads, which columns; then the file."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.actions import drop_export, start_export
from intake.actions.export import find_export
from intake.cells_out import ATTRIBUTE, PLAIN, SPECIAL, USUAL
from intake.downloads import stored_file
from intake.models import Export, ExportStatus
from intake.pages.imports import tabs, there
from leads.conditions import parse, say, vocabulary
from leads.models import CustomField, Lead
from leads.queries import meeting
from leads.telling import label
from workspaces.paging import Window
from workspaces.parsing import read_json
from workspaces.permissions import may, require
from workspaces.refusals import Invalid, Refused
from workspaces.tenancy import current_workspace

ROWS = 30


@require_safe
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    require(request.member, "export")
    rows = Export.objects.select_related("file", "member")
    try:
        window = Window(rows, "-created_at", ROWS, request.GET.get("cursor", ""))
    except ValueError:
        return redirect("exports", slug=slug)
    context = {
        "nav": "imports",
        "rows": [(row, sentence(row.where)) for row in window.rows],
        "next": f"?cursor={window.next}" if window.next else "",
        "previous": f"?cursor={window.previous}" if window.previous else "",
        "tabs": tabs(slug, "exports") if may(request.member, "import") else [],
        "at_work": any(row.status == ExportStatus.QUEUED for row in window.rows),
    }
    return render(request, "intake/exports.html", context)


def sentence(where: dict[str, Any]) -> str:
    """Which leads, in words."""
    if not where:
        return _("All leads")
    words = vocabulary(current_workspace())
    try:
        return say(parse(where, words, stored=True))
    except Invalid:
        return _("A condition on fields that are gone")


@require_http_methods(["GET", "HEAD", "POST"])
def export_new(request: HttpRequest, slug: str) -> HttpResponse:
    """``?where=`` a condition as JSON, such as the lead list's own."""
    require(request.member, "export")
    text = (request.POST or request.GET).get("where", "")
    fault = ""
    where: dict[str, Any] = {}
    try:
        where = read_json(text) if text.strip() else {}
        if where:
            parse(where, vocabulary(current_workspace()), path="where")
        if request.method == "POST":
            start_export(where, request.POST.getlist("columns"), as_of=request.as_of, actor=request.member)
            return there(request, reverse("exports", args=[slug]))
    except ValueError:
        fault, where = _("This is not a condition."), {}
    except Invalid as wrong:
        fault, where = wrong.message, {}
    rows = Lead.objects.filter(meeting(where, as_of=request.as_of)) if where else Lead.objects.all()
    context = {
        "nav": "imports",
        "where": json.dumps(where) if where else "",
        "sentence": sentence(where),
        "count": rows.count(),
        "columns": columns(),
        "fault": fault,
    }
    return render(request, "intake/export_new.html", context, status=422 if fault else 200)


def columns() -> list[tuple[str, str, bool]]:
    """(name, label, ticked)."""
    custom = [(ATTRIBUTE + f.key, f.label) for f in CustomField.objects.order_by("label")]
    facts = [name for name in USUAL if name != "id"]
    rest = [name for name in (*SPECIAL, *PLAIN) if name not in facts and name not in ("domain", "id")]
    found = [(name, capfirst(label_of(name)), True) for name in facts]
    found += [(name, text, True) for name, text in custom]
    found += [(name, capfirst(label_of(name)), False) for name in dict.fromkeys(rest)]
    return [*found, ("id", _("Id"), True)]


def label_of(name: str) -> str:
    named = {
        "tags": _("tags"),
        "company": _("company"),
        "channel": _("source (channel)"),
        "owner": _("owner"),
        "team": _("team"),
        "stage": _("stage"),
        "pool": _("pool"),
        "score": _("score"),
        "grade": _("grade"),
        "budget_currency": _("currency of the budget"),
        "phone_e164": _("phone (E.164)"),
        "captured_at": _("came in"),
        "stage_since": _("in this stage since"),
        "next_action_at": _("next action"),
        "last_follow_up_at": _("last follow-up"),
        "reclaim_at": _("taken back at"),
        "version": _("version"),
        "created_at": _("entered at"),
        "updated_at": _("changed at"),
    }
    return named.get(name) or label(name)


@require_safe
def export_file(request: HttpRequest, slug: str, pk: UUID) -> HttpResponseBase:
    require(request.member, "export")
    export = find_export(pk)
    if export.file is None:
        raise Refused("not_finished", _("This export is not finished yet."))
    return stored_file(export.file)


@require_POST
def export_deleted(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    require(request.member, "export")
    drop_export(find_export(pk), as_of=request.as_of, actor=request.member)
    messages.success(request, _("The export and its file are deleted."))
    return there(request, reverse("exports", args=[slug]))
