from collections.abc import Callable
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models import F, Func, TextField, Value

from leads import sql, sql_names
from leads.incoming import document, person_document

BATCH = 5000
FIRST = "00000000-0000-0000-0000-000000000000"
LEADS = """
SELECT l.id, l.name, l.email, l.phone, l.phone_e164, l.wechat, l.domain, COALESCE(c.name, '') AS company
FROM leads_lead l LEFT JOIN leads_company c ON c.workspace_id = l.workspace_id AND c.id = l.company_id
WHERE l.workspace_id = %s AND l.id > %s ORDER BY l.id LIMIT %s
"""
PEOPLE = """
SELECT id, name, email, phone, wechat FROM leads_contact WHERE workspace_id = %s AND id > %s ORDER BY id LIMIT %s
"""


def line(model: str, part: int) -> GinIndex:
    text = Func(F("search"), Value("\n"), Value(part), function="split_part", output_field=TextField())
    columns = OpClass(F("workspace"), "uuid_ops"), OpClass(text, "gin_trgm_ops")
    return GinIndex(*columns, name=f"{model}_search_{'shown' if part == 1 else 'hidden'}")


def write_anew(apps: Any, editor: Any) -> None:
    """In the texts in which leads and people are searched for, how to reach them stands apart."""
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM workspaces_workspace")
        for (workspace,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.workspace_id', %s, true)", [str(workspace)])
            write(cursor, workspace, "leads_lead", LEADS, lambda row: document(row, row.pop("company")))
            write(cursor, workspace, "leads_contact", PEOPLE, lambda row: person_document(**row))


def write(cursor: Any, workspace: Any, table: str, read: str, text: Callable[[dict[str, str]], str]) -> None:
    last = FIRST
    while True:
        cursor.execute(read, [workspace, last, BATCH])
        names = [column[0] for column in cursor.description[1:]]
        rows = cursor.fetchall()
        if not rows:
            return
        texts = [text(dict(zip(names, row[1:], strict=True))) for row in rows]
        cursor.execute(
            f"UPDATE {table} t SET search = r.search FROM unnest(%s::uuid[], %s::text[]) AS r (id, search) "
            "WHERE t.workspace_id = %s AND t.id = r.id",
            [[str(row[0]) for row in rows], texts, workspace],
        )
        last = str(rows[-1][0])


class Migration(migrations.Migration):
    """Who sees a lead masked finds it by what is shown of it."""

    dependencies = [("leads", "0015_tags_by_hand"), ("workspaces", "0003_settings_stamp")]

    operations = [
        migrations.RemoveIndex("contact", "contact_search"),
        migrations.RemoveIndex("lead", "lead_search"),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunPython(write_anew, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        *(migrations.AddIndex(model, line(model, part)) for model in ("lead", "contact") for part in (1, 2)),
        migrations.RunSQL(sql.SEARCH_SHOWN, migrations.RunSQL.noop),
        migrations.RunSQL(sql_names.NAMES_SHOWN, migrations.RunSQL.noop),
    ]
