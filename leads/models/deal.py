from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class DealStep(models.TextChoices):
    DISCOVERY = "discovery", _("Discovery")
    PROPOSAL = "proposal", _("Proposal")
    DEMO = "demo", _("Demo")
    NEGOTIATION = "negotiation", _("Negotiation")
    SIGNING = "signing", _("Signing")


class Opportunity(TenantModel):
    """What a qualified lead becomes: amount, close date, step, and who else is in the race."""

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
    competitors = models.JSONField(default=list, blank=True)  # [{"name", "note"}]

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["workspace", "status", "expected_close"],
                name="opportunity_by_close",
            ),
            models.Index(fields=["workspace", "lead"], name="opportunity_by_lead"),
        ]


class OpportunityChange(TenantModel):
    """One change of an opportunity: {field: [before, after]}. The history of its amount, date and step."""

    opportunity = TenantForeignKey(Opportunity, cascade=True, related_name="history")
    at = models.DateTimeField()
    actor = TenantForeignKey("workspaces.Member", null=True, related_name="+")
    changes = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "opportunity", "-at"], name="opportunity_change_by_one")]


class Customer(TenantModel):
    """Who bought: made when a lead is won. Asked for a mark from ``ask_at`` on."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="customers")
    company = TenantForeignKey("leads.Company", null=True, related_name="+")
    name = models.CharField(max_length=300)
    since = models.DateTimeField()
    ask_at = models.DateTimeField()
    satisfaction = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 to 5
    satisfaction_note = models.TextField(blank=True, default="")
    satisfaction_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "lead"], name="customer_once")]
        indexes = [models.Index(fields=["workspace", "-since"], name="customer_by_time")]
