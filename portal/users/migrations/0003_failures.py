"""Wrong answers, counted by account and address; see portal.users.throttle."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0002_shared_facts")]

    operations = [
        migrations.CreateModel(
            name="Failure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=64)),
                ("address", models.CharField(max_length=45)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["address", "at"], name="failure_address_at"),
                    models.Index(fields=["at"], name="failure_at"),
                ],
            },
        ),
    ]
