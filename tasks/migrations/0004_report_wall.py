"""A report, its lines and its history are for the agency whose report it is and for the command."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

OWN = f"{SCOPE} = 'command' OR agency_id = {AGENCY}"


def of_report(table: str) -> str:
    """The condition on a part: the report is one's agency's, or one is of the command."""
    return f"""{SCOPE} = 'command' OR EXISTS (SELECT 1 FROM tasks_report r
        WHERE r.id = {table}.report_id AND r.agency_id = {AGENCY})"""


LINES, STEPS = of_report("tasks_reportline"), of_report("tasks_reportstep")


class Migration(migrations.Migration):
    dependencies = [("tasks", "0003_evidence_wall")]
    operations = [
        build(
            "tasks_report",
            {
                "read": f"FOR SELECT USING ({OWN})",
                "make": f"FOR INSERT WITH CHECK ({SCOPE} = 'command')",  # shells, with the programme
                "write": f"FOR UPDATE USING ({OWN})",
            },
        ),
        build(
            "tasks_reportline",
            {
                "read": f"FOR SELECT USING ({LINES})",
                "add": f"FOR INSERT WITH CHECK ({LINES})",
                "write": f"FOR UPDATE USING ({LINES})",
            },
        ),
        build(
            "tasks_reportstep",
            {
                "read": f"FOR SELECT USING ({STEPS})",
                "add": f"FOR INSERT WITH CHECK (by_id = {PERSON} AND ({STEPS}))",
            },
        ),
    ]
