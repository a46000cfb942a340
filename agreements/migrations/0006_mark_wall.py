"""A picture of a signature is its person's, one of a seal its agency's."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

OWN = f"(person_id = {PERSON} OR (kind = 'seal' AND agency_id = {AGENCY}))"


class Migration(migrations.Migration):
    dependencies = [("agreements", "0005_amendment_wall")]
    operations = [
        build(
            "agreements_markpicture",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'records' OR {OWN})",
                "add": f"FOR INSERT WITH CHECK (provided_by_id = {PERSON} AND {OWN})",
                "change": f"FOR UPDATE USING {OWN}",
            },
        ),
    ]
