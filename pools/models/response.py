from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from pools.models.policy import Counts
from workspaces.tenancy import TenantForeignKey, TenantModel


class Awaited(models.TextChoices):
    FIRST_CONTACT = "first_contact", _("First contact")
    FOLLOW_UP = "follow_up", _("Next follow-up")


class Unit(models.TextChoices):
    HOURS = "hours", _("Hours")
    DAYS = "days", _("Days")


class Escalation(models.TextChoices):
    REMIND = "remind", _("Remind the holder")
    MANAGER = "manager", _("Tell the manager")
    HAND_ON = "hand_on", _("Give it to somebody else")


class ResponsePolicy(TenantModel):
    """Within what time a holder contacts a lead, and what happens on the way. The first match wins.

    ``after`` and ``unit``: the time allowed, by the clock or in working time (``counts``). ``steps``:
    [{"after", "unit", "do"}], counted from when the lead was given, or from the last follow-up.
    """

    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    condition = models.JSONField(default=dict, blank=True)
    awaited = models.CharField(max_length=15, choices=Awaited, default=Awaited.FIRST_CONTACT)
    counts = models.CharField(max_length=10, choices=Counts, default=Counts.CLOCK)
    after = models.PositiveIntegerField(default=24)
    unit = models.CharField(max_length=5, choices=Unit, default=Unit.HOURS)
    steps: Any = models.JSONField(default=list, blank=True)
    refit_at = models.DateTimeField(null=True, blank=True)  # when time alone may have moved leads in or out
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "position"], name="response_policy_by_position")]

    @property
    def conditions(self) -> list[Any]:
        """All that it asks of a lead."""
        return [self.condition]


class ResponseClock(TenantModel):
    """By when a held lead is to be contacted, and when the next step of its policy is due. One a lead.

    None while nothing is awaited: the lead is deferred, closed or free, or no policy speaks for it.
    """

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="response_clocks")
    member = TenantForeignKey("workspaces.Member", related_name="+")
    policy = TenantForeignKey(ResponsePolicy, cascade=True, related_name="clocks")
    began_at = models.DateTimeField()
    target_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # the next step, or try to hand it on; null: all were taken
    hand_on_at = models.DateTimeField(
        null=True
    )  # it is to go to somebody else, and could not yet: tried again then

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "lead"], name="response_clock_once")]
        indexes = [
            models.Index(
                fields=["workspace", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="response_clock_due",
            ),
            models.Index(fields=["workspace", "target_at"], name="response_clock_target"),
            models.Index(fields=["workspace", "policy"], name="response_clock_policy"),
        ]


class ResponseBreach(TenantModel):
    """A response time that was missed, and who held the lead then. ``answered_at``: when they were late to."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="response_breaches")
    member = TenantForeignKey("workspaces.Member", related_name="+")
    policy_name = models.CharField(max_length=200)
    awaited = models.CharField(max_length=15, choices=Awaited)
    began_at = models.DateTimeField()
    target_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "lead", "member", "awaited", "began_at"], name="response_breach_once"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "-target_at", "-id"], name="response_breach_by_time"),
            models.Index(fields=["workspace", "member", "-target_at"], name="response_breach_by_member"),
        ]
