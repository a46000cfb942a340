"""verify_audit: exit codes are a promise, and the first bad number is named."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from portal.audit import checkpoints
from portal.audit.models import Head
from tests.factories import NOW
from tests.portal.audit.test_events import chain, without_triggers

__all__ = ["chain"]  # the fixture

pytestmark = [pytest.mark.django_db, pytest.mark.both]
GOOD, BAD, CANNOT_TELL = 0, 1, 2


@pytest.fixture
def verify(capsys):
    def run(*options: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            call_command("verify_audit", *options)
        return int(ended.value.code), capsys.readouterr().out

    return run


def test_whole_chain_is_good(chain, verify):
    checkpoints.write(at=NOW)
    code, said = verify("--json")
    assert (code, json.loads(said)["count"]) == (GOOD, 5)


def test_chain_without_checkpoints_cannot_be_told(chain, verify):
    """It may be a shorter or another one; the command says so instead of calling it good."""
    code, said = verify()
    assert code == CANNOT_TELL
    assert "there is no checkpoint to compare it with" in said


def test_shortened_checkpoint_file_is_bad_and_named(chain, verify, places):
    checkpoints.write(at=NOW)
    places[1].write_bytes(b"")
    code, said = verify()
    assert code == BAD
    assert f"{places[1]}, checkpoint 1" in said


def test_changed_event_is_bad_and_named(chain, verify):
    without_triggers("UPDATE audit_event SET verb = 'khác' WHERE seq = 3")
    code, said = verify()
    assert code == BAD
    assert "bad_seq: 3" in said


def test_cut_tail_is_bad(chain, verify):
    without_triggers("DELETE FROM audit_event WHERE seq >= 4")
    code, said = verify("--json")
    assert (code, json.loads(said)["bad_seq"]) == (BAD, 4)


def test_missing_head_cannot_be_told(chain, verify):
    Head.objects.all().delete()
    assert verify()[0] == CANNOT_TELL


def test_missing_table_cannot_be_told(chain, verify):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_head RENAME TO elsewhere")
    code, said = verify("--json")
    assert (code, json.loads(said)["outcome"]) == (CANNOT_TELL, "cannot_tell")
