"""A sheet that was sent to be added to a draft is the command's; the administrator may delete its draft."""

from django.db import migrations

from portal.lib.walls import PERSON, SCOPE, build


class Migration(migrations.Migration):
    dependencies = [("tasks", "0016_review_wall")]
    operations = [
        build(
            "tasks_assignmentimport",
            {
                "read": f"FOR SELECT USING ({SCOPE} IN ('command', 'records'))",
                "add": f"FOR INSERT WITH CHECK (sent_by_id = {PERSON} AND {SCOPE} = 'command')",
                "decide": f"FOR UPDATE USING ({SCOPE} = 'command')",
                "remove": f"FOR DELETE USING ({SCOPE} IN ('command', 'records'))",
            },
        )
    ]
