"""What is done from a lead's page, in its side panel: follow-ups, facts, people, tasks, holding."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insights.forms import FollowUpForm, PersonForm, ReasonForm, TaskForm
from insights.pages.panel import attempt, done, facts_form, find, panel, task_answer
from leads.actions import (
    add_contact,
    add_task,
    drop_contact,
    edit,
    finish_task,
    log_follow_up,
    reopen_task,
    tag,
    untag,
)
from leads.actions.attach import attach
from leads.actions.customers import rate
from leads.actions.texts import filled
from leads.api.talking import download
from leads.masking import sees_contact_data
from leads.models import Attachment, Customer, Lead, Task, TextTemplate
from leads.models.lead import OPEN
from pools.actions import claim_one, give, release
from pools.queries import takers
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.posted import posted
from workspaces.refusals import NotAllowed
from workspaces.tenancy import current_workspace

GROUPS = {
    "who": ("name", "title", "email", "phone", "wechat", "company", "credit_code", "website"),
    "company": ("industry", "region", "employees"),
    "need": ("pain", "need_level"),
    "budget": ("budget_amount", "budget_status"),
    "authority": ("authority", "decision_process"),
    "timeline": ("timeline_date",),
}


@require_http_methods(["GET", "POST"])
def follow_up(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Log a follow-up: how, what was said, what comes next."""
    lead = find(pk)
    texts = list(TextTemplate.objects.order_by("name").values_list("pk", "name")[:100])
    first = {"channel": "call", "snooze": "3"} | started(request, lead)
    about: dict[str, Any] = {"is_open": lead.stage in OPEN, "as_of": request.as_of}
    form = FollowUpForm(posted(request), request.FILES or None, initial=first, **about)

    def act() -> None:
        who: dict[str, Any] = {"as_of": request.as_of, "actor": request.member}
        made = log_follow_up(pk, **form.values(), **who)
        if file := form.cleaned_data.get("file"):
            attach(pk, file.name, file.read(), follow_up=made.pk, **who)

    with timezone.override(current_workspace().tz):
        if request.method == "POST" and attempt(form, act):
            return done(request, lead, _("Follow-up logged. The clock runs anew."))
    more = {"submit": _("Log it"), "texts": texts, "files": True}
    return panel(request, lead, _("Log a follow-up"), form, **more)


def started(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    """What a chosen text template begins the form with."""
    chosen = request.GET.get("template", "")
    try:
        template = TextTemplate.objects.filter(pk=UUID(chosen)).first() if chosen else None
    except ValueError:
        template = None
    if template is None:
        return {}
    return {"summary": filled(template, lead, request.member), "channel": template.channel or "message"}


@require_safe
def attachment(request: HttpRequest, slug: str, pk: UUID, attachment: UUID) -> HttpResponse:
    """A file of the lead, as a download, for whoever may see its contact data."""
    lead = find(pk)
    row = Attachment.objects.filter(pk=attachment, lead=lead).first()
    if row is None:
        raise Http404(_("There is no such file."))
    if not sees_contact_data(request.member, lead):
        raise NotAllowed(_("Files show once you hold the lead."))
    return download(row)


@require_http_methods(["GET", "POST"])
def facts(request: HttpRequest, slug: str, pk: UUID, group: str) -> HttpResponse:
    """Write down what is known of one question, or who it is."""
    lead = find(pk)
    names = GROUPS.get(group, GROUPS["who"])
    if not sees_contact_data(request.member, lead):
        names = tuple(name for name in names if name not in ("email", "phone", "wechat"))
    form = facts_form(lead, posted(request), names)

    def act() -> None:
        edit(pk, form.changes(), as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("Written down."))
    return panel(request, lead, _("What we know"), form)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Somebody takes part in the purchase, in a role."""
    lead = find(pk)
    form = PersonForm(posted(request), initial={"role": "decision_maker"})

    def act() -> None:
        add_contact(pk, **form.cleaned_data, as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("Added."))
    return panel(request, lead, _("Who takes part?"), form)


@require_POST
def person_gone(request: HttpRequest, slug: str, pk: UUID, person: UUID) -> HttpResponse:
    lead = find(pk)
    drop_contact(person, as_of=request.as_of, actor=request.member)
    return done(request, lead, _("Removed from this pursuit."))


@require_http_methods(["GET", "POST"])
def task(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Something to be done for this lead, by me."""
    lead = find(pk)
    form = TaskForm(posted(request))

    def act() -> None:
        member: Member = request.member
        add_task(member_id=member.pk, lead_id=pk, **form.cleaned_data, as_of=request.as_of, actor=member)

    with timezone.override(current_workspace().tz):
        if request.method == "POST" and attempt(form, act):
            return done(request, lead, _("It is on your list."))
    return panel(request, lead, _("New task"), form)


@require_POST
def task_done(request: HttpRequest, slug: str, task: UUID) -> HttpResponse:
    """Tick a task off; ten seconds to undo."""
    finished = finish_task(task, as_of=request.as_of, actor=request.member)
    return task_answer(_("Done."), reverse("task_reopen", kwargs={"slug": slug, "task": finished.pk}))


@require_POST
def task_reopen(request: HttpRequest, slug: str, task: UUID) -> HttpResponse:
    reopened: Task = reopen_task(task, as_of=request.as_of, actor=request.member)
    return task_answer(_("“%(title)s” is open again.") % {"title": reopened.title})


class MarkForm(forms.Form):
    satisfaction = forms.TypedChoiceField(
        label=gettext_lazy("How content are they?"), choices=[(n, n) for n in range(1, 6)], coerce=int
    )
    note = forms.CharField(label=gettext_lazy("In their words"), required=False, max_length=2000)


@require_http_methods(["GET", "POST"])
def satisfaction(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """The mark that a customer gives, from 1 to 5."""
    lead = find(pk)
    customer = Customer.objects.select_related("lead").filter(lead=lead).first()
    if customer is None:
        raise Http404(_("This lead is no customer yet."))
    form = MarkForm(
        posted(request),
        initial={"satisfaction": customer.satisfaction or 4},
    )

    def act() -> None:
        given = form.cleaned_data
        rate(customer, given["satisfaction"], given["note"], as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("Written down."))
    return panel(request, lead, _("Satisfaction"), form)


@require_http_methods(["GET", "POST"])
def tags(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """The tags of a lead, separated by commas."""
    lead = find(pk)
    current = [one.tag.name for one in lead.lead_tags.filter(rule=None).select_related("tag")]
    form = TagsForm(posted(request), initial={"tags": ", ".join(current)})

    def act() -> None:
        wanted = [
            name.strip() for name in form.cleaned_data["tags"].replace("，", ",").split(",") if name.strip()
        ]
        gone = [name for name in current if name not in wanted]
        if gone:
            untag([pk], gone, as_of=request.as_of, actor=request.member)
        if wanted:
            tag([pk], wanted, as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("Tags kept."))
    return panel(request, lead, _("Tags"), form)


class TagsForm(forms.Form):
    tags = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].label = _("Tags, separated by commas")


@require_POST
def take(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Claim it. A refusal says which rule and until when."""
    lead = find(pk)
    claim_one(request.member, pk, as_of=request.as_of)
    return done(request, lead, _("It is yours. First contact within the time on the clock."))


@require_http_methods(["GET", "POST"])
def give_back(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Give it back to the pool, with a reason for whoever comes next."""
    lead = find(pk)
    form = ReasonForm(posted(request))

    def act() -> None:
        release([pk], form.cleaned_data["reason"], as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("Given back to the recycle pool."))
    return panel(request, lead, _("Give this lead back"), form, submit=_("Give back"))


class GiveForm(forms.Form):
    owner: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None)
    reason = forms.CharField(required=False, max_length=300)
    override = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = takers()  # type: ignore[attr-defined]
        labels = {"owner": _("To whom"), "reason": _("Why"), "override": _("Also when they hold too many")}
        for name, label in labels.items():
            self.fields[name].label = label


@require_http_methods(["GET", "POST"])
def hand_to(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """A manager hands the lead to somebody."""
    require(request.member, "assign")
    lead = find(pk)
    form = GiveForm(posted(request))

    def act() -> None:
        given = form.cleaned_data
        give(
            [pk],
            given["owner"],
            given["reason"],
            as_of=request.as_of,
            actor=request.member,
            override=given["override"],
        )

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("Handed over."))
    return panel(request, lead, _("Hand this lead to"), form, submit=_("Hand over"))
