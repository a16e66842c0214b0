from django.db import models

from workspaces.due import DueWork
from workspaces.tenancy import TenantModel


class FieldValue(TenantModel):
    """A value that leads have in a free text, for whoever types one: in how many leads it stood when last counted.

    ``key``: the folded text, by which conditions take two values for the same; ``value``: its usual spelling.
    """

    field = models.CharField(max_length=80)  # as conditions call it: "industry", "attributes.model"
    key = models.TextField()
    value = models.TextField()
    leads = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "field", "key"], name="field_value_once")]


class ValueCount(DueWork):
    """The counting of all values of a workspace, again and again. ``seen``: how many leads there were at the last,
    ``changed_at``: when the one that had changed last did."""

    seen = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta(DueWork.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="value_count_once")]
