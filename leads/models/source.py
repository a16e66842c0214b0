from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel

# What a form says, in characters at most; and how many choices one question offers.
LONGEST_LABEL, LONGEST_CHOICE, LONGEST_TEXT = 200, 100, 1000
MOST_CHOICES = 30


class ChannelKind(models.TextChoices):
    FORM = "form", _("Form")
    IMPORT = "import", _("Import")
    API = "api", _("API")
    ADS = "ads", _("Advertisement")
    EVENT = "event", _("Event")
    REFERRAL = "referral", _("Referral")
    PARTNER = "partner", _("Partner")
    OUTBOUND = "outbound", _("Outbound")
    OTHER = "other", _("Other")


class Channel(TenantModel):
    """Where leads come from. Its public ``token`` addresses its form and its webhooks."""

    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=ChannelKind, default=ChannelKind.OTHER)
    token = models.CharField(max_length=80)
    campaign = models.CharField(max_length=200, blank=True, default="")
    cost_per_month = models.BigIntegerField(null=True, blank=True)  # minor units of the workspace's currency
    tags = models.JSONField(default=list, blank=True)  # names given to every lead of the channel
    consent_text = models.TextField(blank=True, default="")
    form = models.JSONField(default=dict, blank=True)  # title and fields of the public form
    owner_team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    runs = models.JSONField(
        default=list
    )  # [began, ended or null] of each time it was in use, the first one first

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name_key"], name="channel_once"),
            models.UniqueConstraint(fields=["workspace", "token"], name="channel_token_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def in_use(self) -> list[tuple[datetime, datetime | None]]:
        """From when to when it was in use. Before anybody has set it up: since it was made."""
        if not self.runs:
            return [(self.created_at, None if self.is_active else self.updated_at)]
        return [
            (datetime.fromisoformat(began), datetime.fromisoformat(ended) if ended else None)
            for began, ended in self.runs
        ]

    def days_in_use(self, begins: datetime, ends: datetime) -> float:
        """Of a period, the days in which it was in use, with fractions."""
        spans = [min(ended or ends, ends) - max(began, begins) for began, ended in self.in_use()]
        return sum((span for span in spans if span > timedelta(0)), timedelta(0)) / timedelta(days=1)
