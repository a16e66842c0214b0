"""The page of one lead: is it worth it, and what does it need?"""

import json
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.diagnosis import diagnose
from insights.forms import FollowUpForm, TaskForm
from insights.pages import assessing
from insights.pages.panel import find
from insights.pages.story import story
from insights.pages.verdict import verdict
from insights.questions import five_questions
from leads import gates
from leads.actions import survivor_of
from leads.attribution import runs, sources_of
from leads.conditions import parse, say, vocabulary
from leads.locking import holds
from leads.masking import masked, sees_contact_data
from leads.models import CustomField, Lead
from leads.models.lead import FORWARD, OPEN, Quality, Stage
from leads.normalise.traits import DISPOSABLE, FREE, NO_MAIL, ROLE
from leads.reasons import of_deferral
from leads.telling import ended
from leads.tiers import label, tier_of
from pools.telling import missing_facts
from pools.unmet import missing_now
from pools.used import used_of_the_longest
from pools.words import clock_reason
from workspaces.models import Member
from workspaces.permissions import may
from workspaces.tenancy import current_workspace

PATH = [*OPEN, Stage.WON]


@require_safe
def lead(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Who it is, what was said, what it is worth, what the next gate wants; everything done from here."""
    try:
        found = find(pk)
    except Http404:
        survivor = survivor_of(pk)
        if survivor is None:
            raise
        return redirect("lead", slug=slug, pk=survivor.pk)  # it was merged: its story goes on there
    return render(request, "insights/lead.html", page(request, found) | story(request, found))


def page(request: HttpRequest, found: Lead) -> dict[str, Any]:
    member: Member = request.member
    options = gates.options(found, as_of=request.as_of, actor=member)
    gate, ahead = next_gate(found, options)
    people = list(found.people.select_related("contact").order_by("created_at"))
    said, tags = verdict(found), tags_of(found)
    today = timezone.localdate(request.as_of, current_workspace().tz)
    roles = [person.role for person in people]
    fit = next(((d["points"], d["cap"]) for d in said["dimensions"] if d["key"] == "fit"), None)
    return {
        "nav": "leads",
        "lead": found,
        "reach": masked_reach(found, member),
        "email_traits": traits_of(found),
        "people": people,
        "tags": tags,
        "tags_by_rule": [one for one in tags if one.rule_id],
        "attributes": attributes(found),
        "steps": stage_steps(found, options),
        "aside": [one for one in options if one["name"] not in FORWARD.values()],
        **said,
        "five": five_questions(found, roles, fit, today),
        "gate": gate,
        "clock_reason": goes_back(found, request) if found.reclaim_at else "",
        "clock_used": used_of_the_longest(found, request.as_of) if found.reclaim_at else "",
        "mine": holds(member, found) and may(member, "follow_up"),
        "can": {
            "claim": found.owner_id is None and found.stage in OPEN and may(member, "claim"),
            "release": found.owner_id is not None
            and (found.owner_id == member.pk or may(member, "assign"))
            and found.stage in [*OPEN, Stage.DEFERRED],
            "assign": may(member, "assign"),
            "edit": holds(member, found) and may(member, "edit_leads"),
        },
        "deal": found.opportunities.order_by("-created_at").first(),
        "follow_up_form": FollowUpForm(initial={"channel": "call", "snooze": "3"}),
        "files": list(found.attachments.defer("content").order_by("-created_at")[:10]),
        "rhythm": rhythm(found),
        "task_form": TaskForm(),
        "questions": assessing.shown(found),
        "customer": found.customers.first() if found.stage == Stage.WON else None,
        "diagnosis": diagnose(found, request.as_of, items=ahead),
        **tier_told(found, request),
        "qualities": [
            {"value": value, "label": label, "chosen": value == found.quality}
            for value, label in Quality.choices[1:]
        ],
        "sources": sources_shown(found),
        "put_aside": of_deferral(found.deferral),
        "tasks": list(found.tasks.filter(done_at=None).select_related("member").order_by("due_at")[:5]),
    }


def goes_back(found: Lead, request: HttpRequest) -> str:
    """Why the clock takes it back, with the facts that are missing."""
    missing = missing_now([found], request.as_of).get(found.pk, [])
    return ended(clock_reason(found.reclaim_reason), missing_facts(missing))


def tier_told(found: Lead, request: HttpRequest) -> dict[str, Any]:
    tier = tier_of(found, request.as_of)
    where = json.dumps({"field": "tier", "op": "eq", "value": tier}, separators=(",", ":"))
    return {"tier": tier, "tier_label": label(tier), "tier_where": where}


def sources_shown(found: Lead) -> list[dict[str, Any]]:
    """Where it came from: the first time, the last, and those between; what is alike is told once."""
    seen = runs(sources_of(found))
    last = len(seen) - 1
    return [
        {"one": one, "first": at == 0, "last": at == last and at > 0, "how": how(one.kind)}
        for at, one in enumerate(seen)
    ]


def how(kind: str) -> str:
    """A way in, in words; the kinds of touch that nobody named are said as they are."""
    known = {
        "form": _("Form"),
        "form_submit": _("Form"),
        "import": _("Import"),
        "api": _("API"),
        "hand": _("By hand"),
        "webhook": _("Webhook"),
        "inquiry": _("Inquiry"),
        "referral": _("Referral"),
    }
    return known.get(kind, kind.replace("_", " "))


def rhythm(found: Lead) -> dict[str, Any]:
    """How often there is contact, and how much of it the customer began."""
    told = found.follow_ups.aggregate(
        many=Count("pk"),
        theirs=Count("pk", filter=Q(customer_initiated=True)),
        first=Min("at"),
        last=Max("at"),
    )
    many = told["many"]
    days = (told["last"] - told["first"]).total_seconds() / 86400 / (many - 1) if many > 1 else None
    return {"many": many, "share": told["theirs"] / many if many else None, "days": days}


def masked_reach(found: Lead, member: Member) -> dict[str, Any]:
    values = {"email": found.email, "phone": found.phone, "wechat": found.wechat}
    sees = sees_contact_data(member, found)
    return (values if sees else masked(values)) | {"masked": not sees}


def traits_of(found: Lead) -> list[dict[str, Any]]:
    """What kind of e-mail address it is, where it is not a person's own at a company."""
    labels = {
        FREE: _("free provider"),
        ROLE: _("of a function"),
        DISPOSABLE: _("throw-away"),
        NO_MAIL: _("takes no mail"),
    }
    told = found.email_traits.split()
    return [{"label": labels[one], "bad": one in (DISPOSABLE, NO_MAIL)} for one in told if one in labels]


def attributes(found: Lead) -> list[tuple[str, Any]]:
    """The workspace's own fields that are set, with their labels."""
    if not found.attributes:
        return []
    labels = dict(CustomField.objects.filter(key__in=found.attributes).values_list("key", "label"))
    return [(labels[key], value) for key, value in found.attributes.items() if key in labels]


def tags_of(found: Lead) -> list[Any]:
    """Its tags, each that a rule set with that rule in words."""
    tags = list(found.lead_tags.select_related("tag", "rule").order_by("tag__name"))  # type: ignore[attr-defined]
    known = vocabulary(current_workspace()) if any(one.rule_id for one in tags) else None
    for one in tags:
        if known and one.rule is not None:
            rule = {"rule": say(parse(one.rule.condition, known, stored=True))}
            one.said = _("Set by a rule: %(rule)s") % rule
    return tags


def stage_steps(found: Lead, options: list[dict]) -> list[dict[str, Any]]:
    """The path of stages, the next one as a button that opens its gate."""
    open_steps = {one["target"]: one for one in options if one["name"] in FORWARD.values()}
    here = PATH.index(Stage(found.stage)) if found.stage in PATH else -1
    steps: list[dict[str, Any]] = []
    for at, stage in enumerate(PATH):
        state = "done" if at < here else "here" if at == here else "next"
        step: dict[str, Any] = {"label": stage.label, "state": state}
        if stage.value in open_steps:
            step["href"] = address(found, "lead_step", step=open_steps[stage.value]["name"])
        steps.append(step)
    if here < 0:
        steps.append({"label": Stage(found.stage).label, "state": "here"})
    return steps


def address(found: Lead, page: str, **more: Any) -> str:
    return reverse(page, kwargs={"slug": current_workspace().slug, "pk": found.pk, **more})


def next_gate(found: Lead, options: list[dict]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The step forward with its checklist as the page shows it, and the checklist's items."""
    ahead = next((one for one in options if one["name"] == FORWARD.get(found.stage)), None)
    if ahead is None:
        return None, []
    items = ahead["items"]
    done = sum(item["met"] for item in items)
    shown = [{"message": item["message"], "done": item["met"]} for item in items]
    return {
        "name": ahead["name"],
        "target": Stage(ahead["target"]).label,
        "items": shown,
        "done": done,
        "open": len(items) - done,
    }, items
