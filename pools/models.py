from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class PoolPolicy(TenantModel):
    """How long a holder may keep a lead, and who may take how many. The first match wins.

    Hours and days of the wall clock. ``warn_share``: the part of the time after which the holder is warned.
    """

    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    condition = models.JSONField(default=dict, blank=True)
    first_contact_hours = models.PositiveIntegerField(default=24)
    follow_up_days = models.PositiveIntegerField(default=7)
    max_hold_days = models.PositiveIntegerField(default=90)
    warn_share = models.DecimalField(max_digits=3, decimal_places=2, default="0.75")
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "position"], name="policy_by_position")]


class ClaimPolicy(TenantModel):
    """How many leads a member may claim a day and hold, and how long a former owner waits. One only."""

    daily_quota = models.PositiveIntegerField(default=20)
    holding_capacity = models.PositiveIntegerField(default=100)
    cooldown_days = models.PositiveIntegerField(default=7)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="claim_policy_once")]


class Strategy(models.TextChoices):
    ROUND_ROBIN = "round_robin", _("In turn")


class AssignmentRule(TenantModel):
    """Who gets a lead that meets a condition: the members of a team, or all reps. The first match wins.

    ``turn``: the member who got the last one, so that the next in order is next.
    """

    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    condition = models.JSONField(default=dict, blank=True)
    team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    strategy = models.CharField(max_length=20, choices=Strategy, default=Strategy.ROUND_ROBIN)
    turn = models.UUIDField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "position"], name="assignment_rule_by_position")]


class Began(models.TextChoices):
    CLAIMED = "claimed", _("Claimed")
    ASSIGNED = "assigned", _("Assigned by rule")
    GIVEN = "given", _("Given by a manager")


class Ended(models.TextChoices):
    OPEN = "", _("Still held")
    RELEASED = "released", _("Given back")
    RECLAIMED = "reclaimed", _("Taken back")
    REASSIGNED = "reassigned", _("Given to somebody else")
    CLOSED = "closed", _("Closed")
    MERGED = "merged", _("Merged into another lead")


class Assignment(TenantModel):
    """Who held a lead, from when to when, why it began and why it ended."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="assignments")
    member = TenantForeignKey("workspaces.Member", related_name="+")
    began_at = models.DateTimeField()
    began = models.CharField(max_length=10, choices=Began)
    actor_id = models.UUIDField(null=True)
    rule = models.UUIDField(null=True)
    why = models.JSONField(default=dict)  # {"rule", "reason", "passed_over": [{"member", "reason"}]}
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=12, choices=Ended, blank=True, default="")
    end_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "lead"],
                condition=models.Q(ended_at__isnull=True),
                name="assignment_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "lead", "-began_at"], name="assignment_by_lead"),
            models.Index(fields=["workspace", "member", "-began_at"], name="assignment_by_member"),
            models.Index(fields=["workspace", "-began_at", "-id"], name="assignment_by_time"),
        ]
