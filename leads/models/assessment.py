from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class Verdict(models.TextChoices):
    BAD = "bad", _("Bad")
    MIXED = "mixed", _("Mixed")
    GOOD = "good", _("Good")


class Framework(TenantModel):
    """Which questions a workspace asks: a template, and what was changed in it. Without a row: the five.

    ``changes``: {question: {"label", "ask", "good": [...], "bad": [...], "off": true}}, each part optional.
    """

    template = models.CharField(max_length=20, default="five")
    changes = models.JSONField(default=dict, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="framework_once")]


class Answer(TenantModel):
    """What was answered to a question about a lead: verdict, the signs seen, the evidence and its date.

    Never edited: a new answer takes the place of the one before, which stays to be read.
    """

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="answers")
    question = models.CharField(max_length=40)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default="")
    good = models.JSONField(default=list, blank=True)  # the signs as they were read, texts
    bad = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True, default="")
    facts = models.JSONField(default=dict, blank=True)  # what it made known: {name: value}
    evidence = models.CharField(max_length=12, blank=True, default="")  # follow_up, email, file, other
    evidence_id = models.UUIDField(null=True, blank=True)  # of the follow-up or the attachment
    evidence_text = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    member = TenantForeignKey("workspaces.Member", null=True, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "lead", "question", "-at"], name="answer_by_lead")]
