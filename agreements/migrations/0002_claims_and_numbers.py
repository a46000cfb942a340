"""A signing form is claimed when its code is spent; a number is given once in a year; fields know their box."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="number_year",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year of the number"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                fields=["number_year", "number"],
                name="document_number_once",
                violation_error_message="This number is taken in this year.",
            ),
        ),
        *(
            migrations.AddField(
                model_name="signaturefield",
                name=name,
                field=models.FloatField(default=0, editable=False),
                preserve_default=False,
            )
            for name in ("x", "y", "width", "height")
        ),
        migrations.DeleteModel(name="SigningRequest"),  # its rows matter for minutes only
        migrations.CreateModel(
            name="SigningRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "signature",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="request",
                        to="agreements.signature",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="signingrequest",
            constraint=models.UniqueConstraint(fields=["user", "key"], name="signing_request_once"),
        ),
    ]
