from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class Began(models.TextChoices):
    CLAIMED = "claimed", _("Claimed")
    ASSIGNED = "assigned", _("Assigned by rule")
    GIVEN = "given", _("Given by a manager")


class Ended(models.TextChoices):
    OPEN = "", _("Still held")
    RELEASED = "released", _("Given back")
    RECLAIMED = "reclaimed", _("Taken back")
    REASSIGNED = "reassigned", _("Given to somebody else")
    CLOSED = "closed", _("Closed")
    MERGED = "merged", _("Merged into another lead")


class Passing(TenantModel):
    """Who was asked, and who could not take it, for leads that were decided while nobody's standing changed: one
    record for all of them, named by ``why.passing`` of each. ``candidates``: the ids of everybody the rule
    names; ``reasons``: {reason: [member ids]} of those who were passed over, in the order they were asked.
    """

    candidates: Any = models.JSONField(default=list)
    reasons: Any = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        pass


class Assignment(TenantModel):
    """Who held a lead, from when to when, why it began and why it ended."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="assignments")
    member = TenantForeignKey("workspaces.Member", related_name="+")
    began_at = models.DateTimeField()
    began = models.CharField(max_length=10, choices=Began)
    actor_id = models.UUIDField(null=True)
    rule = models.UUIDField(null=True)
    # {"reason", "rule_name", "strategy", "candidates", "measure", "among": [the ids of the candidates],
    # "passed_over": [{"member", "name", "reason"}] (the first few), "passed_more": {reason: how many}, "passing":
    # the Passing that names all of both, where they are many}
    why = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=12, choices=Ended, blank=True, default="")
    end_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "lead"],
                condition=models.Q(ended_at__isnull=True),
                name="assignment_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "lead", "-began_at"], name="assignment_by_lead"),
            models.Index(fields=["workspace", "member", "-began_at"], name="assignment_by_member"),
            models.Index(fields=["workspace", "-began_at", "-id"], name="assignment_by_time"),
        ]
