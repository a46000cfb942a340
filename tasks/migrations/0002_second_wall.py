"""The log of an assignment is for its lead, its coordinating agencies and the command."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

LEADS = f"""EXISTS (SELECT 1 FROM tasks_assignment a
    WHERE a.id = tasks_progress.assignment_id AND a.lead_id = {AGENCY})"""
COORDINATES = f"""EXISTS (SELECT 1 FROM tasks_coordination c
    WHERE c.assignment_id = tasks_progress.assignment_id AND c.agency_id = {AGENCY})"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]
    operations = [
        build(
            "tasks_progress",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR {LEADS} OR {COORDINATES})",
                "write": f"FOR INSERT WITH CHECK (by_id = {PERSON} AND ({SCOPE} = 'command' OR {LEADS}))",
            },
        )
    ]
