"""Mails that a worker has in hand while the portal is renewed wait again: they go with a mail of a day."""

from typing import Any

from django.db import migrations


def wait(apps: Any, schema_editor: Any) -> None:
    apps.get_model("notices", "Notice").objects.filter(mail_state="sending").update(mail_state="waiting")


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_second_wall")]
    operations = [migrations.RunPython(wait, migrations.RunPython.noop)]
