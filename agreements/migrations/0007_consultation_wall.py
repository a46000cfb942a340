"""Drafts are the command's and of who was asked; answers an agency's own until the table is published.

A consultation itself says when and about which version was asked, and stays outside: the conditions here
lean on it, and two tables with policies that ask each other would go round in a ring.
"""

from django.db import migrations

from portal.lib.walls import AGENCY, SCOPE, build

COMMAND = f"{SCOPE} = 'command'"
ANSWER, COMMENT, VERSION = (
    "agreements_consultationanswer",
    "agreements_consultationcomment",
    "agreements_draftversion",
)
PARTIES = ("tasks_signatory", "tasks_partyheir")
PARTY = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} p WHERE p.programme_id = c.programme_id AND p.agency_id = {AGENCY})"
    for table in PARTIES
)
PUBLISHED = f"c.state = 'closed' AND ({PARTY})"
ANSWER_PUBLISHED = f"""EXISTS (SELECT 1 FROM agreements_consultation c
    WHERE c.id = {ANSWER}.consultation_id AND {PUBLISHED})"""
ANSWER_SEEN = f"{COMMAND} OR agency_id = {AGENCY} OR {ANSWER_PUBLISHED}"
OWN_COMMENT = f"""EXISTS (SELECT 1 FROM {ANSWER} a WHERE a.id = {COMMENT}.answer_id AND a.agency_id = {AGENCY})"""
COMMENT_SEEN = f"""{OWN_COMMENT} OR EXISTS (SELECT 1 FROM {ANSWER} a
    JOIN agreements_consultation c ON c.id = a.consultation_id
    WHERE a.id = {COMMENT}.answer_id AND a.state = 'answered' AND ({COMMAND} OR ({PUBLISHED})))"""
ASKED = f"EXISTS (SELECT 1 FROM {ANSWER} a WHERE a.consultation_id = c.id AND a.agency_id = {AGENCY})"
VERSION_SEEN = f"""{COMMAND} OR EXISTS (SELECT 1 FROM agreements_consultation c
    WHERE {VERSION}.id IN (c.version_id, c.outcome_id) AND ({ASKED} OR ({PUBLISHED})))"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0006_mark_wall")]
    operations = [
        build(
            ANSWER,
            {
                "read": f"FOR SELECT USING ({ANSWER_SEEN})",
                "ask": f"FOR INSERT WITH CHECK ({COMMAND})",
                "answer": f"FOR UPDATE USING (agency_id = {AGENCY})",
            },
        ),
        build(
            COMMENT,
            {
                "read": f"FOR SELECT USING ({COMMENT_SEEN})",
                "write": f"FOR INSERT WITH CHECK ({OWN_COMMENT})",
                "decide": f"FOR UPDATE USING ({COMMAND} OR {OWN_COMMENT})",
                "remove": f"FOR DELETE USING ({OWN_COMMENT})",
            },
        ),
        build(
            VERSION,
            {
                "read": f"FOR SELECT USING ({VERSION_SEEN})",
                "take": f"FOR INSERT WITH CHECK ({COMMAND})",
            },
        ),
    ]
