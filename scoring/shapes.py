"""What the API takes and gives of scorecards, their rules, previews and explanations."""

from typing import Any

from rest_framework import serializers

from scoring.models import Rule, RuleKind
from workspaces.shapes import RowShape, Shape

LABEL_HELP = "One text for all languages, or one for each: `en`, `zh-hans`."


class ScorecardShape(RowShape):
    """A version of the rules. ``dimensions``: `{key, label, cap, weight}`; ``grades``: lower limits of A, B, C.

    The points of a dimension's rules are added, multiplied by its weight (1 unless given) and cut at its cap.
    """

    name = serializers.CharField(max_length=200)
    version = serializers.IntegerField(read_only=True)
    status = serializers.CharField(read_only=True, help_text="draft, active or archived")
    dimensions = serializers.JSONField(required=False)
    grades = serializers.JSONField(required=False)
    threshold = serializers.JSONField(required=False, help_text="From this score a lead is an MQL by itself.")
    team = serializers.UUIDField(
        source="team_id", required=False, allow_null=True, help_text="Whose leads it scores, instead of all."
    )
    origin = serializers.CharField(read_only=True, help_text="What made it; empty for a person.")
    based_on = serializers.UUIDField(read_only=True, allow_null=True)
    activated_at = serializers.DateTimeField(read_only=True, allow_null=True)
    archived_at = serializers.DateTimeField(read_only=True, allow_null=True)


class NewScorecardShape(ScorecardShape):
    """What is not given is as in the active card, or as in the template."""

    name = serializers.CharField(max_length=200, required=False, help_text="Needed without a template.")
    rules = serializers.JSONField(required=False, help_text="Rules as in `rules/`; none without it.")
    template = serializers.CharField(required=False, help_text="A key of `scorecards/templates/`.")
    answers = serializers.JSONField(
        required=False,
        help_text="For the template `ideal_customer`: `{industries, size: [from, to], regions, titles, exclusions}`.",
    )
    copy_of = serializers.UUIDField(required=False, help_text="A card whose settings and rules are taken.")


class TemplateShape(Shape):
    """A scorecard to begin with. ``wizard``: its rules are made from ``answers``."""

    key = serializers.CharField()
    name = serializers.CharField()
    text = serializers.CharField()
    wizard = serializers.BooleanField()
    questions = serializers.ListField(child=serializers.CharField())
    dimensions = serializers.JSONField()
    rules = serializers.JSONField()


class RescoringShape(Shape):
    """How far the leads of the workspace are scored anew."""

    status = serializers.CharField(help_text="running, done, replaced or failed")
    scorecard = serializers.UUIDField(source="scorecard_id", allow_null=True)
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ScoreRuleShape(RowShape):
    """Points for a condition. ``kind`` says how many:

    - `points`: fixed; with `half_life` each touch the condition counts gives them, fading, together at most `points`.
    - `per_unit`: for each touch or follow-up that `measure`, or else the condition's first count, finds; at most
      `cap`; with `half_life` each one counts less by half after so many days.
    - `bands`: by the band in which the number `measure` lies: `[{"from": 0, "to": 49, "points": 2},
      {"from": 50, "points": 6}, {"unset": true, "points": 0}]`; without `to`, up to the next band.
    - `formula`: `min(20, employees / 50) + 2 * touches.download[30]`: numbers, fields, `+ - * /`, `min`, `max`,
      `round`, `if(a > b, x, y)`; rounded, at most `cap` either way; nothing where it can't be worked out.
    - `disqualifier`: the grade is D whatever the sum, and the lead does not become an MQL by itself.
    """

    scorecard = serializers.UUIDField(source="scorecard_id", read_only=True)
    position = serializers.IntegerField(read_only=True)
    dimension = serializers.CharField(max_length=30)
    label = serializers.JSONField(required=False, help_text=LABEL_HELP)
    condition = serializers.JSONField()
    condition_text = serializers.CharField(read_only=True)
    kind = serializers.ChoiceField(
        choices=RuleKind.choices,
        required=False,
        help_text="Without it: as follows from `formula`, `bands` or `per_unit`, else `points`.",
    )
    points = serializers.IntegerField(required=False)
    per_unit = serializers.SerializerMethodField(
        help_text="True for the kind `per_unit`; may be given instead."
    )
    measure = serializers.JSONField(required=False, help_text='`{"field", "days"?}`: a field with a number.')
    bands = serializers.JSONField(required=False)
    formula = serializers.CharField(required=False, allow_blank=True, max_length=500)
    cap = serializers.IntegerField(required=False, allow_null=True, default=None)
    half_life = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="Days.")

    def get_per_unit(self, rule: Rule) -> bool:
        return rule.kind == RuleKind.PER_UNIT


class ScoreRulesShape(Shape):
    """All rules of a card, in order. Beside them, what else shall change of it."""

    rules = ScoreRuleShape(many=True)
    name = serializers.CharField(max_length=200, required=False)
    dimensions = serializers.JSONField(required=False)
    grades = serializers.JSONField(required=False)
    threshold = serializers.JSONField(required=False)


class ScorecardWithRulesShape(ScorecardShape):
    rules = ScoreRuleShape(many=True, read_only=True)


class ScorePartShape(Shape):
    rule = serializers.UUIDField(allow_null=True)
    label: Any = serializers.CharField()
    points = serializers.IntegerField()
    evidence = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True, help_text="When the evidence was last seen.")
    dimension = serializers.CharField()
    disqualifies = serializers.BooleanField()


class ScoreDimensionShape(Shape):
    key = serializers.CharField()
    label: Any = serializers.CharField()
    points = serializers.IntegerField()
    cap = serializers.IntegerField(allow_null=True)
    weight = serializers.FloatField()


class ScoreRaiseShape(Shape):
    rule = serializers.UUIDField()
    label: Any = serializers.CharField()
    points = serializers.IntegerField()
    how = serializers.CharField()
    grade = serializers.CharField(help_text="The grade it would come to.")


class ScoreShape(Shape):
    """A lead's score. The points of ``parts`` add up to it; ``raises`` says what would raise it most."""

    score = serializers.IntegerField()
    grade = serializers.CharField()
    scorecard = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    scored_at = serializers.DateTimeField(allow_null=True)
    disqualified = serializers.BooleanField(help_text="A rule says D, whatever the sum.")
    parts = ScorePartShape(many=True)
    dimensions = ScoreDimensionShape(many=True)
    raises = ScoreRaiseShape(many=True)


class ThresholdShape(Shape):
    now = serializers.IntegerField(help_text="Leads at or above the threshold as scored now.")
    then = serializers.IntegerField()
    rising = serializers.IntegerField()
    falling = serializers.IntegerField()
    to_mql = serializers.IntegerField(help_text="Leads at the first stage that would be at the threshold.")
    line = serializers.IntegerField(help_text="The card's threshold.")
    line_now = serializers.IntegerField(help_text="The threshold in force.")


class HistogramBarShape(Shape):
    def get_fields(self) -> dict:
        return {"from": serializers.IntegerField(), **super().get_fields()}

    now = serializers.IntegerField()
    then = serializers.IntegerField()


class RuleMatchShape(Shape):
    rule = serializers.UUIDField(allow_null=True)
    label: Any = serializers.CharField()
    sentence = serializers.CharField()
    dimension = serializers.CharField()
    kind = serializers.CharField()
    points = serializers.IntegerField()
    matches = serializers.IntegerField()
    share = serializers.FloatField(help_text="Of all leads that were looked at.")
    average = serializers.FloatField(help_text="Points it gives to those it matches.")
    decided = serializers.IntegerField(help_text="Leads whose grade would be another without it.")


class GradeCountsShape(Shape):
    now = serializers.DictField(child=serializers.IntegerField())
    then = serializers.DictField(child=serializers.IntegerField())


class GradeMoveShape(Shape):
    def get_fields(self) -> dict:
        return {"from": serializers.CharField(), **super().get_fields()}

    to = serializers.CharField()
    leads = serializers.IntegerField()


class CrossingLeadShape(Shape):
    id = serializers.UUIDField()
    name = serializers.CharField()
    was = serializers.IntegerField()
    was_grade = serializers.CharField()
    score = serializers.IntegerField()
    grade = serializers.CharField()


class CrossingPageShape(Shape):
    """A page of one list of a preview; ``leads``: how many the whole list has, of those that were looked at."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    leads = serializers.IntegerField()
    sample = serializers.IntegerField(help_text="1, or every how many-th lead was looked at.")
    results = CrossingLeadShape(many=True)


class CrossingShape(Shape):
    """Leads that move furthest: to a better or a worse grade, above or below the MQL line."""

    up = CrossingLeadShape(many=True)
    down = CrossingLeadShape(many=True)
    rising = CrossingLeadShape(many=True)
    falling = CrossingLeadShape(many=True)


class ScorecardPreviewShape(Shape):
    """What the card would change: ``now`` is what is stored, ``then`` what the card would give."""

    leads = serializers.IntegerField()
    sample = serializers.IntegerField(help_text="1, or every how many-th lead was looked at.")
    maximum = serializers.IntegerField(allow_null=True, help_text="The highest score anybody can reach.")
    gate = serializers.IntegerField(
        allow_null=True,
        help_text="The score that the gate to MQL asks for, when it is above the threshold: no lead moves below it.",
    )
    moves = GradeMoveShape(many=True)
    crossing = CrossingShape()
    changed = serializers.IntegerField()
    grades = GradeCountsShape()
    threshold = ThresholdShape()
    histogram = HistogramBarShape(many=True)
    rules = RuleMatchShape(many=True)
