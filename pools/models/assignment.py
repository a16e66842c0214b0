from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class Strategy(models.TextChoices):
    ROUND_ROBIN = "round_robin", _("In turn")
    WEIGHTED = "weighted", _("In turn, by weight")
    LEAST_LOADED = "least_loaded", _("Who holds the fewest")
    BEST_CLOSER = "best_closer", _("Who closes such leads best")
    STICKY_COMPANY = "sticky_company", _("Who knows the company, else in turn")
    BY_LEVEL = "by_level", _("Seniors for A, beginners for C and D")


class Overflow(models.TextChoices):
    WAIT = "wait", _("It waits")
    NEXT_RULE = "next_rule", _("The next rule that fits decides")
    TEAM = "team", _("Another team's reps, in turn")


class AssignmentRule(TenantModel):
    """Who gets a lead that meets a condition: a team, members by name, or all reps. The first match wins.

    ``turn``: the member who got the last one, so that the next in order is next. ``turn_state``: what the
    strategy remembers besides: {"month": year * 12 + month, "passes": {member: float}, "levels": {level: the
    member of it who got the last one}, "spare": the member of the overflow's team who got the last one}.
    """

    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    condition = models.JSONField(default=dict, blank=True)
    team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    strategy = models.CharField(max_length=20, choices=Strategy, default=Strategy.ROUND_ROBIN)
    working_hours_only = models.BooleanField(default=False)
    monthly_turn = models.BooleanField(default=False)
    overflow = models.CharField(max_length=10, choices=Overflow, default=Overflow.WAIT)
    overflow_team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    turn = models.UUIDField(null=True, blank=True)
    turn_state: Any = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "position"], name="assignment_rule_by_position")]

    @property
    def members(self) -> list[dict[str, Any]]:
        """Whom it names, each with the weight it has here."""
        rows = self.named.all()  # type: ignore[attr-defined]
        return [{"member": row.member_id, "weight": row.weight} for row in rows]


class AssignmentRuleMember(TenantModel):
    """A member whom a rule names, with a weight of its own (null: the member's)."""

    rule = TenantForeignKey(AssignmentRule, cascade=True, related_name="named")
    member = TenantForeignKey("workspaces.Member", cascade=True, related_name="+")
    weight = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "rule", "member"], name="rule_member_once")
        ]


class Level(models.TextChoices):
    BEGINNER = "beginner", _("Beginner")
    REGULAR = "regular", _("Regular")
    SENIOR = "senior", _("Senior")


class RepTerms(TenantModel):
    """What a rep takes on: level, weight, and new leads a day and a week at most (null: no limit)."""

    member = TenantForeignKey("workspaces.Member", cascade=True, related_name="terms")
    level = models.CharField(max_length=10, choices=Level, default=Level.REGULAR)
    weight = models.PositiveSmallIntegerField(default=1)
    per_day = models.PositiveIntegerField(null=True, blank=True)
    per_week = models.PositiveIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "member"], name="rep_terms_once")]


class AssignmentPolicy(TenantModel):
    """Who gets what no rule can give to anybody (null: it waits, and is listed). One only."""

    default_assignee = TenantForeignKey("workspaces.Member", null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="assignment_policy_once")]


class Waiting(TenantModel):
    """Why a qualified lead has no holder: the record of the last decision about it. Gone when it has one."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="waits")
    since = models.DateTimeField()
    tried_at = models.DateTimeField()
    rule = models.UUIDField(null=True)
    reason = models.CharField(max_length=20)
    why: Any = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "lead"], name="waiting_once")]
