"""scorecards/ with their rules, previews and activation; and why a lead has its score."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.leads import LeadView
from leads.conditions import names_of, parse, say, vocabulary
from scoring import defaults
from scoring.actions import activate, archive, locked, new_card, rules_of, write_rules
from scoring.actions.anew import latest, progress
from scoring.cards import read
from scoring.crossing import crossing
from scoring.explain import explain
from scoring.ideal import QUESTIONS
from scoring.learning import api as learning
from scoring.models import CardStatus, Rule, Scorecard
from scoring.patterns import PATTERNS
from scoring.preview import preview
from scoring.proof import api as proof
from scoring.replay import card_named, moment_of, score_then
from scoring.review import api as review
from scoring.shapes import (
    CrossingPageShape,
    NewScorecardShape,
    RescoringShape,
    ScorecardPreviewShape,
    ScorecardShape,
    ScorecardWithRulesShape,
    ScoreRuleShape,
    ScoreRulesShape,
    ScoreShape,
    TemplateShape,
)
from workspaces.paging import CursorPages
from workspaces.refusals import Invalid, NotThere
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.tenancy import current_workspace

SETTINGS = ("name", "dimensions", "grades", "threshold")


class LeadScore(LeadView):
    """Why a lead has its score."""

    serializer_class = ScoreShape
    needs = {"GET": "read"}
    lookup_url_kwarg = "lead_id"

    @extend_schema(
        operation_id="lead_score",
        responses=ScoreShape,
        parameters=[
            OpenApiParameter(
                "as_of", str, description="A past day or time: the score from what was known then."
            ),
            OpenApiParameter(
                "scorecard", str, description="With `as_of`: by this version, not by the lead's."
            ),
        ],
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        lead, asked = self.get_object(), request.query_params
        if "as_of" not in asked:
            return Response(explain(lead))
        card = card_named(asked["scorecard"]) if "scorecard" in asked else None
        moment = moment_of(asked["as_of"], self.as_of)
        return Response(score_then(lead, moment, now=self.as_of, card=card))


def put_sentences(rules: list[Rule]) -> list[Rule]:
    """Say each rule's condition in words, as ``condition_text``."""
    words = vocabulary(current_workspace())
    parsed = [parse(rule.condition, words, stored=True) for rule in rules]
    names = names_of(parsed)
    for rule, condition in zip(rules, parsed, strict=True):
        rule.condition_text = say(condition, names=names)  # type: ignore[attr-defined]
    return rules


class Cards(Listed, Retrieved, ApiViewSet):
    """Scorecards, newest version first. POST makes a draft; nothing scores by it until it is activated."""

    model = Scorecard
    serializer_class = ScorecardShape
    needs = {"GET": "read", "POST": "rules"}
    ordering, orderings = "-version", ("version", "created_at")

    @extend_schema(request=NewScorecardShape, responses={201: ScorecardShape})
    def create(self, request: Request) -> Response:
        given = dict(self.valid(shape=NewScorecardShape))
        rules, template = given.pop("rules", None), given.pop("template", None)
        answers, copy_of, like = given.pop("answers", None), given.pop("copy_of", None), None
        given["team"] = given.pop("team_id", None)
        begun = {"origin": ""} | like_the_active()
        if template is not None:
            begun = from_template(template, answers)
        elif copy_of is not None:
            like = Scorecard.objects.filter(pk=copy_of).first()
            if like is None:
                raise NotThere(_("There is no such scorecard."))
            begun = {name: getattr(like, name) for name in SETTINGS}
            begun |= {"rules": rules_of(like), "based_on": like.pk, "team": like.team}
        elif "name" not in given:
            raise Invalid.field("name", _("Give the scorecard a name of at most 200 characters."), "required")
        rules = begun.pop("rules", None) if rules is None else rules
        card = new_card(**begun | given, as_of=self.as_of, actor=self.member)
        if rules is not None:
            card = write_rules(card, rules, as_of=self.as_of, actor=self.member, like=like)
        return Response(self.shown(card), status=201)


def from_template(key: str, answers: Any) -> dict[str, Any]:
    """Settings and rules of a template; Invalid when there is none of that name."""
    pattern = PATTERNS.get(key)
    if pattern is None:
        raise Invalid.field("template", _("Known templates: %(known)s.") % {"known": ", ".join(PATTERNS)})
    if answers is not None and not isinstance(answers, dict):
        raise Invalid.field("answers", _("Answers are an object: {question: answer}."), "wrong_type")
    return pattern.card(answers) | {"origin": f"template:{key}"}


def like_the_active() -> dict[str, Any]:
    card = Scorecard.objects.filter(status=CardStatus.ACTIVE, team=None).first()
    if card:
        return {name: getattr(card, name) for name in SETTINGS}
    return {"dimensions": defaults.DIMENSIONS, "grades": defaults.GRADES, "threshold": defaults.THRESHOLD}


class Rules(Listed, ApiViewSet):
    """The rules of a card. PUT writes all of them, POST adds one.

    A draft is changed itself; from a card that is or was in force a new draft is made, which the answer
    names. Nothing scores by it until it is activated.
    """

    model = Scorecard
    serializer_class = ScoreRuleShape
    needs = {"GET": "read", "PUT": "rules", "POST": "rules"}
    ordering, orderings = "position", ("position", "created_at")

    @extend_schema(operation_id="scorecard_rules")
    def list(self, request: Request, pk: UUID) -> Response:
        rows = self.paginate_queryset(Rule.objects.filter(scorecard=self.get_object()))
        return self.get_paginated_response(self.shown(put_sentences(list(rows)), many=True))

    @extend_schema(
        operation_id="scorecard_rules_write", request=ScoreRulesShape, responses=ScorecardWithRulesShape
    )
    def replace(self, request: Request, pk: UUID) -> Response:
        """The body: `{"rules": […]}`, or the list itself."""
        card = self.get_object()
        body = request.data if isinstance(request.data, dict) else {"rules": request.data}
        if unknown := set(body) - {"rules", *SETTINGS}:
            message = _("There is no such field.")
            raise Invalid(
                [{"field": name, "code": "unknown", "message": message} for name in sorted(unknown)]
            )
        changes = {name: value for name, value in body.items() if name in SETTINGS}
        written = write_rules(card, body.get("rules"), as_of=self.as_of, actor=self.member, **changes)
        return Response(self.with_rules(written))

    @extend_schema(
        operation_id="scorecard_rules_add", request=ScoreRuleShape, responses={201: ScoreRuleShape}
    )
    def create(self, request: Request, pk: UUID) -> Response:
        card = locked(
            self.get_object()
        )  # before its rules are read: of two that are added at once neither is lost
        written = write_rules(card, [*rules_of(card), request.data], as_of=self.as_of, actor=self.member)
        last = Rule.objects.filter(scorecard=written).order_by("-position")[:1]
        return Response(self.shown(put_sentences(list(last))[0]), status=201)

    def with_rules(self, card: Scorecard) -> dict[str, Any]:
        rules = put_sentences(list(Rule.objects.filter(scorecard=card).order_by("position")))
        return {**self.shown(card, shape=ScorecardShape), "rules": self.shown(rules, many=True)}


class CardPreview(ApiView):
    """What the card would change, without changing it."""

    model = Scorecard
    serializer_class = ScorecardPreviewShape
    needs = {"GET": "rules", "POST": "rules"}

    @extend_schema(operation_id="scorecard_preview", responses=ScorecardPreviewShape)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(preview(read(self.get_object()), as_of=self.as_of))

    @extend_schema(operation_id="scorecard_preview_again", request=None, responses=ScorecardPreviewShape)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.get(request, pk)


class ActivatedShape(ScorecardShape):
    rescoring = RescoringShape(allow_null=True, help_text="Null when all leads are scored already.")


class CardCrossing(ApiView):
    """The leads behind a number of the preview, those that move furthest first."""

    model = Scorecard
    serializer_class = CrossingPageShape
    needs = {"GET": "rules"}
    pagination_class = None

    @extend_schema(
        operation_id="scorecard_preview_leads",
        responses=CrossingPageShape,
        parameters=[
            OpenApiParameter(
                "list",
                str,
                required=True,
                description="`rising`, `falling` (over the MQL line), `up`, `down` (grades), `changed`; `B-A` from a"
                " grade to another; `now-A`, `then-A` a grade; `matches-{rule}`, `decided-{rule}` what a rule does.",
            ),
            OpenApiParameter("cursor", str, description="Where an earlier page ended."),
            OpenApiParameter("limit", int, description="Rows a page, up to 200."),
        ],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        card, asked, pages = read(self.get_object()), request.query_params, CursorPages()
        pages.request = request
        limit, cursor = pages.limit(request), asked.get("cursor", "")
        try:
            found = crossing(card, asked.get("list", ""), as_of=self.as_of, limit=limit, cursor=cursor)
        except ValueError as wrong:
            raise ParseError(str(wrong)) from wrong
        about = {"next": pages.address(found.next), "previous": pages.address(found.previous)}
        return Response(about | {"leads": found.many, "sample": found.sample, "results": found.rows})


class Activation(ApiView):
    """Put the card in force. Works for an earlier card, too.

    Up to 5,000 leads are scored in the same transaction; more are scored set by set in the background, old
    scores standing until then: `rescoring` says how far it is, and `scorecards/rescoring/` says so later.
    """

    model = Scorecard
    serializer_class = ActivatedShape
    needs = {"POST": "rules"}

    @extend_schema(operation_id="scorecard_activate", request=None, responses=ActivatedShape)
    def post(self, request: Request, pk: UUID) -> Response:
        card = activate(self.get_object(), as_of=self.as_of, actor=self.member)
        card.rescoring = progress()  # type: ignore[attr-defined]
        return Response(self.shown(card))


class Archiving(ApiView):
    """Put a card aside: a draft nobody needs, or a team's card, whose leads the workspace's card scores then."""

    model = Scorecard
    serializer_class = ScorecardShape
    needs = {"POST": "rules"}

    @extend_schema(operation_id="scorecard_archive", request=None, responses=ScorecardShape)
    def post(self, request: Request, pk: UUID) -> Response:
        return Response(self.shown(archive(self.get_object(), as_of=self.as_of, actor=self.member)))


class Progress(ApiView):
    """The latest rescoring of all leads; 404 when there never was one in the background."""

    serializer_class = RescoringShape
    needs = {"GET": "read"}

    @extend_schema(operation_id="scorecard_rescoring", responses=RescoringShape)
    def get(self, request: Request) -> Response:
        row = latest()
        if row is None:
            raise NotThere(_("All leads are scored."))
        return Response(self.shown(row))


class Templates(ApiView):
    """Scorecards to begin with: POST `scorecards/` takes one by its key."""

    serializer_class = TemplateShape
    pagination_class = None
    needs = {"GET": "read"}

    @extend_schema(operation_id="scorecard_templates", responses=TemplateShape(many=True))
    def get(self, request: Request) -> Response:
        found = [
            {
                "key": one.key,
                "name": str(one.name),
                "text": str(one.text),
                "wizard": one.wizard,
                "dimensions": one.dimensions,
                "rules": one.rules,
                "questions": list(QUESTIONS) if one.wizard else [],
            }
            for one in PATTERNS.values()
        ]
        return Response(self.shown(found, many=True))


routes: list[Route] = [
    *learning.routes,
    *proof.routes,
    *review.routes,
    ("leads/<uuid:lead_id>/score/", LeadScore.as_view(), "lead-score"),
    ("scorecards/templates/", Templates.as_view(), "scorecard-templates"),
    ("scorecards/rescoring/", Progress.as_view(), "scorecard-rescoring"),
    *resource("scorecards", Cards, "scorecards"),
    (
        "scorecards/<uuid:pk>/rules/",
        Rules.as_view({"get": "list", "put": "replace", "post": "create"}),
        "scorecard-rules",
    ),
    ("scorecards/<uuid:pk>/preview/", CardPreview.as_view(), "scorecard-preview"),
    ("scorecards/<uuid:pk>/preview/leads/", CardCrossing.as_view(), "scorecard-preview-leads"),
    ("scorecards/<uuid:pk>/activate/", Activation.as_view(), "scorecard-activate"),
    ("scorecards/<uuid:pk>/archive/", Archiving.as_view(), "scorecard-archive"),
]
