"""A light set by hand is for the lead, those who coordinate and the command, which sets it."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

LEADS = f"""EXISTS (SELECT 1 FROM tasks_assignment a
    WHERE a.id = tasks_lightoverride.assignment_id AND a.lead_id = {AGENCY})"""
COORDINATES = f"""EXISTS (SELECT 1 FROM tasks_coordination c
    WHERE c.assignment_id = tasks_lightoverride.assignment_id AND c.agency_id = {AGENCY})"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0010_urging_letter_wall")]
    operations = [
        build(
            "tasks_lightoverride",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR {LEADS} OR {COORDINATES})",
                "add": f"FOR INSERT WITH CHECK (by_id = {PERSON} AND {SCOPE} = 'command')",
                "lift": f"FOR UPDATE USING ({SCOPE} = 'command')",
            },
        ),
    ]
