from django.db import migrations

from workspaces.operations import SettingsTable


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0008_cases_and_calendars"),
        ("workspaces", "0003_settings_stamp"),
    ]

    operations = [
        SettingsTable("CustomField"),
        SettingsTable("TagRule"),
        SettingsTable("Gate"),
        SettingsTable("Playbook"),
        SettingsTable("PlaybookAction"),
    ]
