"""A colleague leaves or is away: which of their leads go to whom, and what the new holders must know."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from insights.pages.settings.section import ConditionField, attempt
from leads.models import Lead
from leads.pages.building import builder
from pools.actions import hand_over
from pools.models import Handover
from pools.planning import matching
from pools.queries import claim_policy, held_by, takers
from pools.summaries import left_behind, of_handover
from workspaces.ids import is_id
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.posted import posted
from workspaces.tenancy import current_workspace

ROWS = 50


class HandoverForm(forms.Form):
    where = ConditionField(label=gettext_lazy("Which of them"))
    how = forms.ChoiceField(
        label=gettext_lazy("Who gets them"),
        choices=[
            ("members", gettext_lazy("These members, in turn")),
            ("rules", gettext_lazy("Whom the assignment rules name, lead by lead")),
        ],
        widget=forms.RadioSelect,
        initial="members",
    )
    to: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Members"), queryset=None, widget=forms.CheckboxSelectMultiple, required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, help_text=gettext_lazy("The new holders read it.")
    )
    override = forms.BooleanField(label=gettext_lazy("Also when they hold too many"), required=False)


@require_safe
def handovers(request: HttpRequest, slug: str) -> HttpResponse:
    """Who could hand over what, and what was handed over; the newest first."""
    require(request.member, "assign")
    members = list(Member.objects.filter(is_active=True).order_by("name", "email"))
    held = held_by(member.pk for member in members)
    names: dict[UUID | None, Member] = {member.pk: member for member in Member.objects.all()}
    rows = Handover.objects.order_by("-at", "-id")[:ROWS]
    context = {
        "nav": "handovers",
        "holders": [{"member": one, "held": held[one.pk]} for one in members if held.get(one.pk)],
        "rows": [
            {"row": row, "member": names.get(row.member_id), "actor": names.get(row.actor_id)} for row in rows
        ],
    }
    return render(request, "insights/handovers.html", context)


@require_http_methods(["GET", "POST"])
def new_handover(request: HttpRequest, slug: str) -> HttpResponse:
    """One page: whose leads (``?from=``), which of them, to whom, and why."""
    require(request.member, "assign")
    given = request.GET.get("from", "")
    holder = Member.objects.filter(pk=given).first() if is_id(given) else None
    if holder is None:
        raise Http404(_("There is no such member."))
    form = HandoverForm(posted(request))
    others = list(takers().exclude(pk=holder.pk))
    form.fields["to"].queryset = takers().exclude(pk=holder.pk)  # type: ignore[attr-defined]
    made: list[Handover] = []
    if request.method == "POST" and attempt(form, lambda: made.append(do(request, holder, form))):
        return redirect("handover", slug=slug, pk=made[0].pk)
    held = held_by([holder.pk, *(one.pk for one in others)])
    most = claim_policy().holding_capacity
    chosen = request.POST.getlist("to")
    context = {
        "nav": "handovers",
        "holder": holder,
        "held": Lead.objects.filter(owner=holder).count(),
        "form": form,
        "others": [
            {
                "member": one,
                "held": held.get(one.pk, 0),
                "most": min(one.capacity, most),
                "chosen": str(one.pk) in chosen,
            }
            for one in others
        ],
        "builder": builder(),
        "preview_url": reverse("leads_preview", kwargs={"slug": current_workspace().slug}),
    }
    return render(request, "insights/handover_new.html", context, status=422 if form.errors else 200)


def do(request: HttpRequest, holder: Member, form: forms.Form) -> Handover:
    given = form.cleaned_data
    leads: list[UUID] | None = None
    if given["where"]:
        found = matching(Lead.objects.filter(owner=holder), given["where"], as_of=request.as_of)
        leads = list(found.values_list("pk", flat=True))
    by_rule = given["how"] == "rules"
    to = [] if by_rule else list(given["to"])
    who: dict[str, Any] = {"as_of": request.as_of, "actor": request.member, "override": given["override"]}
    return hand_over(holder, to, given["reason"], leads=leads, by_rule=by_rule, **who).record


@require_safe
def handover(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """What it moved, lead by lead; a rep sees what came to them."""
    record = Handover.objects.select_related("member").filter(pk=pk).first()
    if record is None:
        raise Http404(_("There is nothing at this address."))
    mine = None if request.member.manages else request.member
    found = of_handover(record, as_of=request.as_of, holder=mine)
    if mine is not None and not found:
        raise Http404(_("There is nothing at this address."))
    by_holder: dict[Any, list] = {}
    for one in found:
        by_holder.setdefault(one.holder, []).append(one)
    context = {
        "nav": "handovers",
        "record": record,
        "groups": sorted(by_holder.items(), key=lambda pair: str(pair[0])),
        "left": left_behind(record) if mine is None else [],
        "mine": mine,
    }
    return render(request, "insights/handover.html", context)
