"""Who signs in which capacity, by which paper; who is absent, declined, on turn; how a round ended."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0001_initial"),
        ("agreements", "0008_long_term_rows"),
        ("files", "0002_recall"),
        ("tasks", "0004_evidence_wall"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Authorisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "capacity",
                    models.CharField(
                        choices=[
                            ("tuq", "TUQ.: by written authorisation of the head"),
                            ("tl", "TL.: by order of the head, set in the working rules"),
                            ("q", "Q.: acting head, by decision of appointment"),
                        ],
                        max_length=6,
                        verbose_name="capacity",
                    ),
                ),
                (
                    "title",
                    models.CharField(blank=True, max_length=120, verbose_name="title below the capacity"),
                ),
                ("reference", models.CharField(max_length=60, verbose_name="number and symbol of the paper")),
                ("dated_on", models.DateField(verbose_name="date of the paper")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="valid until")),
                ("file_name", models.CharField(max_length=160, verbose_name="file name")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                (
                    "revocation_reason",
                    models.CharField(blank=True, max_length=500, verbose_name="reason of revocation"),
                ),
            ],
            options={
                "verbose_name": "authorisation to sign",
                "verbose_name_plural": "authorisations to sign",
                "ordering": ["-recorded_at"],
            },
        ),
        migrations.AddField(
            model_name="document",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="taken back or ended at"),
        ),
        migrations.AddField(
            model_name="document",
            name="ended_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="why it was taken back or ended"),
        ),
        migrations.AddField(
            model_name="document",
            name="order",
            field=models.CharField(
                choices=[
                    ("all", "all at once"),
                    ("host_last", "the Front first, then the agencies, the command last"),
                    ("protocol", "group after group, in protocol order"),
                ],
                default="all",
                max_length=10,
                verbose_name="order of signing",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="wave",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="wave that may sign"),
        ),
        migrations.AddField(
            model_name="signature",
            name="grounds",
            field=models.CharField(blank=True, max_length=300, verbose_name="why not the head"),
        ),
        migrations.AddField(
            model_name="signaturefield",
            name="absent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="marked absent at"),
        ),
        migrations.AddField(
            model_name="signaturefield",
            name="decline_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="why it declined"),
        ),
        migrations.AddField(
            model_name="signaturefield",
            name="declined_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="declined at"),
        ),
        migrations.AddField(
            model_name="signaturefield",
            name="declined_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="declined by",
            ),
        ),
        migrations.AddField(
            model_name="signaturefield",
            name="delegate",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="deputy to whom the head handed it",
            ),
        ),
        migrations.AddField(
            model_name="signaturefield",
            name="left_out_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="the round goes on without it since"
            ),
        ),
        migrations.AddField(
            model_name="signaturefield",
            name="urged_on",
            field=models.DateField(blank=True, null=True, verbose_name="last urged on"),
        ),
        migrations.AddField(
            model_name="signaturefield",
            name="wave",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="wave"),
        ),
        migrations.AlterField(
            model_name="signature",
            name="capacity",
            field=models.CharField(
                choices=[
                    ("head", "head of the agency"),
                    ("tm", "head, on behalf of the collective (TM.)"),
                    ("kt", "deputy, signing for the head (KT.)"),
                    ("q", "acting head (Q.)"),
                    ("tl", "by order of the head (TL.)"),
                    ("tuq", "by written authorisation of the head (TUQ.)"),
                ],
                max_length=6,
                verbose_name="capacity",
            ),
        ),
        migrations.AddConstraint(
            model_name="signaturefield",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decline_reason", ""),
                        ("declined_at", None),
                        ("declined_by", None),
                        ("left_out_at", None),
                    ),
                    models.Q(
                        ("declined_at__isnull", False),
                        ("declined_by__isnull", False),
                        models.Q(("decline_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="field_declined_has_reason",
            ),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agencies.agency",
                verbose_name="agency",
            ),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.storedfile",
                verbose_name="file",
            ),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="programme",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tasks.programme",
                verbose_name="programme",
            ),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="recorded by",
            ),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="revoked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="revoked by",
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="authorisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agreements.authorisation",
                verbose_name="authorisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                ),
                name="authorisation_dates_in_order",
                violation_error_message="The authorisation ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("capacity", "tuq"), _negated=True),
                    models.Q(("programme__isnull", False), ("valid_until__isnull", False)),
                    _connector="OR",
                ),
                name="authorisation_tuq_is_limited",
                violation_error_message="TUQ. is limited: name the programme and the last day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("capacity", "q"), models.Q(("title", ""), _negated=True), _connector="OR"
                ),
                name="authorisation_names_title",
                violation_error_message="Give the person's own title, which stands below the capacity.",
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("person", models.F("recorded_by")), _negated=True),
                name="authorisation_not_by_oneself",
                violation_error_message="Nobody authorises themselves.",
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revocation_reason", ""), ("revoked_at", None), ("revoked_by", None)),
                    models.Q(
                        ("revoked_at__isnull", False),
                        ("revoked_by__isnull", False),
                        models.Q(("revocation_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="authorisation_revoked_has_reason",
            ),
        ),
    ]
