"""A letter of urging is the command's until it is issued, then also the urged agency's; nobody removes one."""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

COMMAND = f"{SCOPE} = 'command'"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0009_urging_wall")]
    operations = [
        build(
            "tasks_urgingletter",
            {
                "read": f"FOR SELECT USING ({COMMAND} OR (state = 'issued' AND agency_id = {AGENCY}))",
                "add": f"FOR INSERT WITH CHECK (written_by_id = {PERSON} AND {COMMAND})",
                "change": f"FOR UPDATE USING ({COMMAND}) WITH CHECK ({COMMAND})",
            },
        )
    ]
