"""Entering a lead by hand, fast: what is known already shows while typing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from leads.actions import capture
from leads.facts import incoming_from
from leads.incoming import Source, normalise
from leads.looking_up import companies_like
from leads.models import Channel, Lead
from leads.models.identity import IdentityKind
from leads.models.lead import NeedLevel
from workspaces.permissions import require
from workspaces.posted import posted
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

BY_HAND = Source(kind="hand")
MOST_MATCHES = 5
WAYS = ("email", "phone", "wechat")


class LeadForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    company = forms.CharField(label=gettext_lazy("Company"), max_length=300, required=False)
    email = forms.CharField(label=gettext_lazy("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=60, required=False)
    wechat = forms.CharField(label=gettext_lazy("WeChat"), max_length=100, required=False)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, required=False)
    industry = forms.CharField(label=gettext_lazy("Industry"), max_length=200, required=False)
    region = forms.CharField(label=gettext_lazy("Region"), max_length=200, required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Source"), required=False)
    need_level = forms.ChoiceField(label=gettext_lazy("Need"), choices=NeedLevel.choices, required=False)
    pain = forms.CharField(
        label=gettext_lazy("Pain, in their own words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Channel.objects.filter(is_active=True).order_by("name").values_list("name", flat=True)
        self.fields["channel"].choices = [("", "–"), *((name, name) for name in names)]  # type: ignore[attr-defined]
        self.fields["phone"].help_text = _("With the country code, when it is not from here.")


@require_http_methods(["GET", "POST"])
def lead_new(request: HttpRequest, slug: str) -> HttpResponse:
    """One lead by hand; a known one is opened instead, its blanks filled."""
    require(request.member, "capture")
    form = LeadForm(posted(request), initial={"need_level": "unknown"})
    if request.method == "POST" and form.is_valid():
        try:
            item = incoming_from({name: value for name, value in form.cleaned_data.items() if value})
            if item.rejected:
                raise Invalid(item.problems)
            [found] = capture([item], source=BY_HAND, as_of=request.as_of, actor=request.member)
            if found.lead_id is None:
                raise Invalid(found.errors)
        except Invalid as wrong:
            for one in wrong.errors:
                form.add_error(one["field"] if one["field"] in form.fields else None, one["message"])
        else:
            known = _("This lead was known already. What was new about it is filled in.")
            messages.success(request, _("Entered.") if found.status == "created" else known)
            return redirect("lead", slug=slug, pk=found.lead_id)
    return render(
        request, "leads/new.html", {"nav": "leads", "form": form}, status=422 if form.errors else 200
    )


@require_safe
def lead_matches(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is known already by what was typed so far: the same person, or others of the same company."""
    require(request.member, "capture")
    typed = {name: request.GET.get(name, "").strip() for name in (*WAYS, "company")}
    same = same_person(typed)
    colleagues = Lead.objects.none()
    companies = companies_like(typed["company"]) if len(typed["company"]) > 1 else []
    if companies:
        colleagues = with_holder().filter(company_id__in=companies).exclude(pk__in=[lead.pk for lead in same])
    others = list(colleagues.order_by("-score", "-id")[: MOST_MATCHES - len(same)])
    return render(request, "leads/matches.html", {"same": same, "others": others})


def with_holder() -> Any:
    return Lead.objects.select_related("company", "owner")


def same_person(typed: dict[str, str]) -> list[Lead]:
    facts = {name: typed[name] for name in WAYS}
    normalise(facts, current_workspace().region)
    known = [
        (IdentityKind.EMAIL, facts["email_key"]),
        (IdentityKind.PHONE, facts["phone_e164"]),
        (IdentityKind.WECHAT, facts["wechat"].lower()),
    ]
    wanted = Q()
    for kind, value in known:
        if value:
            wanted |= Q(identities__kind=kind, identities__value=value)
    return list(with_holder().filter(wanted).distinct()[:MOST_MATCHES]) if wanted else []
