"""Cooperation is for the agency that coordinates, for the lead, and for the command."""

from django.db import migrations

from portal.lib.walls import AGENCY, SCOPE, build

SEEN = f"""{SCOPE} = 'command' OR EXISTS (SELECT 1 FROM tasks_coordination c
    JOIN tasks_assignment a ON a.id = c.assignment_id
    WHERE c.id = tasks_cooperation.share_id AND {AGENCY} IN (c.agency_id, a.lead_id))"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0017_import_wall")]
    operations = [
        build(
            "tasks_cooperation",
            {
                "read": f"FOR SELECT USING ({SEEN})",
                "add": f"FOR INSERT WITH CHECK ({SEEN})",
                "decide": f"FOR UPDATE USING ({SEEN})",
                "remove": f"FOR DELETE USING ({SCOPE} = 'command')",
            },
        )
    ]
