from typing import Any
from uuid import UUID

from django.db import models

from workspaces.tenancy import TenantForeignKey, TenantModel


class ClaimPolicy(TenantModel):
    """How many leads a member may claim a day and hold, and how long a former owner waits. One only.

    ``capacity_by_grade``: {"A": 10}: at most so many open leads of a grade in one hand. ``freeze_hours``:
    how long nobody may claim a lead that has just come in, counted from its entry.
    """

    daily_quota = models.PositiveIntegerField(default=20)
    holding_capacity = models.PositiveIntegerField(default=100)
    capacity_by_grade: Any = models.JSONField(default=dict, blank=True)
    cooldown_days = models.PositiveIntegerField(default=7)
    freeze_hours = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="claim_policy_once")]


class ClaimRule(TenantModel):
    """Who may claim the leads that meet a condition: a team, and members by name. The first match wins.

    Without a team and members nobody may. A lead that no rule speaks for is everybody's.
    """

    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    condition = models.JSONField(default=dict, blank=True)
    team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    freeze_hours = models.PositiveIntegerField(null=True, blank=True)  # null: as everywhere
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "position"], name="claim_rule_by_position")]

    @property
    def members(self) -> list[UUID]:
        """Whom it names."""
        return [row.member_id for row in self.named.all()]  # type: ignore[attr-defined]


class ClaimRuleMember(TenantModel):
    rule = TenantForeignKey(ClaimRule, cascade=True, related_name="named")
    member = TenantForeignKey("workspaces.Member", cascade=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "rule", "member"], name="claim_rule_member_once")
        ]
