"""A light set by hand is for the lead, those who coordinate and the command, which sets it.

News of the work that came before the column did is taken from the log.
"""

from typing import Any

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

LEADS = f"""EXISTS (SELECT 1 FROM tasks_assignment a
    WHERE a.id = tasks_lightoverride.assignment_id AND a.lead_id = {AGENCY})"""
COORDINATES = f"""EXISTS (SELECT 1 FROM tasks_coordination c
    WHERE c.assignment_id = tasks_lightoverride.assignment_id AND c.agency_id = {AGENCY})"""


def take_from_log(apps: Any, schema_editor: Any) -> None:
    told = apps.get_model("tasks", "Progress").objects.filter(
        assignment=OuterRef("pk"), status__in=["in_progress", "awaiting_head", "submitted"]
    )
    newest = told.order_by().values("assignment").annotate(newest=Max("at")).values("newest")
    apps.get_model("tasks", "Assignment").objects.update(reported_at=Subquery(newest))


class Migration(migrations.Migration):
    dependencies = [("tasks", "0020_lights")]
    operations = [
        build(
            "tasks_lightoverride",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR {LEADS} OR {COORDINATES})",
                "add": f"FOR INSERT WITH CHECK (by_id = {PERSON} AND {SCOPE} = 'command')",
                "lift": f"FOR UPDATE USING ({SCOPE} = 'command')",
            },
        ),
        migrations.RunPython(take_from_log, migrations.RunPython.noop),
    ]
