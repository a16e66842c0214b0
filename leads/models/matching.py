from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.due import DueWork
from workspaces.tenancy import TenantForeignKey, TenantModel


class DuplicateStatus(models.TextChoices):
    SUGGESTED = "suggested", _("Suggested")
    DISMISSED = "dismissed", _("Not the same")


class Duplicate(TenantModel):
    """Two leads that may be one: how sure that is, and why. ``a`` has the smaller id."""

    a = TenantForeignKey("leads.Lead", cascade=True, related_name="+")
    b = TenantForeignKey("leads.Lead", cascade=True, related_name="+")
    strength = models.FloatField()  # the probability that they are one
    reasons = models.JSONField(default=list)  # [{"field", "level", "weight"}], the weightiest first
    status = models.CharField(max_length=10, choices=DuplicateStatus, default=DuplicateStatus.SUGGESTED)
    run = models.UUIDField(null=True)  # the search that said so last
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "a", "b"], name="duplicate_once")]
        indexes = [
            models.Index(fields=["workspace", "status", "-strength", "-id"], name="duplicate_by_strength"),
            models.Index(fields=["workspace", "b"], name="duplicate_by_second"),
        ]


class MatchKey(TenantModel):
    """What a lead shares with those it may be one with, as a number: the index of the search for one lead."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="+")
    key = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "key", "lead"], name="match_key_by_key"),
            models.Index(fields=["workspace", "lead"], name="match_key_by_lead"),
        ]


RECYCLED = "recycle"  # the pool; the others are stages
REVIVED_STAGES = ("deferred", "lost", "disqualified")
REVIVED = (*REVIVED_STAGES, RECYCLED)


def usually_revived() -> list[str]:
    """Who was disqualified stays so: a student who writes again is still a student."""
    return ["deferred", "lost", RECYCLED]


class MatchRules(TenantModel):
    """What merges by itself, what is suggested, what is ignored; and the model learned from the leads. One only."""

    merge_from = models.FloatField(null=True, blank=True)  # strength; null: nothing merges by likeness alone
    suggest_from = models.FloatField(default=0.5)
    ignore = models.JSONField(default=list, blank=True)  # fields that are no evidence
    # From where a known lead that comes again begins once more: stages, and the recycle pool.
    revive = models.JSONField(default=usually_revived, blank=True)
    model = models.JSONField(default=dict, blank=True)
    fields = models.JSONField(default=list, blank=True)  # that tell leads apart, the most telling first
    pairs = models.PositiveSmallIntegerField(default=0)  # how many keys of two fields each lead has
    learned_at = models.DateTimeField(null=True)
    seen = models.PositiveIntegerField(default=0)  # leads that came in since

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="match_rules_once")]


class MatchKind(models.TextChoices):
    NEW = "new", _("New leads")
    ALL = "all", _("The whole workspace")


class MatchStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class MatchWork(DueWork):
    """A search for duplicates that is due: of leads that came in (``leads``), or of the whole workspace."""

    kind = models.CharField(max_length=4, choices=MatchKind, default=MatchKind.NEW)
    leads = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=MatchStatus, default=MatchStatus.QUEUED)
    total = models.PositiveIntegerField(default=0)
    processed = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    merged = models.PositiveIntegerField(default=0)
    member_id = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(DueWork.Meta):
        indexes = [
            models.Index(
                fields=["workspace", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="match_work_due",
            ),
            models.Index(fields=["workspace", "kind", "-created_at", "-id"], name="match_work_by_time"),
        ]
