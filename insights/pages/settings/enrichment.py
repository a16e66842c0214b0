"""Where the blanks of leads are filled from: a web service, a table, the phone number, the records of a domain."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import Section, find
from intake.actions import add_source, change_source, drop_source, load_table
from intake.enriching.http import BY, KEY
from intake.enriching.models import SourceKind
from intake.models import Enriching, FactSource
from leads.actions.fill_in import FILLED
from leads.telling import label
from workspaces.permissions import may
from workspaces.posted import posted

EXAMPLE = "industry = company.industry\nemployees = company.metrics.employees\nregion = company.address.state"
EXPLAINED: dict[str, Any] = {
    SourceKind.PLACE: gettext_lazy(
        "The region by the phone's area code (in China by mobile numbers, too), else by the address, else by the "
        "company's name. Asks nobody outside."
    ),
    SourceKind.MAIL: gettext_lazy(
        "Asks the name servers whether anybody takes mail at the domain, and marks addresses that nobody can write to."
    ),
}


class ServiceForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("a source of facts", "Name"), max_length=200)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=1000,
        help_text=gettext_lazy("{key} stands where the domain goes: https://api.example.com/companies/{key}"),
    )
    by = forms.ChoiceField(label=gettext_lazy("Asked by"))
    fields_found = forms.CharField(
        label=gettext_lazy("Where each field stands in the answer"),
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": EXAMPLE}),
        help_text=gettext_lazy("One a line: our field, “=”, the place in the JSON."),
    )
    header = forms.CharField(
        label=gettext_lazy("Header of the key"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Authorization, unless the service wants another."),
    )
    secret = forms.CharField(
        label=pgettext_lazy("of a web service", "Key"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("As the service wants it, such as “Bearer …”. It is not shown again."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = {
            "domain": _("web domain"),
            "email": _("e-mail"),
            "credit_code": _("unified social credit code"),
            "company": _("company"),
        }
        self.fields["by"].choices = [(key, named[key]) for key in BY]  # type: ignore[attr-defined]

    def clean_fields_found(self) -> dict[str, str]:
        lines = [
            line.partition("=") for line in self.cleaned_data["fields_found"].splitlines() if line.strip()
        ]
        wrong = [name for name, _sign, path in lines if name.strip() not in FILLED or not path.strip()]
        if wrong:
            known = ", ".join(FILLED)
            message = _("Write lines such as “industry = company.industry”. Fields: %(known)s.")
            raise forms.ValidationError(message % {"known": known})
        return {name.strip(): path.strip() for name, _sign, path in lines}

    def settings(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if name != "fields_found"}
        return given | {"fields": self.cleaned_data["fields_found"]}


class TableForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("a source of facts", "Name"), max_length=200)
    file = forms.FileField(
        label=gettext_lazy("List"),
        required=False,
        help_text=gettext_lazy(
            "CSV or a workbook: a column with domains, credit codes or companies, others with industry, employees, "
            "region."
        ),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)


class SwitchForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("a source of facts", "Name"), max_length=200)
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False)


class Enrichment(Section):
    key, icon, reads, needs = "enrichment", "bulb", "enrichment", "enrichment"
    title = gettext_lazy("Checks and enrichment")
    text = gettext_lazy(
        "Where the blanks of leads are filled from: region, industry, size. Nothing typed is overwritten."
    )

    def context(self, request: HttpRequest) -> dict[str, Any]:
        waiting = set(Enriching.objects.values_list("source_id", flat=True).distinct())
        rows = FactSource.objects.order_by("position", "created_at")
        return {
            "rows": [{"row": row, "said": said(row), "waiting": row.pk in waiting} for row in rows],
            "may_ask_outside": may(request.member, "webhooks"),
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        row = find(FactSource, pk) if pk else None
        kind = row.kind if row else request.GET.get("kind", SourceKind.FILE)
        if kind == SourceKind.HTTP:
            return self.service(request, row)
        return self.table(request, row) if kind == SourceKind.FILE else self.switch(request, row)

    def service(self, request: HttpRequest, row: FactSource | None) -> HttpResponse:
        first = {"header": "Authorization"}
        if row is not None:
            paths = row.settings.get("fields", {})
            first = row.settings | {"name": row.name, "is_active": row.is_active}
            first["fields_found"] = "\n".join(f"{name} = {path}" for name, path in paths.items())
        form = ServiceForm(posted(request), initial=first)
        who = {"as_of": request.as_of, "actor": request.member}

        def save() -> str:
            if row is None:
                made = add_source(SourceKind.HTTP, **form.settings(), **who)
                return _("%(name)s is asked from now on.") % {"name": made.name}
            change_source(row, form.settings(), **who)
            return _("%(name)s is changed.") % {"name": row.name}

        title = row.name if row else _("New web service")
        return self.form(request, title, form, save, row=row, drop="drop" if row else "")

    def table(self, request: HttpRequest, row: FactSource | None) -> HttpResponse:
        first = {"name": row.name, "is_active": row.is_active} if row else {}
        form = TableForm(posted(request), request.FILES or None, initial=first)
        if row is None:
            form.fields["file"].required = True
        who = {"as_of": request.as_of, "actor": request.member}

        def save() -> str:
            given = form.cleaned_data
            file = given.pop("file")
            source = change_source(row, given, **who) if row else add_source(SourceKind.FILE, **given, **who)
            if not file:
                return _("%(name)s is changed.") % {"name": source.name}
            rows = load_table(source, file, file.name or "table", **who)
            told = ngettext("%(rows)d row is known now.", "%(rows)d rows are known now.", rows)
            return told % {"rows": rows}

        title = row.name if row else _("New table")
        return self.form(request, title, form, save, row=row, drop="drop" if row else "", files=True)

    def switch(self, request: HttpRequest, row: FactSource | None) -> HttpResponse:
        source = row or find(FactSource, None)
        first = {"name": source.name, "is_active": source.is_active}
        form = SwitchForm(posted(request), initial=first)

        def save() -> str:
            change_source(source, form.cleaned_data, as_of=request.as_of, actor=request.member)
            return _("%(name)s is changed.") % {"name": source.name}

        return self.form(request, source.name, form, save, hint=EXPLAINED.get(source.kind, ""))

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = find(FactSource, pk)
        drop_source(row, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": row.name})


def said(row: FactSource) -> str:
    """What a source does, in a sentence."""
    if row.kind == SourceKind.HTTP:
        fields = " · ".join(label(name) for name in row.settings.get("fields", {}))
        return f"{row.settings.get('url', '').replace(KEY, '…')} → {fields}"
    if row.kind == SourceKind.FILE:
        rows = int(row.settings.get("rows", 0))
        told = ngettext("%(rows)d row", "%(rows)d rows", rows) % {"rows": rows}
        return f"{row.settings.get('file', '')} · {told}".strip(" ·")
    return str(EXPLAINED.get(row.kind, ""))
