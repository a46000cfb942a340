"""A closed round is sealed, judged, renewed in time; what cannot be had costs no signature."""

import datetime as dt
import json
from itertools import pairwise

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from agreements import (
    boards,
    ceremonies,
    documents,
    jobs,
    levels,
    pades,
    reminders,
    sealing,
    timestamps,
    verification,
)
from agreements.models import Certificate, Document, Revision, Seal, Signature
from agreements.pades import Level
from agreements.states import DocumentState
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError
from portal.notices import planning
from portal.notices.models import Notice
from portal.users import totp
from tests.agreements import tsa_server
from tests.agreements.pdf_tools import pdfsig, qpdf_accepts
from tests.factories import NOW

CLOSED_AT = NOW + dt.timedelta(days=1)
SEALED_AT = CLOSED_AT + dt.timedelta(minutes=1)
YEAR = dt.timedelta(days=365)


@pytest.fixture
def signed(document, sign, commander, front_head):
    for user in (commander, front_head):
        sign(document, user)
    document.signatures.update(check_state=Signature.Check.GOOD, checked_at=NOW)
    return document


@pytest.fixture
def closed(signed, commander, officer):
    documents.bring_into_force(signed, by=commander, at=NOW)
    documents.close_round(signed, by=officer, at=CLOSED_AT)
    signed.refresh_from_db()
    return signed


@pytest.fixture
def sealed(closed):
    """Sealed, and judged by a stroke of the pen: who asks for the verdict itself lets the job run."""
    sealing.grow(closed, kind=Revision.Kind.SEAL, at=SEALED_AT)
    Seal.objects.update(check_state=Seal.Check.GOOD, checked_at=SEALED_AT)
    closed.refresh_from_db()
    return closed


# --- Sealing ----------------------------------------------------------------------------------------
def test_signatures_carry_the_time_of_an_authority(signed):
    assert set(signed.signatures.values_list("stamped_at", flat=True)) == {NOW.replace(microsecond=0)}
    signed.refresh_from_db()
    assert levels.standing(signed, at=NOW) == levels.Standing(Level.B_T)
    report = verification.report(store.read(signed.head_id), at=NOW)
    assert (report.verdict, report.level) == (pades.Verdict.GOOD, Level.B_T)


def test_closed_document_is_sealed_judged_and_called_lasting(signed, commander, officer):
    signed.signatures.update(check_state=Signature.Check.CHECKING)
    verification.check_next(at=NOW)
    documents.bring_into_force(signed, by=commander, at=NOW)
    documents.close_round(signed, by=officer, at=CLOSED_AT)
    sealing.go_on(at=SEALED_AT)
    sealed = Document.objects.get()
    seal = Seal.objects.select_related("revision").get()
    assert (seal.revision.kind, seal.revision.seq, sealed.head_seq) == (Revision.Kind.SEAL, 3, 3)
    assert seal.revision.file_id == sealed.head_id
    assert (seal.check_state, set(seal.findings.values())) == (Seal.Check.GOOD, {"good"})
    assert len(seal.findings) == 4, "two signatures, the portal's own, the archive time-stamp"
    assert seal.ends_at > SEALED_AT + 5 * YEAR
    standing = levels.standing(sealed, at=SEALED_AT)
    assert (standing.level, standing.seal, standing.is_lost) == (Level.B_LTA, seal, False)
    report = verification.report(store.read(sealed.head_id), at=SEALED_AT)
    assert (report.verdict, report.level) == (pades.Verdict.GOOD, Level.B_LTA)
    verbs = (
        Event.objects.filter(verb__startswith="document.seal").order_by("seq").values_list("verb", flat=True)
    )
    assert list(verbs) == ["document.sealed", "document.seal_checked"]


def test_history_only_grows_and_foreign_tools_agree(sealed, tmp_path):
    files = [store.read(row.file_id) for row in sealed.revisions.order_by("seq")]
    kinds = [row.kind for row in sealed.revisions.order_by("seq")]
    assert kinds == ["frozen", "signature", "signature", "seal"]
    for earlier, later in pairwise(files):
        assert later.startswith(earlier)
        assert len(later) > len(earlier)
    seen = pdfsig(files[-1], tmp_path)
    assert [one.is_valid for one in seen if one.kind == "ETSI.CAdES.detached"] == [True] * 3
    assert seen[-1].covers_file
    assert qpdf_accepts(files[-1], tmp_path)
    sealing.go_on(at=SEALED_AT)
    assert Seal.objects.count() == 1, "a second run does nothing"
    (round_,) = boards.rounds(Document.objects.all())
    assert (round_.signed, round_.total) == (2, 3), "the seal is no signature"


def test_nothing_is_sealed_before_the_round_is_closed_and_every_signature_good(closed):
    for state in (Signature.Check.CHECKING, Signature.Check.BAD):
        Signature.objects.filter(seq=2).update(check_state=state)
        sealing.go_on(at=SEALED_AT)
    Signature.objects.update(check_state=Signature.Check.GOOD)
    for state in (DocumentState.SIGNING, DocumentState.TERMINATED):
        Document.objects.update(state=state)
        sealing.go_on(at=SEALED_AT)
    assert not Seal.objects.exists()
    Document.objects.update(state=DocumentState.SUPERSEDED)
    sealing.go_on(at=SEALED_AT)
    assert Seal.objects.count() == 1


def test_document_that_moved_meanwhile_is_left_to_the_next_run(closed):
    """Another worker was first: the head is no longer what was stamped."""
    assert sealing.grow(closed, kind=Revision.Kind.SEAL, at=SEALED_AT)
    assert not sealing.grow(closed, kind=Revision.Kind.SEAL, at=SEALED_AT)
    assert Seal.objects.count() == 1


def test_crash_between_seal_and_verdict_is_mended_by_the_next_run(closed):
    sealing.grow(closed, kind=Revision.Kind.SEAL, at=SEALED_AT)
    closed.refresh_from_db()
    assert levels.standing(closed, at=SEALED_AT).level is Level.B_T, "not called lasting before the verdict"
    sealing.go_on(at=SEALED_AT)
    assert levels.standing(closed, at=SEALED_AT).level is Level.B_LTA


def test_job_seals(closed, settings, monkeypatch):
    monkeypatch.setattr(jobs.timezone, "now", lambda: SEALED_AT)
    jobs.seal_documents()
    jobs.renew_seals()
    assert Seal.objects.get().check_state == Seal.Check.GOOD


def test_clock_in_doubt_seals_nothing_and_tries_again(closed):
    timestamps.stamp(at=SEALED_AT + dt.timedelta(hours=1))
    sealing.go_on(at=SEALED_AT)
    assert not Seal.objects.exists()
    sealing.go_on(at=SEALED_AT + dt.timedelta(hours=1))
    assert Seal.objects.get().check_state == Seal.Check.GOOD


def test_clock_in_doubt_costs_no_code(document, sign, commander, enrolled, monkeypatch):
    enrolled(commander)
    code = totp.next_code(commander, at=NOW)
    timestamps.stamp(at=NOW + dt.timedelta(hours=1))
    with pytest.raises(RuleError, match="Đồng hồ"):
        sign(document, commander, code=code)
    monkeypatch.setattr(timestamps, "SET_BACK", dt.timedelta(hours=2))
    assert sign(document, commander, code=code).seq == 1


def test_signer_revoked_before_the_stamp_spoils_the_level_and_the_officer_is_told(closed, officer, admin):
    """The report of a compromise that comes late, with an earlier moment: the file is not called lasting."""
    Certificate.objects.filter(user__username="bchqs.cht").update(
        revoked_at=NOW - dt.timedelta(minutes=1), revocation_reason="key_compromise"
    )
    sealing.go_on(at=SEALED_AT)
    closed.refresh_from_db()
    seal = Seal.objects.get()
    assert seal.check_state == Seal.Check.BAD
    assert [field for field, why in seal.findings.items() if why != "good"] == ["KY_001"]
    assert levels.standing(closed, at=SEALED_AT).level is Level.B_T
    told = Notice.objects.filter(kind="seal.failed").values_list("recipient__username", flat=True)
    assert set(told) == {officer.username, admin.username}


def test_verdict_of_another_worker_stands(closed):
    sealing.grow(closed, kind=Revision.Kind.SEAL, at=SEALED_AT)
    late = Seal.objects.get()
    Seal.objects.update(check_state=Seal.Check.BAD, checked_at=SEALED_AT)
    sealing.judge(late, at=SEALED_AT)
    assert Seal.objects.get().check_state == Seal.Check.BAD


def test_damaged_file_is_not_called_lasting(closed):
    sealing.grow(closed, kind=Revision.Kind.SEAL, at=SEALED_AT)
    closed.refresh_from_db()
    store.path_of(closed.head_id).write_bytes(b"gone")
    sealing.go_on(at=SEALED_AT)
    assert Seal.objects.get().check_state == Seal.Check.BAD


# --- Renewal ------------------------------------------------------------------------------------------
@pytest.fixture
def ends_at(sealed) -> dt.datetime:
    return Seal.objects.get().ends_at


def test_seal_is_renewed_a_year_before_its_end(sealed, ends_at):
    assert sealing.renew_due(at=ends_at - YEAR - dt.timedelta(days=1)) == 0
    at = ends_at - YEAR
    with time_machine.travel(at):
        assert sealing.renew_due(at=at) == 1
        assert sealing.renew_due(at=at) == 0
        sealing.go_on(at=at)
    sealed.refresh_from_db()
    renewed = Seal.objects.order_by("pk").last()
    assert (renewed.revision.kind, renewed.check_state) == (Revision.Kind.RENEWAL, Seal.Check.GOOD)
    assert renewed.ends_at > ends_at + 4 * YEAR
    after = ends_at + dt.timedelta(days=30)
    with time_machine.travel(after):
        report = verification.report(store.read(sealed.head_id), at=after)
    assert (report.verdict, report.level) == (pades.Verdict.GOOD, Level.B_LTA)
    assert levels.standing(sealed, at=after).level is Level.B_LTA


def test_seal_that_ended_is_lost_and_not_renewed(sealed, ends_at):
    assert sealing.renew_due(at=ends_at) == 0
    standing = levels.standing(sealed, at=ends_at)
    assert (standing.level, standing.is_lost) == (Level.B_T, True)


def test_while_a_renewal_is_judged_the_older_seal_counts_and_no_alarm_is_raised(sealed, ends_at):
    at = ends_at - YEAR
    sealing.renew_due(at=at)
    sealed.refresh_from_db()
    assert levels.standing(sealed, at=at).level is Level.B_LTA
    assert levels.standing(sealed, at=at, seq=2).level is Level.B_T, "an earlier copy is what it is"
    planning.plan(at=ends_at - dt.timedelta(days=30))
    assert not Notice.objects.filter(kind__startswith="seal.").exists()


def test_alarm_comes_half_a_year_before_the_end_and_loss_is_told(sealed, ends_at, officer, admin):
    planning.plan(at=ends_at - dt.timedelta(days=200))
    assert not Notice.objects.filter(kind__startswith="seal.").exists()
    for days in (182, 91, 30, 7):
        for _twice in range(2):
            planning.plan(at=ends_at - dt.timedelta(days=days))
        told = Notice.objects.filter(kind=reminders.SEAL_ENDS.code, is_shown=True, rule=f"-{days}")
        assert sorted(told.values_list("recipient__username", flat=True)) == [
            officer.username,
            admin.username,
        ]
    planning.plan(at=ends_at + dt.timedelta(days=1))
    assert Notice.objects.filter(kind=reminders.SEAL_LOST.code, recipient=officer, is_shown=True).count() == 1


# --- What is shown ------------------------------------------------------------------------------------
def test_pages_and_command_say_the_level(sealed, login, officer, client, tmp_path, capsys, now):
    page = reverse("agreements:detail", args=[sealed.pk])
    reader = login(officer)
    assert "B-LTA</span></span>: kiểm tra được lâu dài" in reader.get(page).content.decode()
    for seq, words in (
        (3, "B-LTA</span></span>: kiểm tra được lâu dài"),
        (2, "B-T</span></span>: mỗi chữ ký có dấu thời gian"),
    ):
        content = store.read(sealed.revisions.get(seq=seq).file_id)
        answer = client.post(reverse("verify"), {"file": SimpleUploadedFile("a.pdf", content)})
        assert words in answer.content.decode()
    assert "bản mới nhất có cùng các chữ ký và thêm dấu thời gian lưu trữ" in answer.content.decode()
    file = tmp_path / "sealed.pdf"
    file.write_bytes(store.read(sealed.head_id))
    with time_machine.travel(SEALED_AT), pytest.raises(SystemExit) as ended:
        call_command("verify_document", file, "--json")
    said = json.loads(capsys.readouterr().out)
    assert (ended.value.code, said["level"]) == (0, "B-LTA")
    rows = [(row["level"], row["timestamp"]) for row in said["signatures"]]
    assert rows == [("B-LTA", False)] * 3 + [(None, True)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"check_state": "checking"},
            "B-T</span></span>: đã đóng dấu thời gian lưu trữ, đang kiểm tra lâu dài",
        ),
        ({"check_state": "bad"}, "B-T</span></span>: đã đóng dấu thời gian lưu trữ, nhưng có chữ ký"),
    ],
)
def test_page_claims_no_more_than_was_found(sealed, login, officer, now, changes, words):
    Seal.objects.update(**changes)
    assert words in login(officer).get(reverse("agreements:detail", args=[sealed.pk])).content.decode()


def test_page_says_that_the_seal_is_lost(sealed, client, ends_at):
    content = store.read(sealed.head_id)
    with time_machine.travel(ends_at):
        answer = client.post(reverse("verify"), {"file": SimpleUploadedFile("a.pdf", content)})
    assert "B-T</span></span>: dấu thời gian lưu trữ đã hết hạn ngày 09/03/2032" in answer.content.decode()


def test_new_key_renews_everything(sealed, capsys, now):
    with time_machine.travel(SEALED_AT):
        call_command("rotate_tsa_key")
        assert Seal.objects.count() == 1
        call_command("rotate_tsa_key", renew=True)
    assert "1 of 1 sealed documents were stamped anew." in capsys.readouterr().out
    assert len(timestamps.authority(at=SEALED_AT).certificates()) == 3
    assert Seal.objects.order_by("pk").last().revision.kind == Revision.Kind.RENEWAL


def test_paper_of_before_a_successor_lasts(closed):
    """The list of an issuing authority that certified nobody in the file stays out of it."""
    ceremonies.succeed(None, at=SEALED_AT)
    sealing.go_on(at=SEALED_AT)
    assert Seal.objects.get().check_state == Seal.Check.GOOD


# --- Another authority ----------------------------------------------------------------------------------
@pytest.fixture
def outside(settings, tmp_path):
    (tmp_path / "outside").mkdir()
    with tsa_server.running(tmp_path / "outside") as server:
        settings.TSA_URL, settings.TSA_CA_FILE = server.url, str(server.folder / "root.pem")
        settings.TSA_CRL_URLS = [f"{server.url}/list"]
        yield server


@pytest.fixture
def closed_today(closed):
    """Sealed at the moment of the test: the other authority has a clock of its own."""
    at = timezone.now().replace(microsecond=0)
    sealing.grow(closed, kind=Revision.Kind.SEAL, at=at)
    Seal.objects.update(check_state=Seal.Check.GOOD, checked_at=at)
    closed.refresh_from_db()
    return closed


def test_other_authority_stamps_last(closed_today, outside, tmp_path):
    at = timezone.now()
    sealing.go_on(at=at)
    own, other = Seal.objects.order_by("pk")
    assert (own.is_outside, other.is_outside, outside.asked) == (False, True, 2)
    assert (other.check_state, set(other.findings.values())) == (Seal.Check.GOOD, {"good"})
    sealing.go_on(at=at)
    assert Seal.objects.count() == 2, "once"
    closed_today.refresh_from_db()
    pdf = store.read(closed_today.head_id)
    at = max(at, other.stamped_at)
    report = verification.report(pdf, at=at)
    assert (report.verdict, report.level) == (pades.Verdict.GOOD, Level.B_LTA)
    assert [one.kind for one in report.signatures if one.is_timestamp] == ["portal", "other"]
    assert qpdf_accepts(pdf, tmp_path)
    outside.is_revoked = True
    assert verification.report(pdf, at=at).verdict is not pades.Verdict.GOOD


def test_fault_of_the_other_authority_costs_nothing(closed_today, outside, settings):
    """The portal's own seal stands; the next run asks again."""
    head, good = closed_today.head_id, settings.TSA_URL
    nowhere = "http://127.0.0.1:9"
    faults = [
        {"TSA_URL": nowhere, "is_broken": False, "is_revoked": False, "TSA_CRL_URLS": [f"{good}/list"]},
        {"TSA_URL": good, "is_broken": True, "is_revoked": False, "TSA_CRL_URLS": [f"{good}/list"]},
        {"TSA_URL": good, "is_broken": False, "is_revoked": True, "TSA_CRL_URLS": [f"{good}/list"]},
        {"TSA_URL": good, "is_broken": False, "is_revoked": False, "TSA_CRL_URLS": [nowhere]},
    ]
    for fault in faults:
        settings.TSA_URL, settings.TSA_CRL_URLS = fault["TSA_URL"], fault["TSA_CRL_URLS"]
        outside.is_broken, outside.is_revoked = fault["is_broken"], fault["is_revoked"]
        sealing.go_on(at=timezone.now())
        closed_today.refresh_from_db()
        assert (closed_today.head_id, Seal.objects.count()) == (head, 1), fault
        assert levels.standing(closed_today, at=timezone.now()).level is Level.B_LTA
    settings.TSA_CRL_URLS = [f"{good}/list"]
    sealing.go_on(at=timezone.now())
    assert Seal.objects.count() == 2
