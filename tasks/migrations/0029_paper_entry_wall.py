"""An entry from paper is for its agency, for who sees a step that was made from it, and for the command.

The policies of those tables say who sees the steps: a condition on them asks no more here.
"""

from django.db import migrations

from portal.audit.guards import AppendOnly
from portal.lib.walls import AGENCY, PERSON, SCOPE, build

STEPS = "EXISTS (SELECT 1 FROM tasks_reportstep s WHERE s.paper_id = tasks_paperentry.id)"
LOG = "EXISTS (SELECT 1 FROM tasks_progress p WHERE p.paper_id = tasks_paperentry.id)"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0028_paper_entries")]
    operations = [
        build(
            "tasks_paperentry",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR agency_id = {AGENCY} OR {STEPS} OR {LOG})",
                "enter": f"FOR INSERT WITH CHECK (entered_by_id = {PERSON} AND {SCOPE} = 'command')",
            },
        ),
        AppendOnly(
            "tasks_paperentry",
            [
                *("id", "number", "issued_on", "subject", "signer_name", "signer_title", "received_on"),
                *("agency_id", "file_id", "name", "entered_by_id", "entered_at", "declaration"),
            ],
        ),
    ]
