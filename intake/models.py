from django.db import models
from django.utils.translation import gettext_lazy as _

from intake.enriching.models import Enriching as Enriching
from intake.enriching.models import FactSource as FactSource
from intake.enriching.models import KnownFacts as KnownFacts
from intake.hooks.sent import Provider
from workspaces.due import DueWork
from workspaces.tenancy import TenantForeignKey, TenantModel


class StoredFile(TenantModel):
    """An uploaded or written file, kept in chunks in the database: any worker can read it."""

    name = models.CharField(max_length=300)
    size = models.BigIntegerField(default=0)


class FileChunk(TenantModel):
    file = TenantForeignKey(StoredFile, cascade=True, related_name="chunks")
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "file", "position"], name="chunk_once")]


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", _("Waiting for its columns to be confirmed")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class Import(DueWork):
    """A file coming in. ``position``: the rows already taken in, written in the same transaction as they."""

    file = TenantForeignKey(StoredFile, related_name="+")
    member = TenantForeignKey("workspaces.Member", null=True, related_name="+")
    channel = TenantForeignKey("leads.Channel", null=True, related_name="+")
    status = models.CharField(max_length=10, choices=ImportStatus, default=ImportStatus.UPLOADED)
    columns = models.JSONField(default=list)  # the names in the file's header, in order
    mapping = models.JSONField(default=dict)  # {column: target or null}
    settings = models.JSONField(default=dict)  # region, date_order, currency, encoding, delimiter, header_row
    total = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    merged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    incomplete = models.PositiveIntegerField(default=0)  # rows taken in without some of their cells
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.JSONField(default=dict)  # code, message, row
    sample = models.JSONField(default=list)  # the file's first rows, for the page of its columns
    undone = models.JSONField(default=dict)  # counts: deleted, restored, left

    class Meta(DueWork.Meta):
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="import_by_time"),
            models.Index(
                fields=["workspace", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="import_due",
            ),
        ]


class ImportedLead(TenantModel):
    """What an import did to a lead, so that it can be undone: created it, or filled blanks of one that was there,
    tagged it and left a touch."""

    batch = TenantForeignKey(Import, cascade=True, related_name="leads")
    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="+")
    was_created = models.BooleanField()
    filled = models.JSONField(
        default=dict
    )  # the blanks it filled: {field: [before, after]}; undone, those it left
    tags = models.JSONField(default=list)  # the ids of tags that it did not have before
    identities = models.JSONField(default=list)  # [kind, value] of those by which it was not known before
    kept = models.CharField(max_length=20, blank=True, default="")  # why undoing did not touch it

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "batch", "kept", "id"], name="imported_lead_by_batch"),
            models.Index(fields=["workspace", "lead"], name="imported_lead_by_lead"),
        ]


class RejectedRow(TenantModel):
    """A row of which something was rejected: all of it, or, where it was ``taken``, what its reasons name."""

    batch = TenantForeignKey(Import, cascade=True, related_name="rejected_rows")
    row = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    reasons = models.JSONField(default=list)  # [{"field", "code", "message"}]
    taken = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "batch", "taken", "row"], name="rejected_row_in_order")]


class ExportStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Export(DueWork):
    """A file going out, written by a task."""

    member = TenantForeignKey("workspaces.Member", related_name="+")
    where = models.JSONField(default=dict, blank=True)
    columns = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=10, choices=ExportStatus, default=ExportStatus.QUEUED)
    file = TenantForeignKey(StoredFile, null=True, related_name="+")
    rows = models.PositiveIntegerField(default=0)

    class Meta(DueWork.Meta):
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="export_by_time")]


class Hook(TenantModel):
    """What a channel shares with a vendor that sends leads: its keys, and which of its fields is which fact."""

    channel = TenantForeignKey("leads.Channel", cascade=True, related_name="hooks")
    provider = models.CharField(max_length=20, choices=Provider)
    secret = models.CharField(max_length=500, blank=True, default="")
    verify_token = models.CharField(max_length=500, blank=True, default="")
    access_token = models.CharField(max_length=1000, blank=True, default="")
    account = models.CharField(max_length=200, blank=True, default="")
    mapping = models.JSONField(default=dict)  # {the vendor's field: target or null}

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "channel", "provider"], name="hook_once")]


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Entered")
    ASIDE = "aside", _("Set aside")
    FAILED = "failed", _("Failed")


class Delivery(DueWork):
    """One message as it came in, stored before anybody tries to understand it."""

    channel = TenantForeignKey("leads.Channel", cascade=True, related_name="+")
    provider = models.CharField(max_length=20, choices=Provider)
    key = models.CharField(max_length=200)  # the vendor's id of the message, else the digest of its content
    message_id = models.CharField(max_length=200, blank=True, default="")
    seal = models.CharField(max_length=64, blank=True, default="")  # of the signature, where it is dated
    body = models.BinaryField()
    text = models.TextField(blank=True, default="")  # of an encrypted message: what was inside
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    repeats = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    reason = models.CharField(max_length=40, blank=True, default="")  # a code of intake/hooks/reasons.py
    detail = models.TextField(blank=True, default="")
    results = models.JSONField(
        default=list
    )  # [{"external_id", "status", "lead", "errors", "fields", "about"}]
    processed_at = models.DateTimeField(null=True, blank=True)
    with_tests = models.BooleanField(default=False, db_default=False)  # somebody wants its tests as leads

    class Meta(DueWork.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "channel", "provider", "key"], name="delivery_once")
        ]
        indexes = [
            models.Index(fields=["workspace", "-received_at", "-id"], name="delivery_by_time"),
            models.Index(
                fields=["workspace", "channel", "provider", "-received_at"], name="delivery_by_channel"
            ),
            models.Index(
                fields=["workspace", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="delivery_due",
            ),
        ]


class DeliveredEvent(TenantModel):
    """An event that was taken in. Unique: it is taken in once, whichever message brings it again."""

    delivery = TenantForeignKey(Delivery, cascade=True, related_name="events")
    channel = TenantForeignKey("leads.Channel", cascade=True, related_name="+")
    provider = models.CharField(max_length=20, choices=Provider)
    event = models.CharField(max_length=64)  # the digest of the vendor's id

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "channel", "provider", "event"], name="delivered_event_once"
            )
        ]
        indexes = [models.Index(fields=["workspace", "delivery"], name="delivered_event_by_delivery")]


class ReferralLink(TenantModel):
    """A member's own address of a short form: who comes by it was recommended by them. Revoked, it is closed."""

    member = TenantForeignKey("workspaces.Member", cascade=True, related_name="+")
    channel = TenantForeignKey("leads.Channel", cascade=True, related_name="+")
    token = models.CharField(max_length=80)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "token"], name="referral_link_once")]
        indexes = [
            models.Index(fields=["workspace", "member", "-created_at"], name="referral_link_by_member")
        ]


class SubmissionKind(models.TextChoices):
    ANSWER = "answer", _("Answer to a form")
    VISIT = "visit", _("Visit of a website")


class SubmissionStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Entered")
    FAILED = "failed", _("Failed")


class Submission(DueWork):
    """What somebody sent by a form or what a known visitor did, stored before anything is done with it."""

    channel = TenantForeignKey("leads.Channel", cascade=True, related_name="+")
    link = TenantForeignKey(ReferralLink, cascade=True, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=SubmissionKind, default=SubmissionKind.ANSWER)
    data = models.JSONField(default=dict)  # the answers as the API says them; of a visit its events
    notes = models.JSONField(default=dict)  # where from: utm_*, referrer, page
    consent = models.JSONField(default=dict)  # {"given", "text", "at", "address", "language"}
    visitor = models.CharField(max_length=64, blank=True, default="")  # the digest of their browser's key
    received_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=SubmissionStatus, default=SubmissionStatus.WAITING)
    lead_id = models.UUIDField(null=True, blank=True)

    class Meta(DueWork.Meta):
        indexes = [
            models.Index(
                fields=["workspace", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="submission_due",
            ),
            models.Index(fields=["workspace", "received_at"], name="submission_by_time"),
            models.Index(
                fields=["workspace", "channel", "received_at"],
                condition=models.Q(status="failed"),
                name="submission_failed",
            ),
        ]


class Visitor(TenantModel):
    """A browser whose user agreed to be recognised and then told who they are by a form."""

    channel = TenantForeignKey("leads.Channel", cascade=True, related_name="+")
    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="+")
    digest = models.CharField(max_length=64)
    agreed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="visitor_once")]
        indexes = [models.Index(fields=["workspace", "lead"], name="visitor_by_lead")]
