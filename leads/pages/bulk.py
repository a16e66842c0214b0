"""What is done to a whole selection in this room: tag it, rate it, and move it to another stage."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leads import reasons
from leads.actions import advance, tag, untag
from leads.actions.quality import rate_quality
from leads.gates import DETAILS, steps
from leads.locking import holds
from leads.models import Lead, LeadTag, Tag
from leads.models.lead import FORWARD, Quality, Stage
from leads.moving import moved_text
from leads.pages.answers import done, nothing_selected, partly
from leads.pages.listing import selected
from leads.pages.undoing import keeping, kept
from leads.telling import step_name
from workspaces.permissions import may, require
from workspaces.posted import posted
from workspaces.refusals import Invalid, Refusal

OFFERED = ("to_mql", "to_sql", "to_opportunity", "win", "send_back", "defer", "lose", "disqualify", "reopen")


class TagForm(forms.Form):
    tags = forms.CharField(label=gettext_lazy("Tags, separated by commas"), max_length=500)

    def names(self) -> list[str]:
        text = self.cleaned_data["tags"].replace("，", ",").replace("、", ",")
        return [name.strip() for name in text.split(",") if name.strip()]


@require_http_methods(["GET", "POST"])
def tag_many(request: HttpRequest, slug: str) -> HttpResponse:
    """Put tags on the selection. The undo takes them off those that did not have them before."""
    ids = selected(request)
    form = TagForm(posted(request))
    if request.method == "POST" and not ids:
        return nothing_selected(request)
    if request.method == "POST" and form.is_valid():
        had = set(
            LeadTag.objects.filter(lead_id__in=ids, tag__name__in=form.names()).values_list(
                "lead_id", flat=True
            )
        )
        try:
            tagged = tag(ids, form.names(), as_of=request.as_of, actor=request.member)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            new = [str(pk) for pk in tagged if pk not in had]
            undo = reverse("leads_untag", kwargs={"slug": slug}) + "?u=" + keeping([new, form.names()])
            text = ngettext("%(count)d lead tagged.", "%(count)d leads tagged.", len(tagged))
            return done(request, slug, text % {"count": len(tagged)}, undo if new else "")
    known = list(Tag.objects.order_by("name").values_list("name", flat=True)[:200])
    return panel(request, form, ids, _("Tag"), _("Tag them"), names=known)


@require_POST
def untag_many(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo of a tagging."""
    told = kept(request)
    if told:
        untag(told[0], told[1], as_of=request.as_of, actor=request.member)
    return done(request, slug, _("Taken back."))


class RateForm(forms.Form):
    quality = forms.ChoiceField(
        label=gettext_lazy("What did these leads turn out to be?"), choices=Quality.choices, required=False
    )
    note = forms.CharField(label=gettext_lazy("In your own words"), max_length=2000, required=False)


@require_http_methods(["GET", "POST"])
def rate_many(request: HttpRequest, slug: str) -> HttpResponse:
    """Say of the selection what it turned out to be; of leads that somebody else holds nothing is said."""
    require(request.member, "follow_up")
    ids = selected(request)
    form = RateForm(posted(request), initial={"quality": Quality.REAL})
    if request.method == "POST" and not ids:
        return nothing_selected(request)
    if request.method == "POST" and form.is_valid():
        leads = list(Lead.objects.filter(pk__in=ids).only("owner_id", "quality"))
        mine = {lead.pk: lead.quality for lead in leads if holds(request.member, lead)}
        given, who = form.cleaned_data, {"as_of": request.as_of, "actor": request.member}
        rated = rate_quality(mine, given["quality"], given["note"], **who)
        before: dict[str, list[str]] = {}
        for pk in rated:
            before.setdefault(mine[pk], []).append(str(pk))
        undo = reverse("leads_rate_back", kwargs={"slug": slug}) + "?u=" + keeping(list(before.items()))
        text = ngettext("%(count)d lead rated.", "%(count)d leads rated.", len(mine)) % {"count": len(mine)}
        others = {
            lead.pk: [_("Only its holder or a manager can rate it.")] for lead in leads if lead.pk not in mine
        }
        if others:
            return partly(request, _("Rated in part"), text, others, len(mine))
        return done(request, slug, text, undo if rated else "")
    return panel(request, form, ids, _("Rate"), _("Rate them"))


@require_POST
def rate_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo of a rating: each has the one it had before."""
    for quality, ids in kept(request) or ():
        rate_quality([UUID(pk) for pk in ids], quality, as_of=request.as_of, actor=request.member)
    return done(request, slug, _("Taken back."))


class MoveForm(forms.Form):
    step = forms.ChoiceField(label=gettext_lazy("Move to"))
    reason_code = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("In your own words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )
    resume_at = forms.DateField(
        label=gettext_lazy("Look again on"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    override = forms.CharField(
        label=gettext_lazy("Pass the gate as a manager, because"), max_length=2000, required=False
    )

    def __init__(self, *args: Any, manager: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        targets = steps()
        words = {name: str(Stage(targets[name].target).label) for name in OFFERED}
        for name in ("send_back", "reopen"):
            words[name] = _("%(stage)s (%(step)s)") % {"stage": words[name], "step": step_name(name)}
        self.fields["step"].choices = list(words.items())  # type: ignore[attr-defined]
        chosen = self.data.get("step") or self.initial.get("step", "")
        wanted = DETAILS.get(chosen, ())
        self.fields["reason_code"].choices = [("", "…"), *reasons.choices(chosen)]  # type: ignore[attr-defined]
        if "resume_at" in wanted:
            self.fields["resume_at"].required = True
        for name in ("reason", "reason_code", "resume_at"):
            if name.removesuffix("_code") not in wanted:
                del self.fields[name]
        if not manager or chosen in DETAILS or chosen in ("send_back", "reopen"):
            del self.fields["override"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "reason" in self.fields and not found.get("reason") and not found.get("reason_code"):
            self.add_error("reason_code", _("Say why."))
        return found


@require_http_methods(["GET", "POST"])
def advance_many(request: HttpRequest, slug: str) -> HttpResponse:
    """Move the selection; what the gate refuses is listed by what is missing."""
    require(request.member, "advance")
    ids = selected(request)
    wanted = request.GET.get("step", "")
    initial = {"step": wanted if wanted in OFFERED else usual_step(ids)}
    form = MoveForm(
        posted(request),
        initial=initial,
        manager=may(request.member, "override"),
    )
    if request.method == "POST" and not ids:
        return nothing_selected(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        told = ("reason", "reason_code", "resume_at")
        details = {name: given[name] for name in told if given.get(name)}
        try:
            answer = advance(
                ids,
                given["step"],
                as_of=request.as_of,
                actor=request.member,
                override=given.get("override", ""),
                details=details,
            )
        except Invalid as wrong:
            form.add_error(None, wrong.message)
        else:
            text = moved_text(len(answer.moved), len(answer.waiting))
            if not answer.refused:
                return done(request, slug, text)
            text = moved_text(len(answer.moved), len(answer.waiting), answer.refused)
            refused = {pk: [one["message"] for one in unmet] for pk, unmet in answer.refused.items()}
            return partly(request, _("Moved in part"), text, refused, len(answer.moved) + len(answer.waiting))
    form.fields["step"].widget.attrs |= {  # another step wants to be told other things
        "hx-get": request.path,
        "hx-include": "closest form",
        "hx-target": "#peek-body",
    }
    return panel(request, form, ids, _("Move"), _("Move them"))


def usual_step(ids: list[Any]) -> str:
    """The step forward from where the first of the selection stands."""
    stage = Lead.objects.filter(pk__in=ids[:1]).values_list("stage", flat=True).first()
    return FORWARD.get(stage or "", "reopen")


def panel(
    request: HttpRequest, form: forms.Form, ids: list[Any], title: str, submit: str, **more: Any
) -> HttpResponse:
    context = {"form": form, "ids": ids, "title": title, "submit": submit, **more}
    return render(request, "leads/bulk.html", context, status=422 if form.errors else 200)
