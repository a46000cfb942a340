"""verify_document and verify_programme: exit codes are a promise."""

import json
import random
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError

from agreements import findings, keys, pki
from agreements.models import Signature
from agreements.pades import examiner
from portal.files import store
from tasks.models import Assignment
from tests.agreements.pdf_tools import append, replaced_page
from tests.factories import NOW

GOOD, BAD, CANNOT_TELL = 0, 1, 2


@pytest.fixture
def signed(document, sign, head, commander):
    for user in (commander, head):
        sign(document, user)
    document.refresh_from_db()
    return document


@pytest.fixture
def pdf(signed) -> bytes:
    return store.read(signed.head_id)


@pytest.fixture
def run(capsys):
    """Run a command; return its exit code and what it printed."""

    def do(*command) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            call_command(*command)
        return int(ended.value.code), capsys.readouterr().out

    return do


@pytest.fixture
def verify(run, tmp_path):
    def do(content: bytes, *options: str) -> tuple[int, str]:
        path = tmp_path / "van-ban.pdf"
        path.write_bytes(content)
        return run("verify_document", path, *options)

    return do


# --- verify_document ------------------------------------------------------------------------------
def test_signed_file_is_good(pdf, verify):
    code, said = verify(pdf)
    assert code == GOOD
    assert "Mạc Văn Hùng" in said
    assert "known: True" in said


def test_json_names_every_signature(pdf, verify, signed):
    code, said = verify(pdf, "--json")
    report = json.loads(said)
    assert (code, report["outcome"], report["revision"]) == (GOOD, "good", 2)
    assert [row["field"] for row in report["signatures"]] == ["CHUNG_THUC", "KY_001", "KY_003"]
    assert [row["method"] for row in report["signatures"]] == [None, "portal", "portal"]
    assert {row["kind"] for row in report["signatures"]} == {"portal"}
    assert {row["rests_on"] for row in report["signatures"]} == {Signature.RootKind.PORTAL.label}
    assert report["sha256"] == signed.head_id


def test_flipped_byte_in_what_was_signed_is_bad(pdf, verify):
    place = pdf.index(b"stream") + 40
    code, said = verify(pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :])
    assert code == BAD
    assert "altered" in said


def test_no_flipped_byte_of_the_pages_is_ever_good(pdf, signed):
    """Twelve places of the frozen pages, the same in every run: bad, or at worst unreadable."""
    end = store.read(signed.frozen_id).index(b"/ByteRange")
    trust = pki.trust(at=NOW)
    for place in random.Random(1).sample(range(200, end), 12):
        told = examiner.answer(pdf[:place] + bytes([pdf[place] ^ 0x55]) + pdf[place + 1 :], trust, at=NOW)
        assert findings.read(json.dumps(told)).outcome in {BAD, CANNOT_TELL}, place


def test_page_replaced_after_the_signatures_is_bad(pdf, verify):
    code, said = verify(append(pdf, replaced_page))
    assert code == BAD
    assert "changed_later" in said


def test_cut_tail_of_a_known_file_is_bad(pdf, verify):
    assert verify(pdf[:-40])[0] == BAD


@pytest.mark.parametrize("content", [b"", b"garbage", b"%PDF-1.7\n" + b"garbage" * 900, b"\0" * 4096])
def test_garbage_cannot_be_told(db, verify, content):
    code, said = verify(content, "--json")
    assert code == CANNOT_TELL
    assert json.loads(said)["outcome"] == "cannot_tell"


def test_missing_file_and_folder_cannot_be_told(db, run, tmp_path):
    assert run("verify_document", Path("no-such-file.pdf"))[0] == CANNOT_TELL
    assert run("verify_document", tmp_path)[0] == CANNOT_TELL


def test_paper_of_another_portal_cannot_be_told(pdf, verify, settings, tmp_path):
    settings.PKI_DIR = tmp_path / "another"
    code, said = verify(pdf)
    assert code == CANNOT_TELL
    assert "unknown_authority" in said


# --- verify_programme -----------------------------------------------------------------------------
def test_equal_programme_is_good(signed, run):
    assert run("verify_programme", "2026")[0] == GOOD


def test_drift_is_bad_and_named(signed, run):
    Assignment.objects.filter(code="1.01").update(title_vi="Khác")
    code, said = run("verify_programme", "2026")
    assert code == BAD
    assert "assignments[1.01].title: signed 'Quy hoạch đất quốc phòng', tracked 'Khác'" in said
    code, said = run("verify_programme", "2026", "--json")
    assert (code, json.loads(said)["drifts"][0]["path"]) == (BAD, "assignments[1.01].title")


def test_year_without_programme_or_document_cannot_be_told(settled, run):
    assert run("verify_programme", "1999")[0] == CANNOT_TELL
    assert run("verify_programme", "2026")[0] == CANNOT_TELL


def test_renamed_agency_is_a_note(signed, department, run):
    department.name_vi = "Sở Xây dựng và Giao thông"
    department.save()
    code, said = run("verify_programme", "2026")
    assert code == GOOD
    assert "register changed since: agencies[SXD].name" in said


# --- Neither records nor authority ----------------------------------------------------------------
@pytest.mark.parametrize("fault", [OperationalError("no connection"), keys.AuthorityError("pki is missing")])
@pytest.mark.parametrize("command", ["verify_document", "verify_programme"])
def test_portal_that_cannot_look_cannot_tell(pdf, verify, run, monkeypatch, command, fault):
    def fail(*args, **options):
        raise fault

    monkeypatch.setattr(pki, "trust", fail)
    code, said = verify(pdf) if command == "verify_document" else run(command, "2026")
    assert code == CANNOT_TELL
    assert str(fault) in said
