from django.db import migrations

from workspaces.operations import SettingsTable


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0010_recognising"),
        ("workspaces", "0003_settings_stamp"),
    ]

    operations = [
        SettingsTable("CustomField"),
        SettingsTable("TagRule"),
        SettingsTable("Gate"),
        SettingsTable("Playbook"),
        SettingsTable("PlaybookAction"),
    ]
