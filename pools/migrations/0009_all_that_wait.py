from django.db import migrations

# Whatever is qualified and nobody's waits for a holder, not MQLs only: an SQL taken back into the lead pool, too.
INDEX = """
DROP INDEX lead_waits_for_holder;
CREATE INDEX lead_waits_for_holder ON leads_lead (workspace_id, score DESC, id)
WHERE stage IN ({stages}) AND pool = 'lead' AND owner_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("pools", "0008_candidates")]

    operations = [
        migrations.RunSQL(
            INDEX.format(stages="'mql', 'sql', 'opportunity'"),
            INDEX.format(stages="'mql'"),
        )
    ]
