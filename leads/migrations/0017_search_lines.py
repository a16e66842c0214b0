from django.db import migrations

from leads import sql, sql_names
from leads.models.searching import searched


class Migration(migrations.Migration):
    """One index of both lines: several words are found at once, on whichever line each stands."""

    dependencies = [("leads", "0016_search_shown")]

    operations = [
        *(
            migrations.RemoveIndex(model, f"{model}_search_{line}")
            for model in ("lead", "contact")
            for line in ("shown", "hidden")
        ),
        *(migrations.AddIndex(model, searched(model)) for model in ("lead", "contact")),
        migrations.RunSQL(sql.SEARCH_SHOWN, migrations.RunSQL.noop),
        migrations.RunSQL(sql_names.NAMES_SHOWN, migrations.RunSQL.noop),
    ]
