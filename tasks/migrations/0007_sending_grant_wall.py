"""A head's leave to send is for her agency and for the command; nobody gives one in another's name."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build


class Migration(migrations.Migration):
    dependencies = [("tasks", "0006_consolidation_wall")]
    operations = [
        build(
            "tasks_sendinggrant",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR agency_id = {AGENCY})",
                "give": f"FOR INSERT WITH CHECK (agency_id = {AGENCY} AND granted_by_id = {PERSON})",
                "revoke": f"FOR UPDATE USING (agency_id = {AGENCY})",
            },
        ),
    ]
