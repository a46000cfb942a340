"""Who is to hold which post after a change is for those who prepare and confirm it."""

from django.db import migrations

from portal.lib.walls import SCOPE, build

PREPARES = f"{SCOPE} IN ('command', 'records')"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0011_light_wall")]
    operations = [
        build(
            "tasks_postmove",
            {
                "read": f"FOR SELECT USING ({PREPARES})",
                "add": f"FOR INSERT WITH CHECK ({PREPARES})",
                "write": f"FOR UPDATE USING ({PREPARES})",
                "remove": f"FOR DELETE USING ({PREPARES})",
            },
        )
    ]
