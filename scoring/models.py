from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class CardStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")


class Scorecard(TenantModel):
    """A version of the rules that score leads. Exactly one is active in a workspace.

    ``dimensions``: [{"key", "label", "cap"}]; the points of a dimension's rules are capped there.
    ``grades``: {"A": 80, "B": 60, "C": 40}, lower limits; below C is D.
    ``threshold``: the score from which a lead is marketing-qualified by itself.
    """

    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=CardStatus, default=CardStatus.DRAFT)
    dimensions = models.JSONField(default=list)
    grades = models.JSONField(default=dict)
    threshold = models.PositiveSmallIntegerField(default=60)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(status="active"),
                name="scorecard_one_active",
            ),
            models.UniqueConstraint(fields=["workspace", "version"], name="scorecard_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Rule(TenantModel):
    """Points for a condition.

    ``label``: {"en": …, "zh-hans": …} or one text for all. ``per_unit``: points for each touch or
    follow-up the condition's count field finds, at most ``cap`` points.
    """

    scorecard = TenantForeignKey(Scorecard, cascade=True, related_name="rules")
    dimension = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    label = models.JSONField(default=dict)
    condition = models.JSONField(default=dict)
    points = models.SmallIntegerField()
    per_unit = models.BooleanField(default=False)
    cap = models.SmallIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "scorecard", "position"], name="rule_by_card")]
