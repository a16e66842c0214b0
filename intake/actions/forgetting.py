"""Files that are kept no longer than they are needed: they are full of contact data."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from intake.models import Export, ExportStatus, FileChunk, Import, ImportStatus, StoredFile

EXPORTS_KEPT = timedelta(days=7)
IMPORTS_KEPT = timedelta(days=30)
BATCH = 100


def forget_files(as_of: datetime) -> int:
    """Delete exports of the open workspace after a week; after a month lists that nobody confirmed, and the bytes of
    those that failed. How many files."""
    return forget_exports(as_of) + forget_unconfirmed(as_of) + forget_failed(as_of)


def forget_exports(as_of: datetime) -> int:
    old = Export.objects.filter(created_at__lt=as_of - EXPORTS_KEPT).exclude(status=ExportStatus.QUEUED)
    return drop(old)


def forget_unconfirmed(as_of: datetime) -> int:
    return drop(Import.objects.filter(created_at__lt=as_of - IMPORTS_KEPT, status=ImportStatus.UPLOADED))


def drop(old: QuerySet[Any]) -> int:
    """Delete rows and their files. Whoever confirms or deletes one at this moment holds it: it is passed over."""
    rows = list(old.select_for_update(skip_locked=True).values_list("pk", "file_id")[:BATCH])
    old.model._default_manager.filter(pk__in=[pk for pk, _file in rows]).delete()
    StoredFile.objects.filter(pk__in=[file for _pk, file in rows if file]).delete()
    return len(rows)


def forget_failed(as_of: datetime) -> int:
    """Of imports that ended with a fault the figures, the rejected rows and the way back stay."""
    failed = Import.objects.filter(created_at__lt=as_of - IMPORTS_KEPT, status=ImportStatus.FAILED)
    kept = FileChunk.objects.filter(file_id__in=failed.values("file_id")).values_list("file_id", flat=True)
    files = list(kept.order_by("file_id").distinct()[:BATCH])
    FileChunk.objects.filter(file_id__in=files).delete()
    return len(files)
