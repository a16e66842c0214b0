from django.db import models

from leads.models.lead import Stage
from workspaces.tenancy import TenantForeignKey, TenantModel


class CalendarFeed(TenantModel):
    """The secret address under which a calendar program reads a member's tasks: only its hash is kept."""

    member = TenantForeignKey("workspaces.Member", cascade=True, related_name="+")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member"], name="calendar_feed_once"),
            models.UniqueConstraint(fields=["workspace", "digest"], name="calendar_feed_by_digest"),
        ]


class Undo(TenantModel):
    """What an action changed about a lead, for as long as it may be taken back.

    ``changes``: [{"table", "id", "before", "after"}]: columns of a row as they were and as they became; ``before``
    null: the row is new, ``after`` null: it is gone. ``entry``: the timeline's entry of what was done.
    """

    lead_id = models.UUIDField()
    member_id = models.UUIDField()
    at = models.DateTimeField()
    changes = models.JSONField(default=list)
    entry = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "at"], name="undo_by_time")]


class Case(TenantModel):
    """A lead's story as an example for others: what it shows, and in which stage that helps."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="cases")
    title = models.CharField(max_length=200)
    lesson = models.TextField()
    stage = models.CharField(max_length=20, choices=Stage)
    industry = models.CharField(max_length=200, blank=True, default="")
    member = TenantForeignKey("workspaces.Member", null=True, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "lead", "stage"], name="case_once")]
        indexes = [models.Index(fields=["workspace", "stage", "-at"], name="case_by_stage")]

    def __str__(self) -> str:
        return self.title
