"""Time-stamps and the archive time-stamps of sealed files; a revision says what it brought.

Adding a column may rebuild a table on SQLite, which drops its triggers: 0008_long_term_rows sets them again.
"""

import django.db.models.deletion
from django.db import migrations, models



class Migration(migrations.Migration):
    dependencies = [("agreements", "0006_request_wall")]

    operations = [
        migrations.CreateModel(
            name="Timestamp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stamped_at", models.DateTimeField(verbose_name="time")),
            ],
            options={"verbose_name": "time-stamp", "verbose_name_plural": "time-stamps", "ordering": ["-pk"]},
        ),
        migrations.AddField(
            model_name="revision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("frozen", "frozen text"),
                    ("signature", "signature"),
                    ("seal", "archive time-stamp"),
                    ("renewal", "renewed archive time-stamp"),
                ],
                default="signature",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="stamped_at",
            field=models.DateTimeField(null=True, verbose_name="attested time"),
        ),
        migrations.AlterField(
            model_name="document",
            name="head_seq",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="newest revision"),
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stamped_at", models.DateTimeField(verbose_name="stamped at")),
                ("ends_at", models.DateTimeField(verbose_name="its certificate ends at")),
                ("is_outside", models.BooleanField(verbose_name="by another authority")),
                (
                    "check_state",
                    models.CharField(
                        choices=[
                            ("checking", "being checked"),
                            ("good", "every signature lasts"),
                            ("bad", "a signature would not last"),
                        ],
                        default="checking",
                        max_length=10,
                        verbose_name="check",
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True, verbose_name="checked at")),
                ("findings", models.JSONField(default=dict, verbose_name="findings")),
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="agreements.revision",
                        verbose_name="revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "archive time-stamp",
                "verbose_name_plural": "archive time-stamps",
                "ordering": ["revision"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("stamped_at"))), name="seal_dates"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("check_state", "checking"),
                            ("checked_at__gte", models.F("stamped_at")),
                            _connector="OR",
                        ),
                        name="seal_checked_has_time",
                    ),
                ],
            },
        ),
    ]
