"""Whose trust a signature rests on: found out when it is checked."""

from django.db import migrations, models

from portal.audit.guards import AppendOnly

SIGNED = [
    *("id", "document_id", "field_id", "seq", "kind", "capacity", "signer_id", "signer_name"),
    *("capacity_lines", "authorisation_id", "grounds", "certificate_id", "external_certificate_id"),
    *("signed_at", "stamped_at", "file_id"),
]


class Migration(migrations.Migration):

    dependencies = [('agreements', '0021_mark_wall')]

    operations = [
        migrations.AddField(
            model_name='signature',
            name='root_kind',
            field=models.CharField(blank=True, choices=[('portal', "this portal's own authority, not the Government's"), ('public_service', "the Government's cryptography authority, for official duty"), ('public', 'a licensed public provider'), ('other', 'another time-stamp authority, chosen by the administrator')], max_length=16, verbose_name='rests on'),
        ),
        AppendOnly("agreements_signature", SIGNED),  # on SQLite the table was made anew, without its triggers
    ]
