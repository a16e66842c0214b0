"""Files sent to a browser piece by piece. A streaming answer runs after the request's transaction has
ended, so every piece is fetched in one of its own.
"""

from collections.abc import Iterator
from urllib.parse import quote

from django.http import StreamingHttpResponse

from intake.cells_out import BOM, csv_lines, harmless
from intake.files import CHUNK
from intake.models import FileChunk, Import, RejectedRow, StoredFile
from intake.wording import REASON, ROW
from workspaces.models import Workspace
from workspaces.tenancy import current_workspace, enter

ROWS = 2000


def download(parts: Iterator[bytes], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def stored_file(file: StoredFile) -> StreamingHttpResponse:
    """A stored file, as it is."""
    answer = download(stored_parts(current_workspace(), file), file.name)
    answer["Content-Length"] = str(file.size)
    return answer


def stored_parts(workspace: Workspace, file: StoredFile) -> Iterator[bytes]:
    for position in range((file.size + CHUNK - 1) // CHUNK):
        with enter(workspace):
            data = bytes(FileChunk.objects.get(file=file, position=position).data)
        yield data


def rejected_rows(batch: Import, *, taken: bool = False) -> StreamingHttpResponse:
    """The rows an import did not take, with their own columns, the row's number and the reason: to mend and bring
    again. With ``taken`` those that it took without what the reason names: brought again, they fill the blanks."""
    heading = (str(ROW), str(REASON))
    name = batch.settings.get("file", "list").rsplit(".", 1)[0]
    parts = rejected_parts(current_workspace(), batch, heading, taken)
    return download(parts, f"{name}-{'incomplete' if taken else 'rejected'}.csv")


def rejected_parts(
    workspace: Workspace, batch: Import, heading: tuple[str, str], taken: bool
) -> Iterator[bytes]:
    yield BOM.encode() + csv_lines([[*map(harmless, batch.columns), *heading]])
    last = 0
    while True:
        with enter(workspace):
            rows = RejectedRow.objects.filter(batch=batch, taken=taken, row__gt=last).order_by("row")
            found = list(rows[:ROWS])
        if not found:
            return
        yield csv_lines([line(row, len(batch.columns)) for row in found])
        last = found[-1].row


def line(row: RejectedRow, width: int) -> list[str]:
    cells = [harmless(text) for text in row.cells]
    cells += [""] * (width - len(cells))
    if len(cells) > width:  # cells beyond the last column are shown with it, so that the reason keeps its own
        cells = [*cells[: width - 1], " | ".join(cells[width - 1 :])]
    return [*cells, str(row.row), " ".join(reason["message"] for reason in row.reasons)]
