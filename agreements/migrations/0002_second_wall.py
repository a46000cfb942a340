"""A sealed key and the sendings of a signing form are their owner's alone.

An administrator sees which keys are locked.
"""

from django.db import migrations

from portal.lib.walls import PERSON, SCOPE, build

OWNS = f"""EXISTS (SELECT 1 FROM agreements_certificate c
    WHERE c.id = agreements_credential.certificate_id AND c.user_id = {PERSON})"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]
    operations = [
        build(
            "agreements_credential",
            {"own": f"USING ({OWNS})", "read": f"FOR SELECT USING ({SCOPE} = 'records')"},
        ),
        build("agreements_signingrequest", {"own": f"USING (user_id = {PERSON})"}),
    ]
