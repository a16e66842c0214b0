"""A long list into a workspace that has as many leads already: against COPY of the same rows into the same tables.

The COPY writes exactly what the import wrote: leads, identities, companies, timeline, tags, and what it notes for
its undoing. Its size is that of the ground: with BENCH_LEADS=1000000 a list of a million rows (some 200 MB) into a
workspace of a million leads. An XLSX list of a tenth of it, at most 100,000 rows, has to be in within a minute.
"""

import csv
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks import Figure, benchmark, rows
from benchmarks.ground import Ground, timed
from benchmarks.importing import HEADER, WRITTEN, add_rules, row_of, run
from benchmarks.traces import TABLES, a_workspace, owner_in
from workspaces.models import Workspace

MOST_MB = 300
SHEET_ROWS = 100_000
SHEET_S = 60
NOTE = "Met at the fair; asked for the price list, a visit and a talk with the plant's manager. "


@benchmark
def importing_a_million(ground: Ground) -> Iterator[Figure]:
    count = ground.leads
    with tempfile.TemporaryDirectory() as folder, a_workspace("long-list", reps=10) as workspace:
        rows.fill([workspace], count, ground.as_of, history=False)
        add_rules(ground, workspace)
        file = long_list(Path(folder) / "long.csv", count)
        megabytes = file.stat().st_size / 2**20
        ours = run(file, workspace, count)
        limit = copied(ground, workspace, Path(folder), ours["since"])
        sheet = workbook(Path(folder) / "list.xlsx", min(SHEET_ROWS, count), first=2 * count)
        seconds = run(sheet, workspace, min(SHEET_ROWS, count))["seconds"]
    ground.tidy(*WRITTEN)
    work = f"{count:,} rows, {megabytes:.0f} MB"
    yield Figure(
        "a long list among as many leads", work, ours["seconds"], limit, 4, limit="COPY, same tables"
    )
    yield Figure("memory of a long list", work, ours["peak_mb"], MOST_MB, limit=f"{MOST_MB} MB", unit="MB")
    yield Figure(
        "a workbook among them", f"{min(SHEET_ROWS, count):,} rows", seconds, SHEET_S, limit=f"{SHEET_S} s"
    )


def long_list(file: Path, count: int) -> Path:
    """Some 200 bytes a row."""
    with file.open("w", encoding="utf-8", newline="") as out:
        sheet = csv.writer(out)
        sheet.writerow(HEADER)
        for number in range(count):
            row = row_of(number)
            sheet.writerow([*row[:-1], row[-1] and NOTE])
    return file


def workbook(file: Path, count: int, first: int) -> Path:
    """The same list as XLSX, written as spreadsheet programs do: strings in the cells of one sheet."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in PARTS.items():
            packed.writestr(name, text)
        with packed.open("xl/worksheets/sheet1.xml", "w") as out:
            out.write(SHEET_HEAD.encode())
            out.write(sheet_row(HEADER))
            for number in range(first, first + count):
                out.write(sheet_row(row_of(number)))
            out.write(b"</sheetData></worksheet>")
    return file


def sheet_row(cells: list[Any]) -> bytes:
    filled = "".join(f'<c t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>' for cell in cells)
    return f"<row>{filled}</row>".encode()


def copied(ground: Ground, workspace: Workspace, folder: Path, since: str) -> float:
    """Take what the import wrote out of its tables and copy it in again; seconds of the copying."""
    seconds = 0.0
    with owner_in(workspace) as cursor:
        cursor.execute(TABLES)
        tables = [table for (table,) in cursor.fetchall() if noted(table)]
        written = [(table, columns_of(cursor, table)) for table in tables]
        mine = f"workspace_id = '{workspace.pk}' AND id >= '{since}'"
        for table, columns in written:
            with (folder / table).open("wb") as out:
                cursor.copy_expert(
                    f"COPY (SELECT {columns} FROM {table} WHERE {mine} ORDER BY id) TO STDOUT", out
                )
        for table, _columns in written:
            cursor.execute(f"DELETE FROM {table} WHERE {mine}")
        ground.tidy(*(table for table, _columns in written))
        cursor.execute("SET session_replication_role = origin")  # foreign keys are checked, as in the import
        cursor.execute("BEGIN")
        for table, columns in written:
            statement = f"COPY {table} ({columns}) FROM STDIN"
            with (folder / table).open("rb") as data:
                seconds += timed(partial(cursor.copy_expert, statement, data))
        seconds += timed(lambda: cursor.execute("COMMIT"))
    return seconds


def noted(table: str) -> bool:
    """Is it a table whose rows the import writes (not the file and the import themselves)?"""
    return not table.startswith("intake_") or table == "intake_importedlead"


def columns_of(cursor: Any, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    return str(cursor.fetchone()[0])


SHEET_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    f' xmlns:r="{OFFICE}"><sheets><sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>',
}
