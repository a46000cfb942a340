"""What was decided on an unfinished duty is for its lead, those who coordinate and the command.

What was looked at in a new text is the command's.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, SCOPE, build

LEADS = f"""EXISTS (SELECT 1 FROM tasks_assignment a
    WHERE a.id = tasks_yearenddecision.assignment_id AND a.lead_id = {AGENCY})"""
COORDINATES = f"""EXISTS (SELECT 1 FROM tasks_coordination c
    WHERE c.assignment_id = tasks_yearenddecision.assignment_id AND c.agency_id = {AGENCY})"""
COMMAND = f"{SCOPE} = 'command'"
WRITE = {
    "add": f"FOR INSERT WITH CHECK ({COMMAND})",
    "write": f"FOR UPDATE USING ({COMMAND})",
    "remove": f"FOR DELETE USING ({COMMAND})",
}


class Migration(migrations.Migration):
    dependencies = [("tasks", "0014_rating_wall")]
    operations = [
        build(
            "tasks_yearenddecision",
            {"read": f"FOR SELECT USING ({COMMAND} OR {LEADS} OR {COORDINATES})", **WRITE},
        ),
        build("tasks_seenpoint", {"read": f"FOR SELECT USING ({COMMAND})", **WRITE}),
    ]
