from django.db import models

from workspaces.tenancy import TenantForeignKey, TenantModel


class IdentityKind(models.TextChoices):
    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    PHONE = "phone"
    WECHAT = "wechat"


class Identity(TenantModel):
    """What makes a lead the same lead. Unique in the workspace: the lock against entering one twice.

    ``value`` is normalised (lower-case address, E.164, ``channel:id`` for an external id).
    """

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="identities")
    kind = models.CharField(max_length=12, choices=IdentityKind)
    value = models.CharField(max_length=400)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "value"], name="identity_once")]
        indexes = [models.Index(fields=["workspace", "lead"], name="identity_by_lead")]
