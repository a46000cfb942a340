"""Files, revisions, signatures and what they rest on stay what they were; only a verdict comes later."""

from django.db import migrations

from portal.audit.guards import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("agreements", "0009_suspension_wall")]
    operations = [
        AppendOnly("files_storedfile", ["sha256", "size", "media_type", "stored_at"], deletable=True),
        AppendOnly("agreements_revision", ["id", "document_id", "seq", "kind", "file_id", "created_at"]),
        AppendOnly(
            "agreements_signature",
            [
                *("id", "document_id", "field_id", "seq", "kind", "capacity", "signer_id", "signer_name"),
                *("capacity_lines", "authorisation_id", "grounds", "certificate_id", "external_certificate_id"),
                *("signed_at", "stamped_at", "file_id"),
            ],
        ),
        AppendOnly("agreements_timestamp", ["id", "stamped_at"]),
        AppendOnly("agreements_seal", ["id", "revision_id", "stamped_at", "ends_at", "is_outside"]),
        AppendOnly(
            "agreements_authorisation",
            [
                *("id", "agency_id", "person_id", "capacity", "title", "programme_id", "reference", "dated_on"),
                *("valid_from", "valid_until", "file_id", "file_name", "recorded_by_id", "recorded_at"),
            ],
        ),
        AppendOnly(
            "agreements_counterpart",
            [
                *("id", "document_id", "field_id", "signer_id", "certificate_id", "file_id", "base_seq"),
                *("head_seq", "reason", "received_at"),
            ],
        ),
        AppendOnly(
            "agreements_papersignature",
            [
                *("id", "document_id", "field_id", "signer_name", "signer_title", "signed_on", "file_id"),
                *("name", "vouched_by_id", "vouched_at"),
            ],
        ),
        AppendOnly(
            "agreements_externalcertificate",
            [
                *("id", "user_id", "agency_id", "kind", "common_name", "issuer_name", "serial", "der"),
                *("fingerprint", "not_before", "not_after", "asked_at"),
            ],
        ),
        AppendOnly(
            "agreements_revocationlist",
            ["id", "authority_id", "number", "der", "entries", "this_update", "next_update"],
        ),
        AppendOnly(
            "agreements_markpicture",
            ["id", "kind", "agency_id", "person_id", "width_mm", "file_id", "provided_by_id", "provided_at"],
        ),
        AppendOnly(
            "agreements_authorityrevocation",
            [
                *("id", "kind", "serial", "common_name", "revoked_at", "revocation_reason", "used_from"),
                "used_until",
            ],
        ),
    ]
