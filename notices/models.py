"""What members are told, how each wants to be told, and what is on its way to them or to other programs."""

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.due import DueWork
from workspaces.tenancy import TenantForeignKey, TenantModel


class Kind(models.TextChoices):
    """What a notice is about, in the order in which the settings list them."""

    ASSIGNED = "assigned", _("A lead became mine")
    HANDOVER = "handover", _("Leads were handed over to me")
    RECLAIM_WARNING = "reclaim_warning", _("A lead is about to leave me")
    RECLAIMED = "reclaimed", _("A lead was taken back from me")
    CLAIMED_BY_OTHER = "claimed_by_other", _("Somebody else has a lead I held")
    CAME_AGAIN = "came_again", _("A lead of mine came again")
    RESUMED = "resumed", _("A deferred lead is back")
    TASK_DUE = "task_due", _("A task is due")
    MENTION = "mention", _("Somebody mentioned me")
    APPROVAL_WANTED = "approval_wanted", _("A step waits for my approval")
    APPROVAL_DECIDED = "approval_decided", _("My step was decided")
    RESPONSE_DUE = "response_due", _("A first contact is due")
    RESPONSE_LATE = "response_late", _("A response time was missed in my team")
    SCORECARD_REVIEW = "scorecard_review", _("The scorecard was reviewed")
    SCORECARD_LEARNED = "scorecard_learned", _("A scorecard was learned anew")
    CHANNEL_FAILING = "channel_failing", _("Notices can't be delivered")


class Notice(TenantModel):
    """One thing that one member is told. ``data`` holds facts, never sentences: it is said as it is read.

    ``source`` names what it is about (a timeline entry, a task, …): nobody is told the same twice.
    ``lead``: when it is about one lead; about many, ``data`` has their ``count`` and the first ``leads``.
    """

    member = TenantForeignKey("workspaces.Member", related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    source = models.UUIDField()
    lead = TenantForeignKey("leads.Lead", cascade=True, null=True, related_name="+")
    actor_id = models.UUIDField(null=True)  # null: the system
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    in_app = models.BooleanField(default=True)  # false: the member wants this kind by other ways only
    read_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member", "kind", "source"], name="notice_once")
        ]
        indexes = [
            models.Index(fields=["workspace", "member", "-at", "-id"], name="notice_by_member"),
            models.Index(
                fields=["workspace", "member", "-at"],
                condition=models.Q(read_at__isnull=True, in_app=True),
                name="notice_unread",
            ),
            models.Index(fields=["workspace", "lead"], name="notice_by_lead"),
        ]


class Email(models.TextChoices):
    OFF = "off", _("No e-mail")
    NOW = "now", _("At once")
    DIGEST = "digest", _("Once a day")


class Preference(TenantModel):
    """How a member wants one kind of notice. Without a row: the usual way of that kind (notices/kinds.py)."""

    member = TenantForeignKey("workspaces.Member", related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    in_app = models.BooleanField(default=True)
    email = models.CharField(max_length=6, choices=Email, default=Email.NOW)
    group = models.BooleanField(default=True)  # also to the WeCom groups and webhooks of the workspace

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member", "kind"], name="notice_preference_once")
        ]


class Hours(TenantModel):
    """When a member is left alone, and when the day's e-mail comes: times on the workspace's wall clock.

    ``quiet_from`` may be later than ``quiet_to``: over midnight. Both empty: no quiet hours.
    """

    member = TenantForeignKey("workspaces.Member", related_name="+")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    digest_at = models.TimeField(default=time(8, 30))

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "member"], name="notice_hours_once")]


class Format(models.TextChoices):
    STANDARD = "standard", _("Webhook (Standard Webhooks)")
    WECOM = "wecom", _("WeCom group robot")


class Webhook(TenantModel):
    """Another program, or a WeCom group, that is told of events. ``events``: see notices/events.py.

    ``failing_since`` and ``last_error``: as of the last attempt; an admin sees them.
    """

    name = models.CharField(max_length=200)
    url = models.CharField(max_length=1000)
    format = models.CharField(max_length=10, choices=Format, default=Format.STANDARD)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=100, blank=True, default="")
    is_active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    last_sent_at = models.DateTimeField(null=True)


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")


class Sending(DueWork):
    """One notice or event on its way by one channel. Its id is what receivers know it by: sent again, it is the same.

    ``due_at`` empty: sent, or parked (``parked_at``) with its ``fault``: after 72 hours of trying, switched off
    meanwhile, or a worker died over it too often. ``digest``: goes with the day's e-mail.
    """

    channel = models.CharField(max_length=8, choices=Channel)
    notice = TenantForeignKey(Notice, cascade=True, null=True, related_name="sendings")
    member = TenantForeignKey("workspaces.Member", null=True, related_name="+")
    webhook = TenantForeignKey(Webhook, cascade=True, null=True, related_name="sendings")
    event = models.CharField(max_length=40)
    source = models.UUIDField()
    payload = models.JSONField(default=dict)
    digest = models.BooleanField(default=False)
    first_tried_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=500, blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta(DueWork.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "source", "event", "channel", "webhook", "member"],
                name="sending_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["workspace", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="sending_due",
            ),
            models.Index(fields=["workspace", "webhook", "-id"], name="sending_by_webhook"),
            models.Index(
                fields=["workspace", "channel"],
                condition=models.Q(sent_at__isnull=True),
                name="sending_unsent",
            ),
            models.Index(fields=["workspace", "notice"], name="sending_by_notice"),
        ]
