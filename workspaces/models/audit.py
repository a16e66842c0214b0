import uuid

from django.db import models

from workspaces.tenancy import TenantModel


class AuditEntry(TenantModel):
    """Who changed what in the workspace's configuration. Append-only for the program's role."""

    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)  # no foreign key: the entry outlives the member
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    subject_id = models.UUIDField(default=uuid.UUID(int=0))
    data = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "-at", "-id"], name="audit_by_time")]


class RepeatedRequest(TenantModel):
    """The first answer to a POST with an Idempotency-Key, given again when the POST is repeated."""

    member_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member_id", "key"], name="repeated_request_once")
        ]
        indexes = [models.Index(fields=["workspace", "created_at"], name="repeated_request_age")]
