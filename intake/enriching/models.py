"""Sources of facts, what is known from them, and the leads that wait to be asked about."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.due import DueWork
from workspaces.tenancy import TenantForeignKey, TenantModel


class SourceKind(models.TextChoices):
    PLACE = "place", _("Phone number and address")
    FILE = "file", _("Table")
    HTTP = "http", _("Web service")
    MAIL = "mail", _("Does the e-mail domain take mail?")


class FactSource(TenantModel):
    """Where blanks are filled from. ``kind``: one of SourceKind, or of ENRICHMENT_SOURCES in the settings.

    ``settings``: what its kind wants (see intake/enriching/http.py); ``secret`` goes along with each request.
    """

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    settings = models.JSONField(default=dict, blank=True)
    secret = models.CharField(max_length=500, blank=True, default="")
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)  # the first that says a fact fills it
    asked = models.PositiveIntegerField(default=0)  # keys asked about
    filled = models.PositiveIntegerField(default=0)  # leads that got a fact
    last_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="fact_source_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return str(dict(SourceKind.choices).get(self.kind, self.kind))


class KnownFacts(TenantModel):
    """What a source says of a key (domain, credit code): rows of a table; or answers kept a while, by digest."""

    source = TenantForeignKey(FactSource, cascade=True, related_name="known")
    key = models.CharField(max_length=300)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "source", "key"], name="known_facts_once")
        ]


class Enriching(DueWork):
    """Leads about which a source is to be asked."""

    source = TenantForeignKey(FactSource, cascade=True, related_name="waiting")
    leads = models.JSONField(default=list)

    class Meta(DueWork.Meta):
        indexes = [
            models.Index(
                fields=["workspace", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="enriching_due",
            ),
            models.Index(fields=["workspace", "source"], name="enriching_by_source"),
        ]
