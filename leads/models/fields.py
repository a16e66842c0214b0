from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    BOOLEAN = "boolean", _("Yes or no")
    CHOICE = "choice", _("Choice")


class CustomField(TenantModel):
    """A field of the workspace's own; its values are in ``Lead.attributes[key]``."""

    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=FieldKind, default=FieldKind.TEXT)
    choices = models.JSONField(default=list, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="custom_field_once")]

    def __str__(self) -> str:
        return self.label


class SavedView(TenantModel):
    """A named filter of the lead list: of one member, or shared by all."""

    name = models.CharField(max_length=100)
    member = TenantForeignKey("workspaces.Member", null=True, blank=True, related_name="+")
    where = models.JSONField(default=dict, blank=True)
    ordering = models.CharField(max_length=40, default="-score")
    columns = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
