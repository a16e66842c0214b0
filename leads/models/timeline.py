from django.db import models

from workspaces.tenancy import TenantModel


class TimelineEntry(TenantModel):
    """A fact about a lead that happened. Append-only; no foreign key, so that it outlives everything."""

    lead_id = models.UUIDField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    actor_id = models.UUIDField(null=True)  # null: the system
    data = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "lead_id", "-at", "-id"], name="timeline_by_lead")]
