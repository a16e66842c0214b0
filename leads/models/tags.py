from django.db import models

from workspaces.tenancy import TenantForeignKey, TenantModel


class Tag(TenantModel):
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=100)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="tag_once")]

    def __str__(self) -> str:
        return self.name


class TagRule(TenantModel):
    """A tag that comes and goes with a condition."""

    tag = TenantForeignKey(Tag, cascade=True, related_name="rules")
    condition = models.JSONField()
    is_active = models.BooleanField(default=True)
    checked_at = models.DateTimeField(null=True, blank=True)  # when time alone last had it looked at


class LeadTag(TenantModel):
    """A tag on a lead; ``rule`` is the rule that set it, or null when a person did."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="lead_tags")
    tag = TenantForeignKey(Tag, cascade=True, related_name="on_leads")
    rule = TenantForeignKey(TagRule, cascade=True, null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "lead", "tag"], name="lead_tag_once")]
        indexes = [models.Index(fields=["workspace", "tag", "lead"], name="lead_tag_by_tag")]
