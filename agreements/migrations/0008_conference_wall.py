"""Who an agency sends, what it says and how far it agrees is its own and the command's until it is minuted.

What the chair concludes and what is drafted is the command's; guests are too.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, SCOPE, Wall, build

COMMAND = f"{SCOPE} = 'command'"
OWN = f"{COMMAND} OR agency_id = {AGENCY}"


def of_command(table: str) -> Wall:
    return build(table, {"write": f"FOR ALL USING ({COMMAND}) WITH CHECK ({COMMAND})"})


def of_agency(table: str) -> Wall:
    return build(table, {"write": f"FOR ALL USING ({OWN}) WITH CHECK ({OWN})"})


class Migration(migrations.Migration):
    dependencies = [("agreements", "0007_consultation_wall")]
    operations = [
        build(
            "agreements_invitedagency",
            {
                "invite": f"FOR ALL USING ({COMMAND}) WITH CHECK ({COMMAND})",
                "read": f"FOR SELECT USING (agency_id = {AGENCY})",
                "answer": f"FOR UPDATE USING (agency_id = {AGENCY})",
            },
        ),
        of_agency("agreements_attendance"),
        of_agency("agreements_contribution"),
        of_command("agreements_conclusion"),
        of_command("agreements_minutespart"),
    ]
