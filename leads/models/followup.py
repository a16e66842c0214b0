from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workspaces.tenancy import TenantForeignKey, TenantModel


class FollowUpChannel(models.TextChoices):
    CALL = "call", _("Call")
    MESSAGE = "message", _("Message")
    EMAIL = "email", pgettext_lazy("a way to talk", "E-mail")
    WECOM = "wecom", _("WeCom")
    VISIT = "visit", _("Visit")
    DEMO = "demo", _("Demo")
    MEETING = "meeting", _("Meeting")
    OTHER = "other", _("Other")


class Outcome(models.TextChoices):
    NONE = "", _("Not said")
    REACHED = "reached", _("Reached")
    NO_ANSWER = "no_answer", _("No answer")
    INTERESTED = "interested", _("Interested")
    MEETING_SET = "meeting_set", _("Meeting set")
    DOCUMENT_SENT = "document_sent", _("Document sent")
    PRICE_ASKED = "price_asked", _("Asked for the price")
    NOT_NOW = "not_now", _("Not now")
    REFUSED = "refused", _("Refused")
    WRONG_CONTACT = "wrong_contact", _("Wrong contact")


class Moved(models.TextChoices):
    MEETING_SET = "meeting_set", _("Meeting set")
    DOCUMENT_SENT = "document_sent", _("Document sent")
    PRICE_ASKED = "price_asked", _("Asked for the price")
    DECIDER_MET = "decider_met", _("Met who decides")
    REQUIREMENTS = "requirements", _("Got their requirements")


class FollowUp(TenantModel):
    """Something we did, with its outcome."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="follow_ups")
    member = TenantForeignKey("workspaces.Member", null=True, related_name="+")
    at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=FollowUpChannel)
    summary = models.TextField(blank=True, default="")
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True, default="")
    customer_initiated = models.BooleanField(default=False)
    moved = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), blank=True
    )  # what it moved: values of Moved
    next_action = models.CharField(max_length=300, blank=True, default="")
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "lead", "-at"], name="follow_up_by_lead")]


class Touch(TenantModel):
    """Something the lead did: a visit, a form, a download, a reply."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="touches")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    data = models.JSONField(default=dict, blank=True)
    channel = TenantForeignKey("leads.Channel", null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "lead", "kind", "at"], name="touch_by_lead")]


class Task(TenantModel):
    """Something to be done by someone by some time."""

    lead = TenantForeignKey("leads.Lead", cascade=True, null=True, blank=True, related_name="tasks")
    member = TenantForeignKey("workspaces.Member", related_name="+")
    title = models.CharField(max_length=300)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=20, blank=True, default="")  # follow_up, playbook or by hand
    action_id = models.UUIDField(null=True, blank=True)  # the playbook's action it was made from
    skipped = models.BooleanField(default=False)  # closed without being done: the lead went on

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["workspace", "member", "due_at"],
                condition=models.Q(done_at=None),
                name="task_open_by_member",
            ),
            models.Index(fields=["workspace", "lead"], name="task_by_lead"),
        ]


class TextTemplate(TenantModel):
    """A text to start from, with places for a lead's fields: ``Dear {name}``."""

    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=10, choices=FollowUpChannel, blank=True, default="")
    text = models.TextField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="text_template_once")]

    def __str__(self) -> str:
        return self.name


class Attachment(TenantModel):
    """A file that belongs to a lead, perhaps to one follow-up. Its kind was read from its content."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="attachments")
    follow_up = TenantForeignKey(FollowUp, cascade=True, null=True, related_name="attachments")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=100)  # a media type
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256, in hex
    content = models.BinaryField()
    member = TenantForeignKey("workspaces.Member", null=True, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "lead", "-created_at"], name="attachment_by_lead")]
