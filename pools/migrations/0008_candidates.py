from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pools", "0007_settings")]

    operations = [
        migrations.AddField("Passing", "candidates", models.JSONField(default=list)),
    ]
