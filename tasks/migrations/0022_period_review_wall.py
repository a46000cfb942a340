"""A draft of a review is the command's; the approved one is for every party, and for viewers.

A viewer's reach has no agency, as that of a person without a post: the post itself is asked for. What was
approved is written once.
"""

from django.db import migrations

from portal.audit.guards import AppendOnly
from portal.lib.walls import AGENCY, PERSON, SCOPE, build

COMMAND = f"{SCOPE} = 'command'"
PARTY = f"""EXISTS (SELECT 1 FROM tasks_reportingperiod p WHERE p.id = tasks_approvedreview.period_id AND (
    EXISTS (SELECT 1 FROM tasks_signatory s WHERE s.programme_id = p.programme_id AND s.agency_id = {AGENCY})
    OR EXISTS (SELECT 1 FROM tasks_partyheir h WHERE h.programme_id = p.programme_id AND h.agency_id = {AGENCY})
))"""
VIEWER = f"EXISTS (SELECT 1 FROM users_membership m WHERE m.user_id = {PERSON} AND m.role = 'viewer')"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0021_review_days"), ("users", "0001_initial")]
    operations = [
        build(
            "tasks_periodreview",
            {
                "read": f"FOR SELECT USING ({COMMAND})",
                "add": f"FOR INSERT WITH CHECK ({COMMAND})",
                "write": f"FOR UPDATE USING ({COMMAND})",
            },
        ),
        build("tasks_reviewparagraph", {"write": f"FOR ALL USING ({COMMAND}) WITH CHECK ({COMMAND})"}),
        build(
            "tasks_approvedreview",
            {
                "read": f"FOR SELECT USING ({COMMAND} OR ({SCOPE} = 'own' AND ({VIEWER} OR {PARTY})))",
                "add": f"FOR INSERT WITH CHECK ({COMMAND})",
                "number": f"FOR UPDATE USING ({COMMAND})",
            },
        ),
        AppendOnly(
            "tasks_approvedreview",
            [
                *("id", "period_id", "content", "content_sha256", "frozen_at", "frozen_by_id"),
                *("approved_at", "approved_by_id"),
            ],
        ),
    ]
