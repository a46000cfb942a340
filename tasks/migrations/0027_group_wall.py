"""A standing group and its plan are its members', the command's and viewers'; who is a member is no secret here.

Days of membership are the first wall's business.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

MEMBER = f"""EXISTS (SELECT 1 FROM tasks_groupmember m
    WHERE m.group_id = %s AND m.agency_id = {AGENCY})"""
VIEWER = f"""{AGENCY} IS NULL AND EXISTS (SELECT 1 FROM users_membership v
    WHERE v.user_id = {PERSON} AND v.role = 'viewer' AND (v.valid_to IS NULL OR v.valid_to >= CURRENT_DATE))"""
SEES = f"{SCOPE} = 'command' OR ({SCOPE} = 'own' AND {VIEWER})"
COMMAND = f"{SCOPE} = 'command'"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0026_standing_groups")]
    operations = [
        build(
            "tasks_standinggroup",
            {
                "read": f"FOR SELECT USING ({SEES} OR {SCOPE} = 'records' OR "
                f"{MEMBER % 'tasks_standinggroup.id'})",
                "found": f"FOR INSERT WITH CHECK ({COMMAND})",
                "change": f"FOR UPDATE USING ({COMMAND})",
            },
        ),
        build(
            "tasks_groupplanitem",
            {
                "read": f"FOR SELECT USING ({SEES} OR {MEMBER % 'tasks_groupplanitem.group_id'})",
                "add": f"FOR INSERT WITH CHECK ({COMMAND})",
                "report": f"FOR UPDATE USING ({COMMAND} OR lead_id = {AGENCY})",
            },
        ),
    ]
