from typing import Any

import django.contrib.postgres.indexes
from django.db import migrations, models

from leads import sql_names
from leads.normalise import search_document
from leads.normalise.pinyin import as_typed

BATCH = 5000
OTHER_LETTERS = "[\u00c0-\u017f\u4e00-\u9fff]"
TABLES = {"leads_company": ("name", "domain"), "leads_contact": ("name", "email", "phone", "wechat")}


def fill(apps: Any, editor: Any) -> None:
    """Companies and people get the text they are searched by; names of leads how they are typed."""
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM workspaces_workspace")
        for (workspace,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.workspace_id', %s, true)", [str(workspace)])
            for table, columns in TABLES.items():
                fill_names(cursor, workspace, table, columns)
            fill_leads(cursor, workspace)


def fill_names(cursor: Any, workspace: Any, table: str, columns: tuple[str, ...]) -> None:
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        cursor.execute(
            f"SELECT id, {', '.join(columns)} FROM {table} WHERE workspace_id = %s AND id > %s ORDER BY id LIMIT %s",
            [workspace, last, BATCH],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        texts = [search_document(*row[1:], as_typed(row[1])) for row in rows]
        cursor.execute(
            f"UPDATE {table} t SET search = r.search FROM unnest(%s::uuid[], %s::text[]) AS r (id, search) "
            "WHERE t.workspace_id = %s AND t.id = r.id",
            [[str(row[0]) for row in rows], texts, workspace],
        )
        last = str(rows[-1][0])


def fill_leads(cursor: Any, workspace: Any) -> None:
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        cursor.execute(
            "SELECT l.id, l.name, coalesce(c.name, '') FROM leads_lead l LEFT JOIN leads_company c "
            "ON c.workspace_id = l.workspace_id AND c.id = l.company_id "
            "WHERE l.workspace_id = %s AND l.id > %s AND l.search ~ %s ORDER BY l.id LIMIT %s",
            [workspace, last, OTHER_LETTERS, BATCH],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        told = [(str(pk), f"{as_typed(name)} {as_typed(company)}".strip()) for pk, name, company in rows]
        told = [one for one in told if one[1]]
        cursor.execute(
            "UPDATE leads_lead l SET search = l.search || r.words || ' ' "
            "FROM unnest(%s::uuid[], %s::text[]) AS r (id, words) WHERE l.workspace_id = %s AND l.id = r.id",
            [[pk for pk, _words in told], [words for _pk, words in told], workspace],
        )
        last = str(rows[-1][0])


class Migration(migrations.Migration):
    dependencies = [("leads", "0006_tag_rules_by_the_hour")]

    operations = [
        migrations.AddField(
            "company", "search", models.TextField(blank=True, db_default="", default="", editable=False)
        ),
        migrations.AddField(
            "contact", "search", models.TextField(blank=True, db_default="", default="", editable=False)
        ),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddIndex(
            "company",
            django.contrib.postgres.indexes.GinIndex(
                fields=["workspace", "search"], name="company_search", opclasses=["uuid_ops", "gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            "contact",
            django.contrib.postgres.indexes.GinIndex(
                fields=["workspace", "search"], name="contact_search", opclasses=["uuid_ops", "gin_trgm_ops"]
            ),
        ),
        migrations.RunSQL(sql_names.NAMES, migrations.RunSQL.noop),
    ]
