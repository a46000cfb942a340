"""A request holds a sealed key: it is for its owner and for those who release; administrators see that it is there."""

from django.db import migrations

from portal.lib.walls import PERSON, SCOPE, build


class Migration(migrations.Migration):
    dependencies = [("agreements", "0002_second_wall")]
    operations = [
        build(
            "agreements_certificaterequest",
            {
                "read": f"FOR SELECT USING ({SCOPE} IN ('command', 'records') OR user_id = {PERSON})",
                "ask": f"FOR INSERT WITH CHECK (user_id = {PERSON})",
                "decide": f"FOR UPDATE USING ({SCOPE} = 'command' OR user_id = {PERSON})",
            },
        )
    ]
