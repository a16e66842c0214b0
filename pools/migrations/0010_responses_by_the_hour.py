from typing import Any

from django.db import migrations, models


def ask_soon(apps: Any, editor: Any) -> None:
    """Those that stand are asked at the next look; whether time moves anything for them is found out then."""
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM workspaces_workspace")
        for (workspace,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.workspace_id', %s, true)", [str(workspace)])
            cursor.execute(
                "UPDATE pools_responsepolicy SET refit_at = now() WHERE workspace_id = %s AND condition <> '{}'",
                [workspace],
            )


class Migration(migrations.Migration):
    dependencies = [("pools", "0009_all_that_wait")]

    operations = [
        migrations.AddField("responsepolicy", "refit_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(ask_soon, migrations.RunPython.noop),
    ]
