from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.searching import searched
from workspaces.tenancy import TenantForeignKey, TenantModel


class Company(TenantModel):
    """The organisation. ``name_key`` is the name without legal form, case, width and script: one row per key.

    ``core`` is the name without its place, too: what names are compared by. ``credit_code`` is China's unified
    social credit code: the same code is the same company, whatever it is called.
    """

    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300)
    core = models.CharField(max_length=300, blank=True, default="", db_default="", editable=False)
    credit_code = models.CharField(max_length=18, blank=True, default="", db_default="")
    domain = models.CharField(max_length=253, blank=True, default="")
    website = models.CharField(max_length=500, blank=True, default="")
    industry = models.CharField(max_length=200, blank=True, default="")
    region = models.CharField(max_length=200, blank=True, default="")
    employees = models.PositiveIntegerField(null=True, blank=True)
    search = models.TextField(blank=True, default="", db_default="", editable=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="company_once")]
        indexes = [
            models.Index(fields=["workspace", "domain"], name="company_by_domain"),
            models.Index(fields=["workspace", "core"], name="company_by_core"),
            models.Index(
                fields=["workspace", "credit_code"],
                condition=~models.Q(credit_code=""),
                name="company_by_credit_code",
            ),
            GinIndex(
                fields=["workspace", "search"],
                name="company_search",
                opclasses=["uuid_ops", "gin_trgm_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(TenantModel):
    """A person at a company."""

    company = TenantForeignKey(Company, null=True, blank=True, related_name="contacts")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    wechat = models.CharField(max_length=100, blank=True, default="")
    search = models.TextField(blank=True, default="", db_default="", editable=False)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "company"], name="contact_by_company"),
            searched("contact"),
        ]

    def __str__(self) -> str:
        return self.name


class BuyingRole(models.TextChoices):
    USER = "user", _("User")
    INFLUENCER = "influencer", _("Influencer")
    CHAMPION = "champion", _("Champion")
    DECISION_MAKER = "decision_maker", _("Decision maker")
    ECONOMIC_BUYER = "economic_buyer", _("Economic buyer")
    FINANCE = "finance", _("Finance")


class LeadContact(TenantModel):
    """Who takes part in this pursuit, and in which buying role."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="people")
    contact = TenantForeignKey(Contact, cascade=True, related_name="leads")
    role = models.CharField(max_length=20, choices=BuyingRole)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "lead", "contact", "role"],
                name="lead_contact_once",
            )
        ]
        indexes = [models.Index(fields=["workspace", "contact"], name="lead_contact_by_contact")]
