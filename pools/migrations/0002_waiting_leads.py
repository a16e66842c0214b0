from django.db import migrations

# MQLs that wait for a holder are asked for every few seconds, and are few: an index of just these.
WAITING = """
CREATE INDEX lead_waits_for_holder ON leads_lead (workspace_id, score DESC, id)
WHERE stage = 'mql' AND pool = 'lead' AND owner_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("pools", "0001_initial"), ("leads", "0001_initial")]

    operations = [migrations.RunSQL(WAITING, "DROP INDEX lead_waits_for_holder")]
