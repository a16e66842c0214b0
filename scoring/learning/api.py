"""scorecards/training/: have a card learned from outcomes, and read what came of it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.learning.actions import find_training, start_training
from scoring.learning.leaks import reason
from scoring.learning.models import Training
from scoring.learning.words import verdict_in_words
from scoring.proof.circles import told as told_of
from scoring.proof.outcomes import OUTCOME_HELP
from workspaces.models import Team
from workspaces.rest import ApiViewSet, Listed, resource
from workspaces.shapes import Reference, RowShape, Shape


class ExcludedShape(Shape):
    """A field that was not learned from, and why."""

    def get_fields(self) -> dict:
        return {"field": serializers.CharField(), **super().get_fields()}

    code = serializers.CharField()
    reason = serializers.SerializerMethodField()

    def get_reason(self, row: dict) -> str:
        return reason(row)


class TrainingDecileShape(Shape):
    leads = serializers.IntegerField()
    outcomes = serializers.IntegerField()
    rate = serializers.FloatField()
    expected = serializers.FloatField()


class LearnedFieldShape(Shape):
    """A fact that was learned from; ``alone``: the AUC it reaches alone."""

    def get_fields(self) -> dict:
        return {"field": serializers.CharField(), **super().get_fields()}

    alone = serializers.FloatField()


def told(name: str, kind: type[serializers.Field], **options: Any) -> Any:
    return kind(source=f"found.{name}", read_only=True, allow_null=True, default=None, **options)


class TrainingShape(RowShape):
    """A card being learned. Its figures are those on the newest 30 % of the outcomes, which it never saw."""

    outcome: Any = serializers.JSONField(help_text=OUTCOME_HELP)
    exclude = serializers.JSONField(required=False, help_text="Fields to leave out, by name.")
    team = Reference(
        Team,
        required=False,
        allow_null=True,
        help_text="Learn from this team's leads, for a card of its own.",
    )
    include = serializers.JSONField(
        source="insist", required=False, help_text="Fields to learn from although they look like leaks."
    )
    monthly = serializers.BooleanField(
        required=False, default=True, help_text="Learn again every month, as a draft only."
    )
    status = serializers.CharField(read_only=True, help_text="queued, running, done or failed")
    progress = serializers.IntegerField(read_only=True, help_text="Percent")
    verdict = serializers.SerializerMethodField(
        help_text="better, no_signal, worse (not surely better than the active card) or too_few; null until done"
    )
    verdict_text = serializers.SerializerMethodField()
    auc = told("auc", serializers.FloatField)
    auc_low = told("auc_low", serializers.FloatField)
    auc_high = told("auc_high", serializers.FloatField)
    active_auc = told("active_auc", serializers.FloatField)
    active_auc_low = told("active_auc_low", serializers.FloatField)
    active_auc_high = told("active_auc_high", serializers.FloatField)
    difference = told("difference", serializers.FloatField, help_text="To the active card, on the same leads")
    difference_low = told("difference_low", serializers.FloatField)
    difference_high = told("difference_high", serializers.FloatField)
    leads = told("leads", serializers.IntegerField)
    outcomes = told("outcomes", serializers.IntegerField)
    judged = told("judged", serializers.IntegerField, help_text="Leads of the newest part")
    learned_until = told("learned_until", serializers.DateTimeField)
    calibration_error = told("calibration_error", serializers.FloatField, help_text="In points of a hundred")
    deciles = TrainingDecileShape(source="found.deciles", many=True, read_only=True, default=[])
    learned_from = LearnedFieldShape(source="found.fields", many=True, read_only=True, default=[])
    cautions = serializers.SerializerMethodField(
        help_text="[{code, message}]: where the score, or a gate, decides this outcome itself"
    )
    excluded = ExcludedShape(source="found.excluded", many=True, read_only=True, default=[])
    scorecard = serializers.UUIDField(source="scorecard_id", read_only=True, allow_null=True)
    error = serializers.CharField(source="last_error", read_only=True)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def get_cautions(self, row: Training) -> list[dict[str, str]]:
        return told_of(row.found.get("cautions", []))

    def get_verdict(self, row: Training) -> str | None:
        return row.verdict or None

    def get_verdict_text(self, row: Training) -> str:
        return verdict_in_words(row)


class Trainings(Listed, ApiViewSet):
    """Cards being learned from outcomes, newest first. What comes out is a draft; a person activates it."""

    model = Training
    serializer_class = TrainingShape
    needs = {"GET": "read", "POST": "rules"}
    ordering, orderings = "-created_at", ("created_at",)

    @extend_schema(responses={202: TrainingShape})
    def create(self, request: Request) -> Response:
        given = self.valid()
        training = start_training(
            given["outcome"],
            exclude=given.get("exclude"),
            insist=given.get("insist"),
            team=given.get("team"),
            monthly=given["monthly"],
            as_of=self.as_of,
            actor=self.member,
        )
        return Response(self.shown(training), status=202)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.shown(find_training(pk)))


routes = resource("scorecards/training", Trainings, "scorecard-training")
