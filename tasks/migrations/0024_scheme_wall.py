"""A scheme is for the agencies that take part in it and the command; its milestones for the same.

That it exists, by which document, is a record; how far it has come is none for the administrator.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, SCOPE, build

COMMAND = f"{SCOPE} = 'command'"
COORDINATES = f"""EXISTS (SELECT 1 FROM tasks_scheme_coordinating c
    WHERE c.scheme_id = tasks_scheme.id AND c.agency_id = {AGENCY})"""
OF_SCHEME = f"""{SCOPE} <> 'records' AND EXISTS (SELECT 1 FROM tasks_scheme s
    WHERE s.id = tasks_milestone.scheme_id)"""
LEADS = f"""EXISTS (SELECT 1 FROM tasks_scheme s
    WHERE s.id = tasks_milestone.scheme_id AND s.lead_id = {AGENCY})"""
OF_MILESTONE = """EXISTS (SELECT 1 FROM tasks_milestone m
    WHERE m.id = tasks_milestoneduty.milestone_id)"""
WRITE = {
    "add": f"FOR INSERT WITH CHECK ({COMMAND})",
    "remove": f"FOR DELETE USING ({COMMAND})",
}


class Migration(migrations.Migration):
    dependencies = [("tasks", "0023_schemes")]
    operations = [
        build(
            "tasks_scheme",
            {
                "read": "FOR SELECT USING "
                f"({SCOPE} IN ('command', 'records') OR lead_id = {AGENCY} OR {COORDINATES})",
                "write": f"FOR UPDATE USING ({COMMAND})",
                **WRITE,
            },
        ),
        build(
            "tasks_milestone",
            {
                "read": f"FOR SELECT USING ({OF_SCHEME})",
                "write": f"FOR UPDATE USING ({COMMAND} OR {LEADS})",
                **WRITE,
            },
        ),
        build("tasks_milestoneduty", {"read": f"FOR SELECT USING ({OF_MILESTONE})", **WRITE}),
    ]
