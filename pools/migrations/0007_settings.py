from django.db import migrations

from workspaces.operations import SettingsTable


class Migration(migrations.Migration):
    dependencies = [
        ("pools", "0006_passing"),
        ("workspaces", "0003_settings_stamp"),
    ]

    operations = [
        SettingsTable("PoolPolicy"),
        SettingsTable("ClaimPolicy"),
        SettingsTable("ClaimRule"),
        SettingsTable("ClaimRuleMember"),
        SettingsTable("AssignmentPolicy"),
        SettingsTable("AssignmentRuleMember"),
        SettingsTable("RepTerms"),
        SettingsTable("ResponsePolicy"),
    ]
