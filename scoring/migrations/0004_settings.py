from django.db import migrations

from workspaces.operations import SettingsTable


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0003_learning"),
        ("workspaces", "0003_settings_stamp"),
    ]

    operations = [
        SettingsTable("Scorecard"),
        SettingsTable("Rule"),
    ]
