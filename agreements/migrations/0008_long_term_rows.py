"""The first revision of each document is the frozen text; what a revision and a stamp say is written once."""

from django.db import migrations

from portal.audit.guards import AppendOnly

SIGNATURE = (
    "id document_id field_id seq kind capacity signer_id signer_name capacity_lines certificate_id signed_at"
    " stamped_at file_id"
)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0007_long_term")]

    operations = [
        migrations.RunSQL(
            "UPDATE agreements_revision SET kind = 'frozen' WHERE seq = 0", migrations.RunSQL.noop
        ),
        AppendOnly("agreements_revision", ["id", "document_id", "seq", "kind", "file_id", "created_at"]),
        AppendOnly("agreements_signature", SIGNATURE.split()),
        AppendOnly("agreements_timestamp", ["id", "stamped_at"]),
        AppendOnly("agreements_seal", ["id", "revision_id", "stamped_at", "ends_at", "is_outside"]),
    ]
