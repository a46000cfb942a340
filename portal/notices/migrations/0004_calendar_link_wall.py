"""A calendar link is its owner's; who follows one is nobody, and asks by its hash."""

from django.db import migrations

from portal.lib.walls import PERSON, build


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_mail_wall")]
    operations = [build("notices_calendarlink", {"own": f"USING (user_id = {PERSON})"})]
