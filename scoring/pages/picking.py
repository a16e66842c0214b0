"""Choosing an outcome and a version on a page: a step of the flow, or a field of the workspace's own."""

from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leads.conditions import Kind, say, vocabulary
from leads.models.lead import Stage
from scoring.cards import other_teams
from scoring.models import CardStatus, Scorecard
from scoring.proof.outcomes import outcome_of
from workspaces.models import Team
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

STAGES = (Stage.MQL, Stage.SQL, Stage.OPPORTUNITY, Stage.WON)
USUAL = "stage:sql:mql"
CARDS = 20


def tabs(slug: str, here: str) -> list[dict[str, Any]]:
    """The pages about scoring, side by side."""
    scoring = reverse("settings_section", kwargs={"slug": slug, "section": "scoring"})
    named = [("scoring_proof", _("Proof")), ("trainings", _("Learning")), ("review", _("Review"))]
    return [{"label": _("Scorecard"), "href": scoring, "active": here == "scoring"}] + [
        {"label": label, "href": reverse(name, kwargs={"slug": slug}), "active": name == here}
        for name, label in named
    ]


def choices(chosen: str) -> list[dict[str, Any]]:
    """What an outcome can be: got to a stage, or a custom field's value."""
    found = [
        {
            "value": f"stage:{step}:{before}",
            "label": _("From “%(before)s” to “%(stage)s”") % {"before": before.label, "stage": step.label},
            "group": _("One step, among those that got so far"),
        }
        for before, step in pairwise(STAGES)
    ]
    found += [
        {"value": f"stage:{stage.value}", "label": got_to(stage), "group": _("Of all leads")}
        for stage in STAGES
    ]
    words = vocabulary(current_workspace())
    fields = [field for name in words.names if (field := words.find(name)) is not None and field.custom]
    found += [
        {
            "value": f"field:{field.name}",
            "label": capfirst(str(field.label)),
            "group": _("A field of your own, with the value beside"),
        }
        for field in fields
    ]
    return [one | {"chosen": one["value"] == chosen} for one in found]


def got_to(stage: Stage) -> str:
    words = _("Got to “%(stage)s”") % {"stage": stage.label}
    return (
        _("%(outcome)s (the score decides that itself)") % {"outcome": words} if stage == Stage.MQL else words
    )


def asked(chosen: str, value: str) -> dict[str, Any]:
    """The condition that was chosen; Invalid when there is no such thing."""
    kind, _colon, name = chosen.partition(":")
    name, _colon, before = name.partition(":") if kind == "stage" else (name, "", "")
    if kind == "stage" and name in STAGES and (not before or before in STAGES):
        return {"field": "stage", "op": "eq", "value": name} | ({"among": before} if before else {})
    field = vocabulary(current_workspace()).find(name) if kind == "field" else None
    if field is None:
        raise Invalid.field("outcome", _("Choose what a good outcome is."), "unknown_value")
    text = value.strip()
    if field.kind == Kind.YES_NO:
        return {"field": name, "op": "eq", "value": text or "yes"}
    if not text:
        return {"field": name, "op": "is_set"}
    if field.kind == Kind.NUMBER:
        try:
            return {"field": name, "op": "gte", "value": float(text)}
        except ValueError:
            raise Invalid.field(
                "value", _("Give a number: it counts as good from there."), "wrong_type"
            ) from None
    return {"field": name, "op": "eq", "value": text}


def choice_of(given: dict[str, Any]) -> tuple[str, str]:
    """What was chosen for an outcome, and the value beside it; as far as the page can say it, else the usual one."""
    name, value = str(given.get("field", "")), given.get("value", "")
    if name == "stage" and isinstance(value, str):
        return ":".join(filter(None, ("stage", value, given.get("among", "")))), ""
    if name.startswith("attributes."):
        return f"field:{name}", "yes" if value is True else "no" if value is False else str(value)
    return USUAL, ""


def in_words(given: dict[str, Any]) -> str:
    """An outcome as a sentence; of one whose field is gone, that."""
    try:
        outcome = outcome_of(given)
        words = say(outcome.condition)
        if not outcome.among:
            return words
        return _("%(outcome)s, of those that got to “%(stage)s”") % {
            "outcome": words,
            "stage": Stage(outcome.among).label,
        }
    except Invalid:
        return _("An outcome whose field is no more")


def whose_leads(team: Team | None) -> str:
    """Which leads a card is held against, in words; "" when it is all of the workspace."""
    if team is not None:
        return _("Only leads of the team “%(team)s” count.") % {"team": team.name}
    others = Team.objects.filter(pk__in=other_teams()).order_by("name").values_list("name", flat=True)
    if not others:
        return ""
    listed = pgettext("between items", ", ").join(others)
    return _("Leads of teams that have a card of their own are left out: %(teams)s.") % {"teams": listed}


def id_asked(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def card_asked(request: HttpRequest, name: str, cards: list[Scorecard]) -> Scorecard | None:
    """The version that is asked for, however old: it is listed with the others from then on."""
    pk = id_asked(request, name)
    found = next((card for card in cards if card.pk == pk), None)
    if found is None and pk is not None:
        found = Scorecard.objects.filter(pk=pk).first()
        cards += [found] if found else []
    return found


def versions(*asked: UUID | None, before: int | None = None) -> list[Scorecard]:
    """The newest versions (of those before one), all in force, and those that are asked for; the newest first."""
    page = Scorecard.objects.order_by("-version")
    page = page if before is None else page.filter(version__lt=before)
    wanted = (
        Q(pk__in=page.values("pk")[:CARDS]) | Q(status=CardStatus.ACTIVE) | Q(pk__in=[*filter(None, asked)])
    )
    return list(Scorecard.objects.filter(wanted).select_related("team").order_by("-version"))


def cards() -> list[Scorecard]:
    """The newest versions and those in force, the workspace's in force first."""
    return sorted(versions(), key=lambda card: card.status != CardStatus.ACTIVE or card.team_id is not None)
