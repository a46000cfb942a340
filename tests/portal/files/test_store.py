"""The store and its sweeper: bytes are what their name says, leftovers go, what is used stays."""

import os
import time

import pytest
from django.core.management import call_command
from django.db import transaction

from portal.audit.models import Event
from portal.files import references, store, sweeping
from portal.files.models import Recall, StoredFile
from tests import factories
from tests.factories import NOW
from tests.portal.files.conftest import left_in

pytestmark = pytest.mark.django_db


def age(sha256, days=2):
    then = time.time() - days * 24 * 3600
    os.utime(store.path_of(sha256), (then, then))


# --- Reading and writing ---------------------------------------------------------------------------
def test_what_is_put_is_read(stored):
    assert store.read(stored(b"content").sha256) == b"content"


def test_storing_twice_is_one_file(stored, folders):
    assert stored(b"same") == stored(b"same")
    assert len(left_in(folders / "files")) == 1


@pytest.mark.parametrize("damage", ["change", "cut", "remove"])
def test_damage_is_noticed_on_reading(stored, damage):
    path = store.path_of(stored(b"content").sha256)
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(b"c0ntent" if damage == "change" else b"cont")
    with pytest.raises(store.FileDamaged):
        store.read(path.name)
    with pytest.raises(store.FileDamaged):
        store.open_checked(path.name)


def test_checked_file_is_the_one_that_is_read(stored):
    file = stored(b"content")
    with store.open_checked(file.sha256) as opened:
        path = store.path_of(file.sha256)
        path.unlink()
        path.write_bytes(b"something else")
        assert opened.read() == b"content"


def test_store_is_private(stored):
    path = store.path_of(stored(b"content").sha256)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


# --- The sweeper -----------------------------------------------------------------------------------
def test_unused_file_goes_with_its_row(stored):
    file = stored(b"unused")
    age(file.sha256)
    assert sweeping.sweep(at=NOW).deleted == 1
    assert not StoredFile.objects.filter(pk=file.pk).exists()
    assert not store.path_of(file.sha256).exists()
    assert Event.objects.get(verb="file.swept").payload.count(file.sha256) == 1


def test_file_without_a_row_goes(stored):
    file = stored(b"unused")
    age(file.sha256)
    StoredFile.objects.all().delete()
    assert sweeping.sweep(at=NOW).deleted == 1
    assert not store.path_of(file.sha256).exists()


def test_young_files_stay_with_and_without_a_row(stored):
    file, orphan = stored(b"young"), stored(b"young orphan")
    StoredFile.objects.filter(pk=orphan.pk).delete()
    assert sweeping.sweep(at=NOW).deleted == 0
    assert store.path_of(file.sha256).exists()
    assert store.path_of(orphan.sha256).exists()
    assert not Event.objects.filter(verb="file.swept").exists()


def test_used_files_stay(stored, assignment):
    evidence, recalled = stored(b"evidence"), stored(b"recalled")
    factories.EvidenceFactory(assignment=assignment, agency=assignment.lead, file=evidence)
    Recall.objects.create(file=recalled, by=factories.UserFactory(), at=NOW, reason="x")
    age(evidence.sha256)
    age(recalled.sha256)
    assert sweeping.sweep(at=NOW).deleted == 0
    assert set(StoredFile.objects.all()) == {evidence, recalled}
    assert store.path_of(evidence.sha256).exists()


def test_every_foreign_key_to_a_stored_file_protects_it():
    """Found in the registry: a new model that refers to files needs no change of the sweeper."""
    named = {relation.related_model._meta.label for relation in references._relations()}
    assert named == {
        "agreements.Authorisation",
        "agreements.Counterpart",
        "agreements.Document",
        "agreements.MarkPicture",
        "agreements.PaperSignature",
        "agreements.Revision",
        "agreements.Signature",
        "tasks.Evidence",
        "tasks.PaperEntry",
        "tasks.YearPaper",
    }


def test_upload_of_an_old_orphan_makes_it_young(stored):
    """What is uploaded again while the sweeper is on its way is not taken away."""
    file = stored(b"again")
    age(file.sha256)
    stored(b"again")
    assert sweeping.sweep(at=NOW).deleted == 0
    assert store.path_of(file.sha256).exists()


def test_file_that_came_into_use_meanwhile_stays(stored, assignment):
    file = stored(b"late")
    age(file.sha256)
    candidates = list(sweeping._candidates())
    factories.EvidenceFactory(assignment=assignment, agency=assignment.lead, file=file)
    assert candidates == [file.sha256]
    assert not sweeping._delete(file.sha256)
    assert store.path_of(file.sha256).exists()


def test_recalled_bytes_that_a_crash_left_are_sealed(stored, folders):
    file = stored(b"recalled")
    with transaction.atomic():
        Recall.objects.create(file=file, by=factories.UserFactory(), at=NOW, reason="x")
    assert sweeping.sweep(at=NOW).sealed == 1
    sealed = folders / "quarantine" / file.sha256
    assert sealed.read_bytes() == b"recalled"
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert not store.path_of(file.sha256).exists()


def test_leftovers_of_crashed_uploads_go(stored, folders):
    folder = store.path_of(stored(b"x").sha256).parent
    old, young = folder / "tmpold", folder / "tmpyoung"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 24 * 3600,) * 2)
    assert sweeping.sweep(at=NOW).leftovers == 1
    assert not old.exists()
    assert young.exists()


def test_sweeping_twice_does_nothing_more(stored):
    age(stored(b"unused").sha256)
    sweeping.sweep(at=NOW)
    assert sweeping.sweep(at=NOW) == sweeping.Swept()


def test_command_says_what_it_did(stored, capsys):
    age(stored(b"unused").sha256)
    call_command("sweep_files")
    assert "1 unused files deleted, 0 recalled files sealed" in capsys.readouterr().out
