"""A file of evidence is for the agency that added it, the lead of the assignment and the command.

An administrator sees that it is there, to recall it.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

LEADS = f"""EXISTS (SELECT 1 FROM tasks_assignment a
    WHERE a.id = tasks_evidence.assignment_id AND a.lead_id = {AGENCY})"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_second_wall")]
    operations = [
        build(
            "tasks_evidence",
            {
                "read": f"FOR SELECT USING ({SCOPE} IN ('command', 'records') OR agency_id = {AGENCY} OR {LEADS})",
                "add": f"FOR INSERT WITH CHECK (uploaded_by_id = {PERSON} AND agency_id = {AGENCY})",
                "withdraw": f"FOR UPDATE USING (agency_id = {AGENCY})",
            },
        )
    ]
