"""A consolidated report holds what every agency wrote: it is for the command alone."""

from django.db import migrations

from portal.lib.walls import SCOPE, Wall, build

COMMAND = f"{SCOPE} = 'command'"


def of_command(table: str) -> Wall:
    return build(
        table,
        {
            "read": f"FOR SELECT USING ({COMMAND})",
            "add": f"FOR INSERT WITH CHECK ({COMMAND})",
            "write": f"FOR UPDATE USING ({COMMAND})",
        },
    )


def part(table: str) -> Wall:
    """A part of the draft: it goes too, when no report says it any more."""
    return build(table, {"write": f"FOR ALL USING ({COMMAND}) WITH CHECK ({COMMAND})"})


class Migration(migrations.Migration):
    dependencies = [("tasks", "0005_indicator_wall")]
    operations = [
        of_command("tasks_consolidation"),
        part("tasks_consolidationparagraph"),
        part("tasks_consolidationsource"),
    ]
