"""scorecards/{id}/backtest/: does a high score mean anything?"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.models import Scorecard
from scoring.proof.backtest import CAPACITY, backtest
from scoring.proof.outcomes import OUTCOME_HELP, outcome_of
from workspaces.rest import ApiView, Route
from workspaces.shapes import Reference, Shape


class AskedShape(Shape):
    """What to hold the card against. ``compare``: another version, tried on the same leads."""

    outcome: Any = serializers.JSONField(help_text=OUTCOME_HELP)
    compare = Reference(Scorecard, required=False, allow_null=True)
    capacity = serializers.IntegerField(
        required=False, default=CAPACITY, min_value=1, max_value=100_000, help_text="Leads a week"
    )


class CountedShape(Shape):
    """``rate``: the share that got there; ``low``, ``high``: its 95 % interval; ``lift``: times the average."""

    leads = serializers.IntegerField()
    outcomes = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()
    lift = serializers.FloatField(allow_null=True)


class GradeRowShape(CountedShape):
    grade = serializers.CharField()
    small = serializers.BooleanField(help_text="Fewer than 20 leads: the share is a hint")


class DecileRowShape(CountedShape):
    """Leads of one score count with their common rate, whichever tenth they stand in."""

    decile = serializers.IntegerField(help_text="1 is the tenth with the highest scores")
    worked = serializers.FloatField(help_text="The share of all leads, from the top, so far")
    score_from = serializers.IntegerField()
    score_to = serializers.IntegerField()
    caught = serializers.FloatField(allow_null=True)


class CalibrationRowShape(Shape):
    leads = serializers.IntegerField()
    expected = serializers.FloatField()
    rate = serializers.FloatField()


class CalibrationShape(Shape):
    """Chances worked out on the older 70 %, tried on the newest 30 %; ``error`` in points of a hundred."""

    error = serializers.FloatField(allow_null=True)
    leads = serializers.IntegerField()
    deciles = CalibrationRowShape(many=True)


class PrecisionShape(CountedShape):
    """Had the reps taken the best ``capacity`` of each week, by the score of a day after they came in (or got to the
    stage that the outcome is measured from). Only decided leads are counted: of ``came`` in these weeks."""

    capacity = serializers.IntegerField()
    weeks = serializers.IntegerField()
    came = serializers.IntegerField()
    caught = serializers.FloatField(allow_null=True)


class SliceShape(Shape):
    leads = serializers.IntegerField()
    outcomes = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    auc = serializers.FloatField(allow_null=True)
    auc_low = serializers.FloatField(allow_null=True)
    auc_high = serializers.FloatField(allow_null=True)
    small = serializers.BooleanField()


class NamedSliceShape(SliceShape):
    name = serializers.CharField()


class TimeSliceShape(SliceShape):
    def get_fields(self) -> dict:
        return {
            "from": serializers.DateTimeField(),
            "to": serializers.DateTimeField(),
            **super().get_fields(),
        }


class WithoutGateShape(Shape):
    """The card without the ``rules`` on facts that a gate on the way to the outcome demands."""

    rules = serializers.ListField(child=serializers.CharField())
    auc = serializers.FloatField(allow_null=True)
    auc_low = serializers.FloatField(allow_null=True)
    auc_high = serializers.FloatField(allow_null=True)


class CautionShape(Shape):
    """``score``: the score itself decides the outcome; ``score_in_path``: it decides who gets so far;
    ``gate_facts``: a gate demands facts that rules of the card ask for."""

    code = serializers.CharField()
    message = serializers.CharField()


class FiguresShape(SliceShape):
    scorecard = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    note = serializers.CharField(help_text="What to make of figures from few leads")
    by_grade = GradeRowShape(many=True)
    by_decile = DecileRowShape(many=True)
    calibration = CalibrationShape()
    precision = PrecisionShape()
    by_time = TimeSliceShape(many=True)
    by_channel = NamedSliceShape(many=True)
    by_industry = NamedSliceShape(many=True)
    without_gate = WithoutGateShape(allow_null=True)


class RivalShape(FiguresShape):
    """The other version on the same leads; ``difference``: how much higher its AUC is (DeLong)."""

    difference = serializers.FloatField(allow_null=True)
    difference_low = serializers.FloatField(allow_null=True)
    difference_high = serializers.FloatField(allow_null=True)
    p = serializers.FloatField(allow_null=True)


class BacktestShape(FiguresShape):
    """``left_out``: decided leads that the card's points were worked out from, the last of them at ``since``: they
    prove nothing about it. ``team``: whose leads were looked at; null for all but those of teams that have a card of
    their own in force. ``circular``: these figures are no proof, ``cautions`` say why."""

    circular = serializers.BooleanField()
    cautions = CautionShape(many=True)
    since = serializers.DateTimeField(allow_null=True)
    left_out = serializers.IntegerField()
    team = serializers.UUIDField(allow_null=True)
    other = RivalShape(allow_null=True)


class Backtest(ApiView):
    """What the card would have said of leads whose outcome is known, by the facts known before it."""

    model = Scorecard
    serializer_class = BacktestShape
    needs = {"POST": "rules"}

    @extend_schema(operation_id="scorecard_backtest", request=AskedShape, responses=BacktestShape)
    def post(self, request: Request, pk: UUID) -> Response:
        card = self.get_object()
        given = self.valid(shape=AskedShape)
        found = backtest(
            card,
            outcome_of(given["outcome"]),
            as_of=self.as_of,
            other=given.get("compare"),
            capacity=given["capacity"],
        )
        return Response(found)


routes: list[Route] = [("scorecards/<uuid:pk>/backtest/", Backtest.as_view(), "scorecard-backtest")]
