"""Files that the portal does not know: a queue, one at a time, the sandbox, and nothing kept."""

import datetime as dt
import io
import json
import os
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse

from agreements import findings, inspections, jobs, pki, verification
from agreements.models import Inspection
from agreements.pades import Reason, examiner
from agreements.states import InspectionState
from agreements.verification import Exit
from portal.audit.models import Event
from portal.files import sandbox, store
from portal.lib.errors import BusyError
from tests.agreements.pdf_tools import append, replaced_page
from tests.factories import NOW

FOREIGN = b"%PDF-1.7\nforeign"
NO_REPORT = '{"pages": 1, "revisions": 1, "unsigned_tail": 0, "signatures": []}'


@pytest.fixture(autouse=True)
def incoming(settings, tmp_path):
    settings.INCOMING_DIR = tmp_path / "incoming"
    return settings.INCOMING_DIR / "to-verify"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """The job is run by the tests themselves."""
    monkeypatch.setattr(jobs, "examine_soon", lambda: None)


@pytest.fixture
def quick(monkeypatch):
    """Examine without a child, where the examination is not what is tested."""
    monkeypatch.setattr(inspections, "examine", lambda file, *, at: NO_REPORT)


def ask(content: bytes = FOREIGN, *, at: dt.datetime = NOW) -> Inspection:
    return inspections.ask(verification.recognise(content), io.BytesIO(content), at=at)


@pytest.fixture
def pdf(document, sign, head, commander) -> bytes:
    for user in (commander, head):
        sign(document, user)
    document.refresh_from_db()
    return store.read(document.head_id)


# --- The queue ------------------------------------------------------------------------------------
def test_file_waits_is_examined_and_is_gone(db, incoming, quick):
    inspection = ask()
    assert [path.read_bytes() for path in incoming.iterdir()] == [FOREIGN]
    assert inspections.run_next(at=NOW)
    inspection.refresh_from_db()
    assert (inspection.state, inspection.finished_at) == (InspectionState.DONE, NOW)
    assert not list(incoming.iterdir())
    event = Event.objects.latest("seq")
    assert (event.verb, event.actor_id) == ("inspection.finished", None)
    assert not inspections.run_next(at=NOW)


def test_first_come_first_examined(db, quick):
    first, second = ask(), ask(b"%PDF-1.7\nother")
    assert inspections.waiting_before(second) == 1
    inspections.run_next(at=NOW)
    first.refresh_from_db()
    assert first.state == InspectionState.DONE
    assert inspections.waiting_before(second) == 0


def test_one_at_a_time_for_the_whole_portal(db, quick):
    ask()
    ask(b"%PDF-1.7\nother")
    assert inspections._claim(at=NOW)
    assert inspections._claim(at=NOW) is None
    assert not inspections.run_next(at=NOW)


def test_worker_that_died_is_given_up_and_the_next_file_examined(db, quick, incoming):
    first, second = ask(), ask(b"%PDF-1.7\nother")
    inspections._claim(at=NOW)
    assert inspections.run_next(at=NOW + inspections.RUN_MOST)
    first.refresh_from_db()
    second.refresh_from_db()
    assert findings.read(first.found).unreadable == findings.CRASHED
    assert (first.state, second.state) == (InspectionState.DONE, InspectionState.DONE)
    assert not list(incoming.iterdir())


def test_file_that_nobody_examined_is_deleted_after_a_quarter_of_an_hour(db, incoming):
    inspection = ask()
    late = NOW + dt.timedelta(minutes=15)
    assert inspections.found(inspection, at=late).unreadable == findings.NOT_IN_TIME
    inspections.sweep(at=late)
    inspection.refresh_from_db()
    assert inspection.state == InspectionState.DONE
    assert not list(incoming.iterdir())


def test_file_without_a_row_is_deleted(db, incoming):
    ask()
    orphan = incoming / "orphan.pdf"
    orphan.write_bytes(FOREIGN)
    old = (NOW - dt.timedelta(minutes=16)).timestamp()
    os.utime(orphan, (old, old))
    inspections.sweep(at=NOW)
    assert not orphan.exists()
    assert len(list(incoming.iterdir())) == 1


def test_report_is_forgotten_after_a_day(db, quick):
    ask()
    inspections.run_next(at=NOW)
    inspections.sweep(at=NOW + dt.timedelta(hours=23))
    assert Inspection.objects.count() == 1
    inspections.sweep(at=NOW + dt.timedelta(days=1))
    assert Inspection.objects.count() == 0


def test_sixth_file_of_an_hour_is_refused_and_not_kept(db, incoming):
    for _turn in range(5):
        ask()
    with pytest.raises(inspections.TooManyFiles):
        ask()
    assert len(list(incoming.iterdir())) == Inspection.objects.count() == 5
    assert ask(at=NOW + dt.timedelta(minutes=61))


def test_full_queue_is_busy(db, monkeypatch):
    monkeypatch.setattr(inspections, "QUEUE_LIMIT", 1)
    ask()
    with pytest.raises(BusyError):
        ask()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("on_disk")
def test_files_sent_side_by_side_are_counted_too():
    passed, refused = [], []

    def send() -> None:
        try:
            passed.append(ask())
        except inspections.TooManyFiles:
            refused.append(1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _turn in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), len(refused)) == (5, 4)
    assert Inspection.objects.count() == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("on_disk")
def test_two_workers_take_one_file_and_then_none():
    ask()
    ask(b"%PDF-1.7\nother")
    taken = []

    def claim() -> None:
        taken.append(inspections._claim(at=NOW))
        connections.close_all()

    threads = [threading.Thread(target=claim) for _turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in taken if one]) == 1


# --- What is found --------------------------------------------------------------------------------
def examined(pdf: bytes) -> findings.Found:
    """As the job does it, without the child: what the child does is the same function."""
    text = json.dumps(examiner.answer(pdf, pki.trust(at=NOW), at=NOW))
    return findings.read(text, begins_with=verification.recognise(pdf).begins_with)


def test_sandbox_judges_as_the_portal_does(pdf):
    """The real child, once: a signed file, who signed it, in what capacity, and what it covers."""
    found = findings.read(
        inspections.examine(io.BytesIO(pdf), at=NOW), begins_with=verification.recognise(pdf).begins_with
    )
    assert (found.outcome, found.unreadable) == (Exit.GOOD, "")
    assert [row.signer for row in found.signatures][1:] == ["Phùng Gia Thụ", "Mạc Văn Hùng"]
    assert [row.given and row.given.capacity for row in found.signatures] == [None, "head", "head"]
    assert [row.own is not None for row in found.signatures] == [False, True, True]
    assert [row.is_newest for row in found.signatures] == [False, False, True]
    assert found == examined(pdf)


def test_hostile_file_is_no_more_than_cannot_tell(db, monkeypatch):
    """A child that does not answer, or answers nonsense."""
    for work in ("while True: pass", "print('{}')", "raise SystemExit(3)", "x = bytearray(2 << 30)"):
        limits = {"cpu_seconds": 1, "memory": inspections.MEMORY, "answer": inspections.ANSWER}
        monkeypatch.setattr(inspections, "COMMAND", sandbox.command(work, **limits))
        found = findings.read(inspections.examine(io.BytesIO(FOREIGN), at=NOW))
        assert (found.outcome, found.unreadable) == (Exit.CANNOT_TELL, findings.CRASHED), work


def test_child_reads_neither_data_nor_environment(db, tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text("key")
    work = f"import os\nos.environ['HOME'] if 'HOME' in os.environ else open({str(secret)!r})"
    limits = {"cpu_seconds": 1, "memory": inspections.MEMORY, "answer": inspections.ANSWER}
    monkeypatch.setattr(inspections, "COMMAND", sandbox.command(work, **limits))
    if not sandbox.has_landlock():
        pytest.skip("this kernel has no Landlock")
    assert findings.read(inspections.examine(io.BytesIO(FOREIGN), at=NOW)).unreadable == findings.CRASHED


def test_tampered_file_is_wrong(pdf, document):
    assert examined(append(pdf, replaced_page)).outcome is Exit.BAD
    place = pdf.index(b"stream") + 40
    assert examined(pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]).outcome is Exit.BAD
    cut = examined(pdf[:-40])
    assert (cut.outcome, cut.signatures) == (Exit.BAD, ())


@pytest.mark.parametrize("tail", [b"\n% more\n", b"x" * 3000, b"\nstartxref\n0\n%%EOF\n"])
def test_bytes_behind_the_end_are_never_good(pdf, tail):
    found = examined(pdf + tail)
    assert found.outcome is Exit.BAD
    assert not any(row.is_newest for row in found.signatures)


def test_blank_bytes_behind_the_end_are_nothing(pdf):
    assert examined(pdf + b"\r\n\n").outcome is Exit.GOOD


def test_bytes_behind_the_end_of_a_foreign_file_cannot_be_told(pdf):
    told = examiner.answer(pdf + b"% more", pki.trust(at=NOW), at=NOW)
    found = findings.read(json.dumps(told))
    assert (found.outcome, found.has_unsigned_tail) == (Exit.CANNOT_TELL, True)


def test_foreign_authority_cannot_be_told(pdf, settings, tmp_path):
    settings.PKI_DIR = tmp_path / "another"
    found = examined(pdf)
    assert found.outcome is Exit.CANNOT_TELL
    assert {row.reason for row in found.signatures} == {Reason.UNKNOWN_AUTHORITY}
    assert all(row.intact and row.valid and row.trusted is None for row in found.signatures)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 90_000,
        '{"pages": Infinity, "revisions": 1, "unsigned_tail": 0, "signatures": []}',
        "",
        "[]",
        "null",
        "x" * 100,
        '{"pages": 1}',
        '{"pages": 1, "revisions": 1, "signatures": [{}]}',
        "1",
    ],
)
def test_answer_of_another_shape_cannot_be_told(db, text):
    assert findings.read(text) == findings.Found(Exit.CANNOT_TELL, findings.CRASHED)


def test_good_signature_that_does_not_hold_is_not_believed(pdf):
    told = examiner.answer(pdf, pki.trust(at=NOW), at=NOW)
    told["signatures"][0]["intact"] = False
    assert findings.read(json.dumps(told)).unreadable == findings.CRASHED


@pytest.mark.parametrize(
    "claimed", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-10T09:00:00"]
)
def test_time_that_no_calendar_shows_is_not_stated(pdf, claimed):
    told = examiner.answer(pdf, pki.trust(at=NOW), at=NOW)
    told["signatures"][0]["signed_at"] = claimed
    assert findings.read(json.dumps(told)).signatures[0].signed_at is None


def test_every_reason_has_words():
    assert set(findings.REASON_WORDS) == set(Reason)


# --- The pages ----------------------------------------------------------------------------------------
@pytest.fixture
def drop(client, now):
    def send(content: bytes):
        file = SimpleUploadedFile("van-ban.pdf", content, "application/pdf")
        return client.post(reverse("verify"), {"file": file})

    return send


def test_visitor_sees_the_queue_then_the_report(db, drop, client, quick, now):
    answer = drop(FOREIGN)
    assert answer.status_code == 302
    waiting = client.get(answer["Location"])
    assert waiting.headers["Refresh"] == "3"
    assert "<progress" in waiting.content.decode()
    inspections.run_next(at=now)
    done = client.get(answer["Location"])
    assert "Refresh" not in done.headers
    assert "alert-warning" in done.content.decode()


def test_changed_paper_of_ours_is_wrong_and_says_which(pdf, document, drop, client, now):
    location = drop(append(pdf, replaced_page))["Location"]
    inspections.run_next(at=now)
    page = client.get(location).content.decode()
    assert "alert-danger" in page
    assert document.title in page
    assert "Mạc Văn Hùng" in page


def test_sixth_file_is_429_and_the_form_stands(db, drop):
    for _turn in range(5):
        assert drop(FOREIGN).status_code == 302
    answer = drop(FOREIGN)
    assert answer.status_code == 429
    assert "is-invalid" in answer.content.decode()


def test_full_queue_is_503(db, drop, monkeypatch):
    monkeypatch.setattr(inspections, "QUEUE_LIMIT", 0)
    assert drop(FOREIGN).status_code == 503


def test_guessed_token_is_404(db, client):
    assert client.get(reverse("examined", args=["x" * 43])).status_code == 404
