"""Shares of a target and their figures are for the lead, who coordinates, and the command.

How a figure is measured (tasks_indicator) is no secret of an agency: the target it belongs to is signed.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build


def part(table: str) -> tuple[str, str]:
    """The conditions on a row of an indicator: one's agency leads the assignment; it coordinates there."""
    of = f"SELECT 1 FROM tasks_indicator i JOIN tasks_assignment a ON a.id = i.assignment_id"
    leads = f"EXISTS ({of} WHERE i.id = {table}.indicator_id AND a.lead_id = {AGENCY})"
    coordinates = f"""EXISTS ({of} JOIN tasks_coordination c ON c.assignment_id = a.id
        WHERE i.id = {table}.indicator_id AND c.agency_id = {AGENCY})"""
    return leads, coordinates


QUOTA_LEADS, QUOTA_COORDINATES = part("tasks_quota")
FIGURE_LEADS, FIGURE_COORDINATES = part("tasks_figure")


class Migration(migrations.Migration):
    dependencies = [("tasks", "0004_report_wall")]
    operations = [
        build(
            "tasks_quota",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR {QUOTA_LEADS} OR {QUOTA_COORDINATES})",
                "add": f"FOR INSERT WITH CHECK ({QUOTA_LEADS})",
                "write": f"FOR UPDATE USING ({QUOTA_LEADS})",
                "remove": f"FOR DELETE USING ({QUOTA_LEADS})",
            },
        ),
        build(
            "tasks_figure",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR {FIGURE_LEADS} OR {FIGURE_COORDINATES})",
                "add": "FOR INSERT WITH CHECK "
                f"(by_id = {PERSON} AND ({FIGURE_LEADS} OR {FIGURE_COORDINATES}))",
            },
        ),
    ]
