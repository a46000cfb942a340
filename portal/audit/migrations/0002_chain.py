"""The first head, and triggers that keep the trail append-only on both engines."""

import hashlib

from django.db import migrations

MESSAGE = "audit events are append-only"
FOLLOWS = "an audit event follows the one before it"
START = hashlib.sha256(b"coordination portal audit chain 1").hexdigest()

SQLITE = [
    f"""CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
    f"""CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
    f"""CREATE TRIGGER audit_event_follows BEFORE INSERT ON audit_event
        WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_event)
          OR NEW.prev_sha256 <> COALESCE((SELECT sha256 FROM audit_event WHERE seq = NEW.seq - 1), '{START}')
        BEGIN SELECT RAISE(ABORT, '{FOLLOWS}'); END""",
]
POSTGRESQL = [
    f"""CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$""",
    """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()""",
    """CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()""",
    f"""CREATE FUNCTION audit_event_follow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_event)
            OR NEW.prev_sha256 <> COALESCE((SELECT sha256 FROM audit_event WHERE seq = NEW.seq - 1), '{START}')
          THEN RAISE EXCEPTION '{FOLLOWS}'; END IF;
          RETURN NEW;
        END $$""",
    """CREATE TRIGGER audit_event_follows BEFORE INSERT ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_event_follow()""",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_follows",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_change",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_truncate",
]


def begin(apps, schema_editor):
    apps.get_model("audit", "Head").objects.create(pk=1, seq=0, sha256=START)


def guard(apps, schema_editor):
    statements = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
