"""The list of a briefing is read by the command, by who is invited, and by chair and secretary; frozen once."""

from django.db import migrations

from portal.audit.guards import AppendOnly
from portal.lib.walls import AGENCY, PERSON, SCOPE, build

INVITED = f"""EXISTS (SELECT 1 FROM agreements_invitedagency i
    WHERE i.conference_id = agreements_briefinglist.conference_id AND i.agency_id = {AGENCY})"""
PRESIDES = f"""EXISTS (SELECT 1 FROM agreements_conference c
    WHERE c.id = agreements_briefinglist.conference_id AND {PERSON} IN (c.chair_id, c.secretary_id))"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0011_briefing_list")]
    operations = [
        build(
            "agreements_briefinglist",
            {
                "read": f"FOR SELECT USING ({SCOPE} = 'command' OR {INVITED} OR {PRESIDES})",
                "keep": f"FOR INSERT WITH CHECK ({SCOPE} = 'command')",
            },
        ),
        AppendOnly(
            "agreements_briefinglist",
            ["id", "conference_id", "taken_on", "content", "content_sha256", "frozen_by_id", "frozen_at"],
        ),
    ]
