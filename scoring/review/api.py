"""scorecards/reviews/: every month, whether the card in force keeps its promise."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.learning.models import Review
from scoring.proof.circles import told as told_of
from scoring.review.actions import find_review, make_draft, start_review
from scoring.review.look import label_of
from workspaces.models import Team
from workspaces.refusals import Refused
from workspaces.rest import ApiView, ApiViewSet, Listed, Route, resource
from workspaces.shapes import Reference, RowShape, Shape


class ReviewGradeShape(Shape):
    """``promised``: the share among the older 70 %; ``state``: kept, below, above or few."""

    grade = serializers.CharField()
    leads = serializers.IntegerField()
    outcomes = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    promised = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()
    state = serializers.CharField()


class ReviewRuleShape(Shape):
    """``rate``: of the newest leads that meet it; ``others``: of those that don't; ``state``: works, dead, turned,
    new (leads meet it, but none whose outcome is known) or unclear; ``points``: what it usually gives, where that
    varies."""

    rule = serializers.UUIDField()
    label: Any = serializers.SerializerMethodField()
    points = serializers.IntegerField()
    leads = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    others = serializers.FloatField(allow_null=True)
    state = serializers.CharField()

    def get_label(self, row: dict) -> str:
        return label_of(row)


class ReviewChangeShape(ReviewRuleShape):
    """``better``: the points that would fit; ``factor``: how many times what it gives, of a rule whose points vary
    (``points``, ``better``: what it usually gives); ``own``, ``own_better``: the points that stand in one that
    fades or counts."""

    better = serializers.IntegerField()
    factor = serializers.FloatField(required=False)
    own = serializers.IntegerField(required=False)
    own_better = serializers.IntegerField(required=False)
    auc_alone = serializers.FloatField(
        required=False, allow_null=True, help_text="On the newest leads, with this change alone"
    )
    regraded = serializers.IntegerField(
        required=False, help_text="How many of the newest leads it gives another grade"
    )


class ReviewMoveShape(Shape):
    def get_fields(self) -> dict:
        return {"from": serializers.CharField(), "to": serializers.CharField(), **super().get_fields()}

    leads = serializers.IntegerField()


class ReviewEffectShape(Shape):
    """All changes together, on the leads as they are now: who gets another grade, and who crosses the MQL line.
    ``sample``: 1, or every how many-th lead was looked at."""

    leads = serializers.IntegerField()
    sample = serializers.IntegerField()
    moves = ReviewMoveShape(many=True)
    rising = serializers.IntegerField()
    falling = serializers.IntegerField()


class ReviewDriftShape(Shape):
    """Population stability index of the last 30 days against the 90 before; ``state``: steady, some, shifted, few."""

    mark = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    state = serializers.CharField()


def told(name: str, kind: type[serializers.Field]) -> Any:
    return kind(source=f"found.{name}", read_only=True, allow_null=True, default=None)


class ReviewShape(RowShape):
    month = serializers.DateField(read_only=True)
    team = Reference(
        Team,
        required=False,
        allow_null=True,
        help_text="Whose own card, on that team's leads; null: the workspace's.",
    )
    outcome: Any = serializers.JSONField(
        required=False, help_text="Without it: what was learned or reviewed last."
    )
    status = serializers.CharField(read_only=True, help_text="queued, running, done or failed")
    scorecard = serializers.UUIDField(source="scorecard_id", read_only=True, allow_null=True)
    leads = told("leads", serializers.IntegerField)
    outcomes = told("outcomes", serializers.IntegerField)
    auc = told("auc", serializers.FloatField)
    auc_after = told("auc_after", serializers.FloatField)
    grades = ReviewGradeShape(source="found.grades", many=True, read_only=True, default=[])
    rules = ReviewRuleShape(source="found.rules", many=True, read_only=True, default=[])
    drift = ReviewDriftShape(source="found.drift", many=True, read_only=True, default=[])
    changes = ReviewChangeShape(source="found.changes", many=True, read_only=True, default=[])
    effect = ReviewEffectShape(source="found.effect", read_only=True, allow_null=True, default=None)
    cautions = serializers.SerializerMethodField(
        help_text="[{code, message}]: where the score, or a gate, decides the outcome itself"
    )
    draft = serializers.UUIDField(source="draft_id", read_only=True, allow_null=True)
    error = serializers.CharField(source="last_error", read_only=True)

    def get_cautions(self, row: Review) -> list[dict[str, str]]:
        return told_of(row.found.get("cautions", []))


class ReviewDraftShape(Shape):
    scorecard = serializers.UUIDField()


class Reviews(Listed, ApiViewSet):
    """A review of each card in force for each month, newest first. POST writes this month's (again)."""

    model = Review
    serializer_class = ReviewShape
    needs = {"GET": "read", "POST": "rules"}
    ordering, orderings = "-month", ("month", "created_at")

    @extend_schema(responses={202: ReviewShape})
    def create(self, request: Request) -> Response:
        given = self.valid()
        asked = {"outcome": given.get("outcome"), "team": given.get("team")}
        review = start_review(**asked, as_of=self.as_of, actor=self.member)
        if review is None:
            raise Refused("no_card", _("No scorecard is in force."))
        return Response(self.shown(review), status=202)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.shown(find_review(pk)))


class ReviewDraft(ApiView):
    """A draft with all points that the review suggests."""

    model = Review
    serializer_class = ReviewDraftShape
    needs = {"POST": "rules"}

    @extend_schema(operation_id="scorecard_review_draft", request=None, responses={201: ReviewDraftShape})
    def post(self, request: Request, pk: UUID) -> Response:
        draft = make_draft(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response({"scorecard": str(draft.pk)}, status=201)


routes: list[Route] = [
    *resource("scorecards/reviews", Reviews, "scorecard-reviews"),
    ("scorecards/reviews/<uuid:pk>/draft/", ReviewDraft.as_view(), "scorecard-review-draft"),
]
