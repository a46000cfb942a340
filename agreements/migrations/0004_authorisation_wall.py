"""An authorisation is for its agency and the command."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

OWN = f"(agency_id = {AGENCY} OR {SCOPE} = 'command')"


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_request_wall")]
    operations = [
        build(
            "agreements_authorisation",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'records' OR {OWN})",
                "add": f"FOR INSERT WITH CHECK (recorded_by_id = {PERSON} AND {OWN})",
                "change": f"FOR UPDATE USING {OWN}",
            },
        ),
    ]
