from django.db import migrations

from leads import sql


class Migration(migrations.Migration):
    """A rare text is looked up by its trigrams at once."""

    dependencies = [("leads", "0011_settings")]

    operations = [migrations.RunSQL(sql.SEARCH_BEST, migrations.RunSQL.noop)]
