from django.db import migrations, models

from leads import sql


class Migration(migrations.Migration):
    """A rare text is looked up by its trigrams at once; many leads are found by the index of their ids."""

    dependencies = [("leads", "0011_settings")]

    operations = [
        migrations.RunSQL(sql.SEARCH_BEST, migrations.RunSQL.noop),
        migrations.RemoveIndex("lead", "lead_by_age"),
        migrations.AddIndex("lead", models.Index(fields=["workspace", "-captured_at"], name="lead_by_age")),
    ]
