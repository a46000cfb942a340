"""The ledger is the command's; a proposal is for the agency that made it and for the command."""

from django.db import migrations

from portal.lib.walls import AGENCY, SCOPE, build

COMMAND = f"{SCOPE} = 'command'"
WRITE = {
    "add": f"FOR INSERT WITH CHECK ({COMMAND})",
    "write": f"FOR UPDATE USING ({COMMAND})",
}
LEDGER = {"read": f"FOR SELECT USING ({COMMAND})", **WRITE}


class Migration(migrations.Migration):
    dependencies = [("tasks", "0015_turn_of_year_wall")]
    operations = [
        build("tasks_shortcoming", LEDGER),
        build("tasks_shortcomingreview", LEDGER),
        build(
            "tasks_proposal",
            {"read": f"FOR SELECT USING ({COMMAND} OR agency_id = {AGENCY})", **WRITE},
        ),
    ]
