from django.db import models

from leads.models.followup import FollowUpChannel
from leads.models.lead import Stage
from workspaces.tenancy import TenantForeignKey, TenantModel


class Playbook(TenantModel):
    """What to do in a stage: goal, hints, what to say, material. Its actions become tasks.

    ``step``: with the opportunity's step of that name instead of on entering the stage ('': on entering).
    """

    stage = models.CharField(max_length=20, choices=Stage)
    step = models.CharField(max_length=40, blank=True, default="")
    name = models.CharField(max_length=200)
    goal = models.TextField(blank=True, default="")
    hints = models.TextField(blank=True, default="")
    talk_track = models.TextField(blank=True, default="")
    material = models.JSONField(default=list, blank=True)  # [{"title", "url"}]
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "stage", "position"], name="playbook_by_stage")]

    def __str__(self) -> str:
        return self.name


class PlaybookAction(TenantModel):
    """A key action of a playbook: done when its task is. ``due_hours``: after entering the stage."""

    playbook = TenantForeignKey(Playbook, cascade=True, related_name="actions")
    title = models.CharField(max_length=300)
    channel = models.CharField(max_length=10, choices=FollowUpChannel, blank=True, default="")
    due_hours = models.PositiveIntegerField(default=24)
    hint = models.TextField(blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "playbook"], name="action_by_playbook")]

    def __str__(self) -> str:
        return self.title
