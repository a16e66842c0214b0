from django.db import migrations

from workspaces.operations import SettingsTable


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0002_scorecard_review"),
        ("workspaces", "0003_settings_stamp"),
    ]

    operations = [
        SettingsTable("Webhook"),
    ]
