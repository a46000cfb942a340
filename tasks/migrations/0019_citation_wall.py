"""What a lead names as its product is seen by those who see its log, and named by the lead alone."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

LEADS = f"""EXISTS (SELECT 1 FROM tasks_assignment a
    WHERE a.id = tasks_productdocument.assignment_id AND a.lead_id = {AGENCY})"""
COORDINATES = f"""EXISTS (SELECT 1 FROM tasks_coordination c
    WHERE c.assignment_id = tasks_productdocument.assignment_id AND c.agency_id = {AGENCY})"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0018_cooperation_wall")]
    operations = [
        build(
            "tasks_productdocument",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR {LEADS} OR {COORDINATES})",
                "name": f"FOR INSERT WITH CHECK (named_by_id = {PERSON} AND {LEADS})",
                "drop": f"FOR DELETE USING ({LEADS})",
            },
        )
    ]
