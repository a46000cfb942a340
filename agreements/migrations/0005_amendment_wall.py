"""Drafts of amendments are the command's alone; what is frozen of them is a document as others."""

from django.db import migrations

from portal.lib.walls import SCOPE, build

COMMAND = f"USING ({SCOPE} = 'command')"


class Migration(migrations.Migration):
    dependencies = [("agreements", "0004_authorisation_wall")]
    operations = [
        build("agreements_amendment", {"command": COMMAND}),
        build("agreements_amendmentchange", {"command": COMMAND}),
    ]
