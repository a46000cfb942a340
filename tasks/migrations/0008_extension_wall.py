"""A request for extension is for the agency that asked and for the command.

Where a programme lets the host's deputies decide, the host's people are let through too.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

DECIDES = f"""EXISTS (SELECT 1 FROM tasks_assignment a JOIN tasks_programme p ON p.id = a.programme_id
    WHERE a.id = tasks_extensionrequest.assignment_id AND p.deputies_decide_extensions
    AND p.host_id = {AGENCY})"""
SEEN = f"{SCOPE} = 'command' OR agency_id = {AGENCY} OR {DECIDES}"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0007_sending_grant_wall")]
    operations = [
        build(
            "tasks_extensionrequest",
            {
                "read": f"FOR SELECT USING ({SEEN})",
                "ask": f"FOR INSERT WITH CHECK (requested_by_id = {PERSON} AND agency_id = {AGENCY})",
                "decide": f"FOR UPDATE USING ({SEEN})",
            },
        )
    ]
