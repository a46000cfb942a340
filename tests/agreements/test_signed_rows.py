"""Rows of files, revisions and signatures are written once: what the database refuses, whoever asks.

And bytes that were swapped in the store are named.
"""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from agreements import verification
from agreements.models import Revision, Seal, Signature, Timestamp
from portal.files import store
from portal.files.models import StoredFile
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.both]
SQLITE = connection.vendor == "sqlite"
MAY_CHANGE = {
    StoredFile: set(),
    Revision: set(),
    Signature: {"check_state", "checked_at", "check_detail", "root_kind"},
    Seal: {"check_state", "checked_at", "findings"},
    Timestamp: set(),
}
EVERY_TABLE = pytest.mark.parametrize("model", MAY_CHANGE, ids=lambda model: model.__name__)


@pytest.fixture
def signature(document, front_head, sign) -> Signature:
    """A signature, and a seal over it."""
    made = sign(document, front_head)
    revision = document.revisions.get(seq=1)
    Seal.objects.create(
        revision=revision, stamped_at=NOW, ends_at=NOW + dt.timedelta(days=2190), is_outside=False
    )
    return made


def refused(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def delete_and_look(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
        connection.check_constraints()  # as a commit does


def other_value(field: models.Field) -> str:
    """Return SQL of a value that the column could hold, so that nothing but the trigger refuses it."""
    if isinstance(field, models.DateTimeField):
        return "'2020-01-01 00:00:00+00:00'"
    if isinstance(field, models.BooleanField):
        return f"NOT {field.column}"
    column_type = field.target_field if field.is_relation else field
    is_text = isinstance(column_type, models.CharField | models.TextField)
    return "'x'" if is_text else f"COALESCE({field.column}, 0) + 900"


@EVERY_TABLE
def test_no_column_of_what_was_signed_is_changed(model, signature):
    """Columns that another release adds for something else may change; those of today may not."""
    for field in model._meta.concrete_fields:
        if field.name not in MAY_CHANGE[model] and field.column in GUARDED_COLUMNS[model]:
            refused(f"UPDATE {model._meta.db_table} SET {field.column} = {other_value(field)}")


GUARDED_COLUMNS = {
    StoredFile: {"sha256", "size", "media_type", "stored_at"},
    Revision: {f.column for f in Revision._meta.concrete_fields},
    Seal: {f.column for f in Seal._meta.concrete_fields} - MAY_CHANGE[Seal],
    Timestamp: {"id", "stamped_at"},
    Signature: {f.column for f in Signature._meta.concrete_fields} - MAY_CHANGE[Signature],
}


@EVERY_TABLE
def test_no_row_is_deleted_replaced_or_emptied_away(model, signature):
    table = model._meta.db_table
    if model is StoredFile:  # foreign keys hold what is referred to; the sweeper takes the rest
        with pytest.raises(IntegrityError), transaction.atomic():
            delete_and_look(table)
    else:
        refused(f"DELETE FROM {table}")
    if SQLITE:
        refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        refused(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE")
    assert model.objects.exists()


def test_verdict_on_a_signature_may_come_later(signature):
    signature.check_state, signature.checked_at = Signature.Check.GOOD, signature.signed_at
    signature.save()
    assert Signature.objects.get(pk=signature.pk).check_state == "good"


def test_swapped_file_is_named(signature, document):
    """Other bytes under the name in the store: read refuses them, the check of the signature says so."""
    good = store.read(signature.file_id)
    path = store.path_of(signature.file_id)
    path.chmod(0o600)
    path.write_bytes(store.read(document.frozen_id))
    with pytest.raises(store.FileDamaged, match=signature.file_id):
        store.read(signature.file_id)
    verification.check(signature, at=signature.signed_at)
    assert Signature.objects.get(pk=signature.pk).check_detail == f"{signature.file_id} was changed on disk"
    path.write_bytes(good)
    assert store.read(signature.file_id) == good
