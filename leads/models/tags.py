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
    """A tag on a lead; ``rule`` is the rule that set it, or null when it was brought or put on by a person.

    ``by_hand``: a person put it on, also where it was there already: it goes with no rule and no import.
    """

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="lead_tags")
    tag = TenantForeignKey(Tag, cascade=True, related_name="on_leads")
    rule = TenantForeignKey(TagRule, cascade=True, null=True, blank=True, related_name="+")
    by_hand = models.BooleanField(default=False, db_default=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "lead", "tag"], name="lead_tag_once")]
        indexes = [models.Index(fields=["workspace", "tag", "lead"], name="lead_tag_by_tag")]


class TagSpan(TenantModel):
    """A time that is over, in which a lead had a tag by a rule; the present one is its LeadTag, from ``updated_at`` on.

    ``rule_id``, ``row_id``: the rule that had put it on and the LeadTag it stood in; both may be gone by now.
    """

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="+")
    tag = TenantForeignKey(Tag, cascade=True, related_name="+")
    rule_id = models.UUIDField()
    row_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "lead"], name="tag_span_by_lead")]
