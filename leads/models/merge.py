from django.db import models

from workspaces.tenancy import TenantForeignKey, TenantModel


class Merge(TenantModel):
    """One lead taken up by another, with all it takes to part them again.

    The absorbed lead's row leaves the table of leads, so nothing that lists, counts, scores or hands out
    leads has to know of merges; it is kept here. Its timeline stays its own and is read through this row.
    """

    survivor = TenantForeignKey("leads.Lead", cascade=True, related_name="merges")
    taker = models.UUIDField()  # the survivor at the time; ``survivor`` moves on when that is absorbed too
    absorbed = models.UUIDField()
    row = models.JSONField()  # the absorbed lead as it was
    changes = models.JSONField(default=dict)  # of the survivor: {column: [before, after]}
    pursuit = models.CharField(max_length=5, default="this")  # whose stage and holder go on: this, other
    moved = models.JSONField(default=dict)  # what went over: {table: [ids]}
    aside = models.JSONField(default=dict)  # what both had, of the absorbed one: {table: [rows]}
    why = models.JSONField(default=dict)  # {"by": "hand" or "rule", "strength", "reasons"}
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)  # null: the system
    undone_at = models.DateTimeField(null=True)
    undone_by = models.UUIDField(null=True)
    kept = models.JSONField(default=list)  # what undoing left as it was by then: [{"what", "count"?}]

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "survivor"], name="merge_by_survivor"),
            models.Index(fields=["workspace", "absorbed"], name="merge_by_absorbed"),
            models.Index(fields=["workspace", "-at", "-id"], name="merge_by_time"),
        ]
