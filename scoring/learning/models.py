"""Trainings and reviews as rows: due work with what came of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.due import DueWork
from workspaces.tenancy import TenantForeignKey, TenantModel


class WorkStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Verdict(models.TextChoices):
    BETTER = "better", _("Better than the active card")
    NO_SIGNAL = "no_signal", _("No signal")
    WORSE = "worse", _("No better than the active card")
    TOO_FEW = "too_few", _("Too few outcomes")


class Training(DueWork):
    """A card being learned from an outcome. ``found``: what ``scoring.learning.train`` says of it, as JSON.

    ``team``: learned from that team's leads, for its own card; without one, from those of all teams that have
    none. ``exclude``: fields left out on request; ``insist``: fields used although they look like leaks;
    ``monthly``: learn again every month, as a draft only; ``again``: such a repeat.
    """

    member = TenantForeignKey("workspaces.Member", null=True, blank=True, related_name="+")
    team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    outcome = models.JSONField()
    exclude = models.JSONField(default=list, blank=True)
    insist = models.JSONField(default=list, blank=True)
    monthly = models.BooleanField(default=True)
    again = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=WorkStatus, default=WorkStatus.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default="")
    found = models.JSONField(default=dict, blank=True)
    scorecard = TenantForeignKey("scoring.Scorecard", null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(DueWork.Meta):
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="training_by_time"),
            models.Index(
                fields=["workspace", "due_at"], condition=models.Q(due_at__isnull=False), name="training_due"
            ),
        ]


class Review(DueWork):
    """A month's look at a card in force: the workspace's, or a team's own.

    ``found``: what ``scoring.review.look`` says, as JSON.
    """

    month = models.DateField()  # its first day, in the workspace's zone
    team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    scorecard = TenantForeignKey("scoring.Scorecard", null=True, blank=True, related_name="+")
    draft = TenantForeignKey("scoring.Scorecard", null=True, blank=True, related_name="+")
    outcome = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=WorkStatus, default=WorkStatus.QUEUED)
    found = models.JSONField(default=dict, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(DueWork.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "month"],
                condition=models.Q(team__isnull=True),
                name="review_once_a_month",
            ),
            models.UniqueConstraint(
                fields=["workspace", "month", "team"], name="review_of_team_once_a_month"
            ),
        ]


class Studied(TenantModel):
    """The leads whose outcomes a card's points were worked out from, by their ids of 16 bytes each, and the moment
    of the last: a proof of the card leaves them out. ``review``: of its suggestions, before they are a draft."""

    scorecard = TenantForeignKey("scoring.Scorecard", cascade=True, null=True, blank=True, related_name="+")
    review = TenantForeignKey(Review, cascade=True, null=True, blank=True, related_name="+")
    leads = models.BinaryField()
    until = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "scorecard"], name="studied_by_card"),
            models.Index(fields=["workspace", "review"], name="studied_by_review"),
        ]
