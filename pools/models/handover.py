from typing import Any

from django.db import models

from workspaces.tenancy import TenantForeignKey, TenantModel


class Handover(TenantModel):
    """That a member's leads, or a part of them, went to others: who said so, why, and how many moved.

    Which lead went to whom stands in the assignments that began at that moment (``why.handover``).
    """

    member = TenantForeignKey("workspaces.Member", related_name="+")  # who held them
    actor_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    by_rule = models.BooleanField(default=False)
    moved = models.PositiveIntegerField(default=0)
    left: Any = models.JSONField(default=dict)  # {lead: why nobody was found}

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "-at", "-id"], name="handover_by_time")]
