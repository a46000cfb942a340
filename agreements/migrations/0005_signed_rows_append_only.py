"""Files, revisions and signatures stay what they were; only the verdict on a signature comes later."""

from django.db import migrations

from portal.audit.guards import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0004_second_wall"),
        ("files", "0002_recall"),
    ]

    operations = [
        AppendOnly("files_storedfile", ["sha256", "size", "media_type", "stored_at"], deletable=True),
        AppendOnly("agreements_revision", ["id", "document_id", "seq", "file_id", "created_at"]),
        AppendOnly(
            "agreements_signature",
            [
                "id",
                "document_id",
                "field_id",
                "seq",
                "kind",
                "capacity",
                "signer_id",
                "signer_name",
                "capacity_lines",
                "certificate_id",
                "signed_at",
                "file_id",
            ],
        ),
    ]
