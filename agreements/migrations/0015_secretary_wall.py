"""Whoever is recorded as secretary, and holds a post at the host, reads what the minutes are drafted from.

From the invitations on, until the minutes are frozen; nothing of what the agencies answered is changed by it.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, Wall

READ = ("agreements_invitedagency", "agreements_attendance", "agreements_contribution", "agreements_conclusion")
WRITTEN = "agreements_minutespart"


def keeps(table: str) -> str:
    return f"""EXISTS (SELECT 1 FROM agreements_conference c JOIN tasks_programme p ON p.id = c.programme_id
        WHERE c.id = {table}.conference_id AND c.state = 'invited'
        AND c.secretary_id = {PERSON} AND p.host_id = {AGENCY})"""


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0014_text_put_before_conference"),
        ("tasks", "0001_initial"),
    ]
    operations = [
        Wall(
            [
                *(f"CREATE POLICY secretary ON {table} FOR SELECT USING ({keeps(table)})" for table in READ),
                f"CREATE POLICY secretary ON {WRITTEN} FOR ALL USING ({keeps(WRITTEN)})"
                f" WITH CHECK ({keeps(WRITTEN)})",
            ],
            [f"DROP POLICY secretary ON {table}" for table in (*READ, WRITTEN)],
        ),
    ]
