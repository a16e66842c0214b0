from django.db import models
from django.utils.translation import gettext_lazy as _

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
    """What an import did to a lead, so that it can be undone: created it, or filled these blanks."""

    batch = TenantForeignKey(Import, cascade=True, related_name="leads")
    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="+")
    was_created = models.BooleanField()
    filled = models.JSONField(default=dict)  # the blanks it filled: {field: [value before, value after]}
    kept = models.CharField(max_length=20, blank=True, default="")  # why undoing did not touch it

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "batch", "kept", "id"], name="imported_lead_by_batch"),
            models.Index(fields=["workspace", "lead"], name="imported_lead_by_lead"),
        ]


class RejectedRow(TenantModel):
    batch = TenantForeignKey(Import, cascade=True, related_name="rejected_rows")
    row = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    reasons = models.JSONField(default=list)  # [{"field", "code", "message"}]

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["workspace", "batch", "row"], name="rejected_row_by_import")]


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
