"""A mail is for its recipient; an administrator sees whether it went out. A preference is one's own."""

from django.db import migrations

from portal.lib.walls import PERSON, SCOPE, build


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_second_wall")]
    operations = [
        build(
            "notices_mail",
            {"read": f"FOR SELECT USING (recipient_id = {PERSON} OR {SCOPE} = 'records')"},
        ),
        build("notices_mailpreference", {"own": f"USING (user_id = {PERSON})"}),
    ]
