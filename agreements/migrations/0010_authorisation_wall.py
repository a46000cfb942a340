"""An authorisation is for its agency and the command; what a signature rests on stays what it was."""

from django.db import migrations

from portal.audit.guards import AppendOnly
from portal.lib.walls import AGENCY, PERSON, SCOPE, build

OWN = f"(agency_id = {AGENCY} OR {SCOPE} = 'command')"


class Migration(migrations.Migration):
    dependencies = [("agreements", "0009_people_of_the_round")]
    operations = [
        build(
            "agreements_authorisation",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'records' OR {OWN})",
                "add": f"FOR INSERT WITH CHECK (recorded_by_id = {PERSON} AND {OWN})",
                "change": f"FOR UPDATE USING {OWN}",
            },
        ),
        AppendOnly(
            "agreements_authorisation",
            [
                "id",
                "agency_id",
                "person_id",
                "capacity",
                "title",
                "programme_id",
                "reference",
                "dated_on",
                "valid_from",
                "valid_until",
                "file_id",
                "file_name",
                "recorded_by_id",
                "recorded_at",
            ],
        ),
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
                "authorisation_id",
                "grounds",
                "certificate_id",
                "signed_at",
                "file_id",
            ],
        ),
    ]
