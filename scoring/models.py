from django.db import models
from django.utils.translation import gettext_lazy as _

from scoring.learning.models import Review, Training
from workspaces.due import DueWork
from workspaces.tenancy import TenantForeignKey, TenantModel

__all__ = [
    "CardStatus",
    "Rescoring",
    "RescoringStatus",
    "Review",
    "Rule",
    "RuleKind",
    "Scorecard",
    "Training",
]


class CardStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")


class Scorecard(TenantModel):
    """A version of the rules that score leads. Exactly one is active in a workspace, and one for each team
    that has its own: the leads of that team are scored by it.

    ``dimensions``: [{"key", "label", "cap", "weight"}]; the points of a dimension's rules are added, multiplied
    by its weight, and cut at its cap. ``grades``: {"A": 80, "B": 60, "C": 40}, lower limits; below C is D.
    ``threshold``: the score from which a lead is marketing-qualified by itself.
    ``origin``: what made it: "" a person, "template:bant", "learned", "review". ``based_on``: the version it
    was made from.
    """

    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=CardStatus, default=CardStatus.DRAFT)
    team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    dimensions = models.JSONField(default=list)
    grades = models.JSONField(default=dict)
    threshold = models.PositiveSmallIntegerField(default=60)
    origin = models.CharField(max_length=40, blank=True, default="")
    based_on = models.UUIDField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(status="active", team__isnull=True),
                name="scorecard_one_active",
            ),
            models.UniqueConstraint(
                fields=["workspace", "team"],
                condition=models.Q(status="active"),
                name="scorecard_one_active_of_team",
            ),
            models.UniqueConstraint(fields=["workspace", "version"], name="scorecard_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class RuleKind(models.TextChoices):
    POINTS = "points", _("Fixed points")
    PER_UNIT = "per_unit", _("Points for each")
    BANDS = "bands", _("By bands of a number")
    FORMULA = "formula", _("By a formula")
    DISQUALIFIER = "disqualifier", _("Disqualifies")


class Rule(TenantModel):
    """Points for a condition.

    ``label``: {"en": …, "zh-hans": …} or one text for all.
    ``measure``: {"field", "days"?}: what a rule per unit counts, or the number whose band decides.
    ``bands``: [{"from", "to"?, "points"}, …, {"unset": true, "points"}].
    ``cap``: the most points of a rule per unit or by a formula, in either direction.
    ``half_life``: after so many days a touch or a follow-up counts half.
    """

    scorecard = TenantForeignKey(Scorecard, cascade=True, related_name="rules")
    dimension = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    label = models.JSONField(default=dict)
    kind = models.CharField(max_length=12, choices=RuleKind, default=RuleKind.POINTS)
    condition = models.JSONField(default=dict)
    points = models.SmallIntegerField(default=0)
    measure = models.JSONField(default=dict, blank=True)
    bands = models.JSONField(default=list, blank=True)
    formula = models.CharField(max_length=500, blank=True, default="")
    cap = models.SmallIntegerField(null=True, blank=True)
    half_life = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "scorecard", "position"], name="rule_by_card")]


class RescoringStatus(models.TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    REPLACED = "replaced", _("Replaced by a later one")
    FAILED = "failed", _("Failed")


class Rescoring(DueWork):
    """All leads of a workspace looked at anew, set by set; old scores stand until the new ones are in.

    ``position``: the last lead that is done. ``scorecard``: the version that was put in force, if one was.
    """

    scorecard = TenantForeignKey(Scorecard, cascade=True, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=RescoringStatus, default=RescoringStatus.RUNNING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    position = models.UUIDField(null=True, blank=True)
    member = TenantForeignKey("workspaces.Member", null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(DueWork.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(status="running"),
                name="rescoring_one_at_a_time",
            )
        ]

    @property
    def percent(self) -> int:
        return min(99, 100 * self.done // self.total) if self.total else 0
