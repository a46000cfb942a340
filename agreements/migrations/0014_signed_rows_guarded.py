"""What a signature and a revision say is written once: said again, for SQLite makes a table anew with its columns."""

from django.db import migrations

from portal.audit.guards import AppendOnly

SIGNATURE = (
    "id document_id field_id seq kind capacity signer_id signer_name capacity_lines authorisation_id grounds"
    " certificate_id signed_at stamped_at file_id"
)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0013_amendment_wall")]

    operations = [
        AppendOnly("agreements_revision", ["id", "document_id", "seq", "kind", "file_id", "created_at"]),
        AppendOnly("agreements_signature", SIGNATURE.split()),
    ]
