"""A comment is for the agencies that take part and the command; an internal one for its agency alone.

Of an assignment take part its lead and who coordinates, of a report its agency, of a clause every party.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, PERSON, SCOPE, build

TAKES_PART = f"""{SCOPE} = 'command'
    OR EXISTS (SELECT 1 FROM tasks_assignment a
        WHERE a.id = tasks_comment.assignment_id AND a.lead_id = {AGENCY})
    OR EXISTS (SELECT 1 FROM tasks_coordination c
        WHERE c.assignment_id = tasks_comment.assignment_id AND c.agency_id = {AGENCY})
    OR EXISTS (SELECT 1 FROM tasks_report r
        WHERE r.id = tasks_comment.report_id AND r.agency_id = {AGENCY})
    OR EXISTS (SELECT 1 FROM tasks_clause t JOIN tasks_signatory s ON s.programme_id = t.programme_id
        WHERE t.id = tasks_comment.clause_id AND s.agency_id = {AGENCY})
    OR EXISTS (SELECT 1 FROM tasks_clause t JOIN tasks_partyheir h ON h.programme_id = t.programme_id
        WHERE t.id = tasks_comment.clause_id AND h.agency_id = {AGENCY})"""
OWN = f"by_id = {PERSON} AND agency_id = {AGENCY}"
OF_COMMENT = "EXISTS (SELECT 1 FROM tasks_comment c WHERE c.id = tasks_mention.comment_id"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0012_agency_change_wall")]
    operations = [
        build(
            "tasks_comment",
            {
                "read": f"FOR SELECT USING ((NOT is_internal OR agency_id = {AGENCY}) AND ({TAKES_PART}))",
                "add": f"FOR INSERT WITH CHECK ({OWN} AND ({TAKES_PART}))",
                "change": f"FOR UPDATE USING (({OWN}) OR ({SCOPE} = 'command' AND NOT is_internal))",
            },
        ),
        build(
            "tasks_mention",
            {
                "read": f"FOR SELECT USING ({OF_COMMENT}))",  # as far as the comment itself is seen
                "add": f"FOR INSERT WITH CHECK ({OF_COMMENT} AND c.by_id = {PERSON}))",
            },
        ),
    ]
