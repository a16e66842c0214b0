from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class Counts(models.TextChoices):
    CLOCK = "clock", _("Hours and days of the clock")
    WORKING = "working", _("Working hours and working days")


class Target(models.TextChoices):
    RECYCLE = "recycle", _("Recycle pool: open for claiming")
    LEAD = "lead", _("Lead pool: sorted and assigned anew")
    NURTURE = "nurture", _("Nurturing: put aside for a time, then sorted anew")


class PoolPolicy(TenantModel):
    """How long a holder may keep a lead, and where it goes then. The first match wins.

    Hours and days of the wall clock, or of the workspace's calendar (``counts``). ``warn_share``: the part
    of the time after which the holder is warned.
    """

    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    condition = models.JSONField(default=dict, blank=True)
    counts = models.CharField(max_length=10, choices=Counts, default=Counts.CLOCK)
    first_contact_hours = models.PositiveIntegerField(default=24)
    follow_up_days = models.PositiveIntegerField(default=7)
    max_hold_days = models.PositiveIntegerField(default=90)
    warn_share = models.DecimalField(max_digits=3, decimal_places=2, default="0.75")
    exemption: Any = models.JSONField(null=True, blank=True)  # a condition: what meets it has no clock
    spares_opportunities = models.BooleanField(default=True)
    facts: Any = models.JSONField(null=True, blank=True)  # a condition: what is to be true by facts_days
    facts_days = models.PositiveIntegerField(null=True, blank=True)
    invalid_marks = models.PositiveSmallIntegerField(null=True, blank=True)  # so many say: not a real lead
    target = models.CharField(max_length=10, choices=Target, default=Target.RECYCLE)
    resets_stage = models.BooleanField(default=False)
    nurture_days = models.PositiveIntegerField(default=90)
    refit_at = models.DateTimeField(null=True, blank=True)  # when time alone may have moved leads in or out
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "position"], name="policy_by_position")]

    @property
    def conditions(self) -> list[Any]:
        """All that it asks of a lead."""
        return [self.condition, self.exemption, self.facts]


class Protection(TenantModel):
    """A manager keeps a lead with its holder until a moment, with a reason.

    An extension counts for the holder it was granted to; a lock for the lead, whoever holds it.
    """

    EXTENSION, LOCK = "extension", "lock"

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="protections")
    kind = models.CharField(max_length=10)
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    granted_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["workspace", "lead"],
                condition=models.Q(ended_at__isnull=True),
                name="protection_open",
            )
        ]


class InvalidMark(TenantModel):
    """A member says that this is no real lead. ``settled_at``: the marks have had their effect."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="invalid_marks")
    member = TenantForeignKey("workspaces.Member", related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "lead", "member"],
                condition=models.Q(settled_at__isnull=True),
                name="invalid_mark_once",
            )
        ]
