from django.db import models

from workspaces.tenancy import TenantForeignKey, TenantModel


class Opportunity(TenantModel):
    """What a qualified lead becomes: amount, close date, step."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="opportunities")
    owner = TenantForeignKey("workspaces.Member", null=True, blank=True, related_name="+")
    name = models.CharField(max_length=300)
    amount = models.BigIntegerField(null=True, blank=True)  # minor units
    currency = models.CharField(max_length=3, default="USD")
    expected_close = models.DateField(null=True, blank=True)
    step = models.CharField(max_length=40, default="discovery")
    status = models.CharField(max_length=10, default="open")  # open, won, lost
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.TextField(blank=True, default="")

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["workspace", "status", "expected_close"],
                name="opportunity_by_close",
            ),
            models.Index(fields=["workspace", "lead"], name="opportunity_by_lead"),
        ]
