"""A notice is for its recipient; an administrator sees whether its mail went out."""

from django.db import migrations

from portal.lib.walls import PERSON, SCOPE, build


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]
    operations = [
        build(
            "notices_notice",
            {
                "read": f"FOR SELECT USING (recipient_id = {PERSON} OR {SCOPE} = 'records')",
                "mark": f"FOR UPDATE USING (recipient_id = {PERSON})",
            },
        )
    ]
