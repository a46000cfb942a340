"""An urging is for the agency that was urged and for the command, which writes it; nobody changes one."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build


class Migration(migrations.Migration):
    dependencies = [("tasks", "0008_extension_wall")]
    operations = [
        build(
            "tasks_urging",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR agency_id = {AGENCY})",
                "add": f"FOR INSERT WITH CHECK (by_id = {PERSON} AND {SCOPE} = 'command')",
            },
        )
    ]
