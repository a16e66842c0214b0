"""A question of the assessment in the side panel: what to ask, signs to tick, facts, evidence and its date."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from insights.pages.panel import attempt, done, facts_form, find
from leads import frameworks
from leads.actions.assess import assess
from leads.assessment import Asked, assessment_of
from leads.models import Attachment, FollowUp, Lead
from leads.models.assessment import Verdict
from workspaces.posted import posted
from workspaces.tenancy import current_workspace

FEW = 10
MARKS = {"good": "circle-check", "mixed": "circle-half-2", "bad": "circle-x", "": "help-circle"}


class AnswerForm(forms.Form):
    good = forms.MultipleChoiceField(
        label=gettext_lazy("Good signs"), required=False, widget=forms.CheckboxSelectMultiple
    )
    bad = forms.MultipleChoiceField(
        label=gettext_lazy("Bad signs"), required=False, widget=forms.CheckboxSelectMultiple
    )
    verdict = forms.ChoiceField(label=gettext_lazy("Altogether"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=20_000,
    )
    source = forms.ChoiceField(label=gettext_lazy("How we know"), required=False)
    evidence_text = forms.CharField(label=gettext_lazy("Evidence in words"), required=False, max_length=500)
    at = forms.DateField(
        label=gettext_lazy("Learned on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, lead: Lead, question: frameworks.Question, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, Any]]] = {
            "good": [(str(sign), sign) for sign in question.good],
            "bad": [(str(sign), sign) for sign in question.bad],
            "verdict": [("", _("As the signs say")), *Verdict.choices],
            "source": sources_of(lead),
        }
        for name, pairs in choices.items():
            self.fields[name].choices = pairs  # type: ignore[attr-defined]
        for name in ("good", "bad"):
            if not choices[name]:
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        """As ``assess`` takes them."""
        given = self.cleaned_data
        kind, _sep, pk = given["source"].partition(":")
        found = {name: given.get(name) or [] for name in ("good", "bad")}
        found |= {name: given[name] for name in ("verdict", "note", "evidence_text")}
        found |= {"evidence": kind, "evidence_id": UUID(pk) if pk else None}
        if given["at"]:
            found["at"] = datetime.combine(given["at"], time(), tzinfo=current_workspace().tz)
        return found


def sources_of(lead: Lead) -> list[tuple[str, Any]]:
    """The latest follow-ups and files of this lead, and what is only told in words."""
    talks = FollowUp.objects.filter(lead=lead).order_by("-at")[:FEW]
    files = Attachment.objects.filter(lead=lead).defer("content").order_by("-created_at")[:FEW]
    found: list[tuple[str, Any]] = [("", "…"), ("email", _("A mail")), ("other", _("Something else"))]
    day = current_workspace().tz
    found += [
        (
            f"follow_up:{one.pk}",
            f"{one.at.astimezone(day):%Y-%m-%d} {one.get_channel_display()} {one.summary[:40]}",
        )
        for one in talks
    ]
    return found + [(f"file:{one.pk}", one.name) for one in files]


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, slug: str, pk: UUID, question: str) -> HttpResponse:
    """Answer one question: its facts are the lead's own, so nothing is typed twice."""
    lead = find(pk)
    asked = frameworks.named(question)
    if asked is None:
        raise Http404(_("There is no such question."))
    form = AnswerForm(lead, asked, posted(request))
    facts = facts_form(lead, posted(request), asked.facts) if asked.facts else None

    def act() -> None:
        changes = facts.changes() if facts is not None else {}
        assess(pk, question, **form.values(), facts=changes, as_of=request.as_of, actor=request.member)

    if request.method == "POST" and (facts is None or facts.is_valid()) and attempt(form, act):
        return done(request, lead, _("Written down."))
    context = {
        "lead": lead,
        "question": asked,
        "form": form,
        "facts": facts,
        "before": lead.answers.filter(question=question).select_related("member").order_by("-at")[:5],
        "action": request.path,
    }
    wrong = bool(form.errors or (facts is not None and facts.errors))
    return render(request, "insights/answer.html", context, status=422 if wrong else 200)


def shown(lead: Lead) -> list[dict[str, Any]]:
    """The questions as the lead's page lists them: verdict, date, and what is unknown as plain as what is bad."""
    return [row(one) for one in assessment_of(lead)]


def row(one: Asked) -> dict[str, Any]:
    answer = one.answer
    return {
        "key": one.question.key,
        "label": one.question.label,
        "icon": MARKS.get(one.verdict, MARKS[""]),
        "verdict": answer.get_verdict_display() if answer and answer.verdict else "",  # type: ignore[attr-defined]
        "tone": one.verdict or ("" if one.known else "unknown"),
        "unknown": one.unknown,
        "at": answer.at if answer else None,
        "note": answer.note if answer else "",
        "evidence": bool(answer and answer.evidence),
    }
