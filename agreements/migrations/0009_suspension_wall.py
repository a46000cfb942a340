"""A suspension is told to the signer and the command, and lifted by the command."""

from django.db import migrations

from portal.lib.walls import PERSON, SCOPE, build

OWNS = f"""EXISTS (SELECT 1 FROM agreements_certificate c
    WHERE c.id = agreements_suspension.certificate_id AND c.user_id = {PERSON})"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0008_conference_wall")]
    operations = [
        build(
            "agreements_suspension",
            {
                "read": f"FOR SELECT USING ({SCOPE} IN ('command', 'records') OR {OWNS})",
                "suspend": f"FOR INSERT WITH CHECK ({SCOPE} = 'command' OR {OWNS})",
                "lift": f"FOR UPDATE USING ({SCOPE} = 'command')",
            },
        ),
    ]
