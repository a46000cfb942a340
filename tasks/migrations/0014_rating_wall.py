"""The rating of an agency is for that agency and the command; the decision over all for the command alone.

What an agency says of the command's support is written by any agency and read by the command; it names
nobody.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

COMMAND = f"{SCOPE} = 'command'"
OWN = f"agency_id = {AGENCY}"
OF_POINT = """EXISTS (SELECT 1 FROM tasks_ratingpoint p JOIN tasks_ratingsheet s ON s.id = p.sheet_id
    WHERE p.id = {table}.point_id AND s.agency_id = {agency})"""


def of_point(table: str) -> str:
    return OF_POINT.format(table=table, agency=AGENCY)


OF_SHEET = f"""EXISTS (SELECT 1 FROM tasks_ratingsheet s
    WHERE s.id = tasks_ratingpoint.sheet_id AND s.agency_id = {AGENCY})"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0013_comment_wall")]
    operations = [
        build(
            "tasks_ratingsheet",
            {
                "read": f"FOR SELECT USING ({COMMAND} OR {OWN})",
                "add": f"FOR INSERT WITH CHECK ({COMMAND})",
                "write": f"FOR UPDATE USING ({COMMAND} OR {OWN})",
            },
        ),
        build(
            "tasks_ratingpoint",
            {
                "read": f"FOR SELECT USING ({COMMAND} OR {OF_SHEET})",
                "add": f"FOR INSERT WITH CHECK ({COMMAND})",
                "write": f"FOR UPDATE USING ({COMMAND} OR {OF_SHEET})",
            },
        ),
        build(
            "tasks_ratingproof",
            {
                "read": f"FOR SELECT USING ({COMMAND} OR {of_point('tasks_ratingproof')})",
                "add": f"FOR INSERT WITH CHECK ({of_point('tasks_ratingproof')})",
                "remove": f"FOR DELETE USING ({of_point('tasks_ratingproof')})",
            },
        ),
        build(
            "tasks_reexamination",
            {
                "read": f"FOR SELECT USING ({COMMAND} OR {of_point('tasks_reexamination')})",
                "ask": "FOR INSERT WITH CHECK "
                f"(asked_by_id = {PERSON} AND {of_point('tasks_reexamination')})",
                "answer": f"FOR UPDATE USING ({COMMAND})",
            },
        ),
        build(
            "tasks_ratingdecision",
            {
                "read": f"FOR SELECT USING ({COMMAND})",
                "add": f"FOR INSERT WITH CHECK ({COMMAND})",
            },
        ),
        build(
            "tasks_supportreceipt",
            {
                "read": f"FOR SELECT USING ({COMMAND} OR {OWN})",
                "add": f"FOR INSERT WITH CHECK ({OWN})",
            },
        ),
        build(
            "tasks_supportanswer",
            {
                "read": f"FOR SELECT USING ({COMMAND})",
                "add": f"FOR INSERT WITH CHECK ({AGENCY} IS NOT NULL)",
            },
        ),
    ]
