from django.db import models

from workspaces.tenancy import TenantForeignKey, TenantModel


class Gate(TenantModel):
    """What must be true to take a transition. Each part of a top-level ``all`` is one checklist item.

    ``approval_when``: the condition under which a manager has to approve (null: never);
    ``approval_score``: the score below which it can't even be submitted.
    """

    transition = models.CharField(max_length=20)
    condition = models.JSONField(default=dict, blank=True)
    approval_when = models.JSONField(null=True, blank=True)
    approval_score = models.PositiveSmallIntegerField(default=70)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "transition"], name="gate_once")]


class StageChange(TenantModel):
    """A step that was taken: who, when, why and the gate's verdict."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="stage_changes")
    transition = models.CharField(max_length=20)
    source = models.CharField(max_length=20)
    target = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = TenantForeignKey("workspaces.Member", null=True, related_name="+")
    note = models.TextField(blank=True, default="")
    verdict = models.JSONField(default=dict)  # {"met": [...], "unmet": [...], "override": reason}
    days_in_source = models.PositiveIntegerField(default=0)
    reason_code = models.CharField(max_length=20, blank=True, default="")

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "lead", "-at"], name="stage_change_by_lead"),
            models.Index(fields=["workspace", "at", "target"], name="stage_change_by_time"),
            models.Index(fields=["workspace", "source", "-at"], name="stage_change_by_source"),
        ]


class Approval(TenantModel):
    """A transition that waits for a manager."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="approvals")
    transition = models.CharField(max_length=20)
    asked_by = TenantForeignKey("workspaces.Member", related_name="+")
    asked_at = models.DateTimeField()
    payload = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default="waiting")  # waiting, approved, refused, overtaken
    decided_by = TenantForeignKey("workspaces.Member", null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "lead", "transition"],
                condition=models.Q(status="waiting"),
                name="approval_waits_once",
            )
        ]
