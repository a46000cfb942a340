"""Is this file what the parties signed, and is what is tracked what they signed?"""

import datetime as dt

import pytest
from django.db import connection

from agreements import pades, verification
from agreements.models import Certificate, Signature
from agreements.verification import Exit
from portal.audit.models import Event
from portal.files import store
from portal.notices.models import Notice
from tests.agreements.pdf_tools import append, replaced_page
from tests.factories import NOW

LATER = NOW + dt.timedelta(minutes=5)
C = Signature.Check


@pytest.fixture
def signed(document, sign, head, commander):
    for user in (commander, head):
        sign(document, user)
    document.refresh_from_db()
    return document


@pytest.fixture
def pdf(signed) -> bytes:
    return store.read(signed.head_id)


# --- Recognise ------------------------------------------------------------------------------------
def test_every_revision_is_known(signed):
    for revision in signed.revisions.all():
        assert verification.recognise(store.read(revision.file_id)).revision == revision


def test_longer_file_continues_the_longest_revision(signed, pdf):
    found = verification.recognise(pdf + b"\n% more")
    assert found.revision is None
    assert found.begins_with.seq == 2


def test_file_changed_in_its_last_revision_continues_the_one_before(signed, pdf):
    found = verification.recognise(pdf[:-30] + b"x" + pdf[-29:])
    assert found.begins_with.seq == 1


def test_foreign_file_is_unknown(signed):
    found = verification.recognise(b"%PDF-1.7 foreign" * 9000)
    assert (found.revision, found.begins_with) == (None, None)


def test_recognising_costs_a_fixed_number_of_queries(signed, pdf, django_assert_num_queries):
    with django_assert_num_queries(1):
        verification.recognise(pdf)
    with django_assert_num_queries(5):
        verification.recognise(pdf + b"x")


# --- The check after each signature ---------------------------------------------------------------
def test_check_finds_good_signatures_good(signed):
    assert verification.check_next(at=LATER) == 2
    assert set(Signature.objects.values_list("check_state", "check_detail")) == {(C.GOOD, "good")}
    assert verification.check_next(at=LATER) == 0
    assert Event.objects.filter(verb="signature.checked").count() == 2


def test_check_of_a_changed_revision_is_bad(signed, pdf):
    """The file row is pointed to bytes that do more than sign: the job says so, the head stays."""
    stray = store.put(append(pdf, replaced_page), media_type="application/pdf", at=NOW)
    with connection.cursor() as cursor:  # what only somebody at the database can do
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER agreements_signature_no_update")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE agreements_signature DISABLE TRIGGER USER")
    Signature.objects.filter(seq=2).update(file=stray)
    verification.check_next(at=LATER)
    assert list(Signature.objects.order_by("seq").values_list("check_state", flat=True)) == [C.GOOD, C.BAD]
    assert Event.objects.filter(verb="signature.check_failed").count() == 1
    before = signed.head_id
    signed.refresh_from_db()
    assert signed.head_id == before


def test_check_of_a_damaged_file_is_bad_and_the_officer_is_told(signed, officer):
    store.path_of(signed.head_id).write_bytes(b"gone")
    verification.check_next(at=LATER)
    assert Signature.objects.get(seq=2).check_state == C.BAD
    assert Notice.objects.get(kind="signature.failed").recipient == officer


def test_certificate_revoked_after_the_time_stamp_spoils_nothing(signed):
    Certificate.objects.filter(user__username="bchqs.cht").update(revoked_at=NOW + dt.timedelta(minutes=1))
    verification.check_next(at=LATER)
    assert set(Signature.objects.values_list("check_state", flat=True)) == {C.GOOD}


def test_what_cannot_be_told_stays_open_and_comes_last(document, sign, commander, head, monkeypatch):
    """A signature whose time-stamp is not in the file: neither good nor bad."""
    plain = pades.sign
    monkeypatch.setattr(pades, "sign", lambda *given, **named: plain(*given, **named | {"stamp": None}))
    sign(document, commander)
    monkeypatch.undo()
    sign(document, head)
    verification.check_next(at=LATER)
    first, second = Signature.objects.order_by("seq")
    assert (first.check_state, first.check_detail) == (C.CHECKING, "the time-stamp is not good")
    assert second.check_state == C.GOOD
    Signature.objects.filter(seq=2).update(check_state=C.CHECKING, checked_at=None)
    assert verification.check_next(at=LATER, limit=1) == 1
    assert Signature.objects.get(seq=2).check_state == C.GOOD, "the one never looked at came first"


def test_verdict_of_another_worker_stands(signed):
    late = Signature.objects.get(seq=1)
    Signature.objects.filter(seq=1).update(check_state=C.BAD, checked_at=LATER)
    verification.check(late, at=LATER)
    assert Signature.objects.get(seq=1).check_state == C.BAD
    assert not Event.objects.filter(verb="signature.checked").exists()


# --- The stored report ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ([C.GOOD, C.GOOD], Exit.GOOD),
        ([C.GOOD, C.CHECKING], Exit.CANNOT_TELL),
        ([C.CHECKING, C.BAD], Exit.BAD),
        ([C.BAD, C.GOOD], Exit.BAD),
    ],
)
def test_outcome_of_the_stored_verdicts(signed, states, outcome):
    for seq, state in enumerate(states, 1):
        Signature.objects.filter(seq=seq).update(check_state=state, checked_at=LATER)
    report = verification.stored_report(signed.revisions.get(seq=2), at=LATER)
    assert report.outcome is outcome
    assert [signature.seq for signature in report.signatures] == [1, 2]


def test_earlier_copy_is_judged_by_its_own_signatures(signed):
    Signature.objects.filter(seq=1).update(check_state=C.GOOD, checked_at=LATER)
    assert verification.stored_report(signed.revisions.get(seq=1), at=LATER).outcome is Exit.GOOD
    assert verification.stored_report(signed.revisions.get(seq=2), at=LATER).outcome is Exit.CANNOT_TELL


def test_unsigned_paper_proves_nothing(signed):
    assert verification.stored_report(signed.revisions.get(seq=0), at=LATER).outcome is Exit.CANNOT_TELL
