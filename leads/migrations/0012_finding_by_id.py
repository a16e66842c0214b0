from django.db import migrations, models

from leads import sql


class Migration(migrations.Migration):
    """A rare text is looked up by its trigrams at once; many leads are found by the index of their ids; the open
    leads of each pool are counted in an index."""

    dependencies = [("leads", "0011_settings")]

    operations = [
        migrations.RunSQL(sql.SEARCH_BEST, migrations.RunSQL.noop),
        migrations.RemoveIndex("lead", "lead_by_age"),
        migrations.AddIndex("lead", models.Index(fields=["workspace", "-captured_at"], name="lead_by_age")),
        migrations.RemoveIndex("lead", "lead_by_stage"),
        migrations.AddIndex(
            "lead",
            models.Index(
                fields=["workspace", "stage", "-score", "-id"], include=["pool"], name="lead_by_stage"
            ),
        ),
    ]
