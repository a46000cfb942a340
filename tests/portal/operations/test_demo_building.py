"""The demonstration, built whole once, on 20 September 2026."""

import datetime as dt
import io
from collections.abc import Iterator

import pikepdf
import pytest
from cryptography import x509
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from agreements import access, boards, tokens
from agreements.drifts import verify_programme
from agreements.models import (
    Certificate,
    CertificateRequest,
    Document,
    ExternalCertificate,
    ExternalRoot,
    Signature,
)
from agreements.pki import current_credential, unlock
from agreements.states import DocumentState, RequestState
from agreements.verification import Exit
from portal.agencies.models import Agency
from portal.audit import verification
from portal.audit.models import Event
from portal.files import store
from portal.lib.dates import LOCAL
from portal.notices.models import Notice
from portal.operations.demo import rounds, scenes
from portal.operations.demo.building import build
from portal.users import totp
from portal.users.models import SECOND_FACTOR_ROLES, Membership, Role, User
from tasks import indicators
from tasks.deadlines import Timeliness
from tasks.models import (
    ApprovedReview,
    Assignment,
    Cooperation,
    Evidence,
    ExtensionRequest,
    Figure,
    Programme,
    Progress,
    Proposal,
    Shortcoming,
    Urging,
    YearEndDecision,
)
from tasks.states import OPEN_ASSIGNMENT, AssignmentStatus, ProgrammeState

NOW = dt.datetime(2026, 9, 20, 8, 30, tzinfo=LOCAL)
TODAY = NOW.date()
PASSWORD, PIN = "phoi-hop-quan-dan", "2468-1357"

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def demonstration(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Build it once, in a transaction that is undone after the last test; give what was printed."""
    folder = tmp_path_factory.mktemp("demo")
    said: list[str] = []
    with (
        django_db_blocker.unblock(),
        override_settings(
            DEMO=True,
            DEMO_PASSWORD=PASSWORD,
            DEMO_PIN=PIN,
            DATA_DIR=folder,
            FILES_DIR=folder / "files",
            PKI_DIR=folder / "pki",
        ),
        transaction.atomic(),
    ):
        build(at=NOW, say=said.append)
        yield said
        transaction.set_rollback(True)


def programme(year: int) -> Programme:
    return Programme.objects.get(year=year)


def document(year: int) -> Document:
    return Document.objects.get(programme__year=year, kind=Document.Kind.PROGRAMME)


def user(username: str) -> User:
    return User.objects.get(username=username)


# --- People ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("username", "role", "agency"),
    [
        ("bchqs.troly", Role.PROGRAMME_OFFICER, "BCHQS"),
        ("bchqs.cht", Role.COMMANDER, "BCHQS"),
        ("bchqs.vanthu", Role.RECORDS_CLERK, "BCHQS"),
        ("quantri", Role.ADMINISTRATOR, "BCHQS"),
        ("mttq.ct", Role.AGENCY_HEAD, "UBMTTQ"),
        ("snv.gd", Role.AGENCY_HEAD, "SNV"),
        ("snv.daumoi", Role.FOCAL_POINT, "SNV"),
        ("sldtbxh.daumoi", Role.FOCAL_POINT, "SLDTBXH"),
        ("cat.daumoi", Role.FOCAL_POINT, "CAT"),
        ("stc.head", Role.AGENCY_HEAD, "STC"),
        ("stc.daumoi", Role.FOCAL_POINT, "STC"),
        ("sxd.pgd", Role.DEPUTY_HEAD, "SXD"),
        ("ubnd.xem", Role.VIEWER, "VPUBND"),
    ],
)
def test_account_holds_its_post(username: str, role: Role, agency: str) -> None:
    post = user(username).post
    assert post is not None
    assert (post.role, post.agency.code) == (role, agency)


def test_one_certificate_waits_for_its_release() -> None:
    request = CertificateRequest.objects.get(state=RequestState.REQUESTED)
    assert request.user.username == "sct.pgd"
    assert not Certificate.objects.filter(user=request.user).exists()


def test_every_party_has_one_head_and_one_focal_point() -> None:
    parties = set(programme(2026).signatories.values_list("agency__code", flat=True))
    heads = Membership.objects.filter(role__in=[Role.AGENCY_HEAD, Role.COMMANDER])
    focal_points = Membership.objects.filter(role=Role.FOCAL_POINT)
    assert sorted(heads.values_list("agency__code", flat=True)) == sorted(parties)
    assert sorted(focal_points.values_list("agency__code", flat=True)) == sorted(parties)


def test_one_password_opens_all_accounts() -> None:
    assert {row.password for row in User.objects.all()} == {user("quantri").password}
    assert user("quantri").check_password(PASSWORD)


def test_second_factor_is_where_the_post_needs_it() -> None:
    for post in Membership.objects.select_related("user"):
        assert totp.is_enrolled(post.user) == (post.role in SECOND_FACTOR_ROLES), post


def test_one_time_secrets_differ() -> None:
    assert totp.next_code(user("snv.gd"), at=NOW) != totp.next_code(user("stc.head"), at=NOW)


def test_names_differ() -> None:
    names = list(User.objects.values_list("full_name", flat=True))
    assert len(set(names)) == len(names)


def test_mail_leads_nowhere() -> None:
    assert all(row.email == f"{row.username}@demo.invalid" for row in User.objects.all())


# --- Extensions ---------------------------------------------------------------------------------------
def test_every_adjusted_deadline_has_its_decision() -> None:
    moved = Assignment.objects.exclude(adjusted_on=None)
    assert moved.exists()
    for row in moved:
        granted = row.extension_requests.get(state="approved")
        assert (granted.granted_on, row.extensions_granted) == (row.adjusted_on, 1)
        assert granted.decided_by == user("bchqs.cht")
    assert not Assignment.objects.filter(adjusted_on=None, extensions_granted__gt=0).exists()


def test_the_requests_of_the_file_are_told_and_one_waits_for_the_commander() -> None:
    told = dict(
        ExtensionRequest.objects.filter(assignment__programme__year=2025).values_list(
            "assignment__code", "state"
        )
    )
    assert {"1.10": "lapsed", "4.08": "refused", "2.05": "approved"}.items() <= told.items()
    waiting = ExtensionRequest.objects.get(state="pending")
    assert waiting.assignment.programme.year == 2026
    assert waiting.assignment in Assignment.objects.filter(status__in=OPEN_ASSIGNMENT)


def test_urgings_are_the_files_and_yesterdays() -> None:
    told = Urging.objects.get(assignment__programme__year=2025)
    assert (told.assignment.code, told.channel, told.on) == ("4.01", "portal", dt.date(2025, 9, 5))
    fresh = Urging.objects.filter(on=dt.date(2026, 9, 19))
    assert set(fresh.values_list("channel", flat=True)) == {"portal", "telephone"}


# --- Agencies -----------------------------------------------------------------------------------------
def test_every_party_exists_today_and_last_year() -> None:
    parties = set(programme(2026).signatories.values_list("agency_id", flat=True))
    for day in (dt.date(2025, 1, 11), TODAY):
        assert parties <= set(Agency.objects.valid_on(day).values_list("pk", flat=True))


# --- Papers -------------------------------------------------------------------------------------------
def test_last_year_is_issued_with_every_signature() -> None:
    paper = document(2025)
    assert paper.state == DocumentState.ISSUED
    assert paper.full_number == "01/CTr-BCHQS-MTTQ"
    assert paper.signatures.count() == 46


def test_this_year_about_half_have_signed() -> None:
    board = boards.board(document(2026))
    assert board.total == 46
    assert 18 <= board.signed <= 28


def test_host_and_front_have_signed_this_year() -> None:
    signed = Signature.objects.filter(document=document(2026))
    assert {"BCHQS", "UBMTTQ"} <= set(signed.values_list("field__agency__code", flat=True))


@pytest.mark.parametrize("username", ["snv.gd", "stc.head", "sxd.head", "sxd.pgd"])
def test_paper_waits_for_the_heads_that_are_tried_out(username: str) -> None:
    assert list(access.documents_to_sign(user(username), today=timezone.localdate())) == [document(2026)]


def test_round_of_this_year_is_open_for_weeks() -> None:
    paper = document(2026)
    assert paper.state == DocumentState.SIGNING
    assert paper.closes_on >= TODAY + dt.timedelta(days=30)


def test_deputy_signed_last_year_for_the_head() -> None:
    signature = Signature.objects.get(document=document(2025), field__agency__code="SXD")
    assert signature.signer.username == "sxd.pgd"
    assert signature.capacity_lines == "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"


def test_papers_show_handwriting_and_the_seals_that_were_given() -> None:
    document = Document.objects.get(state="issued", kind=Document.Kind.PROGRAMME)
    with pikepdf.open(io.BytesIO(store.read(document.head_id))) as pdf:
        fields = {
            str(field.T): field.AP.N.Resources
            for field in pdf.Root.AcroForm.Fields
            if "/V" in field and "/AP" in field
        }
        drawn = {name: set(found.get("/XObject", {}).keys()) for name, found in fields.items()}
    assert drawn["KY_001"] == drawn["KY_002"] == {"/Image", "/Seal"}
    assert drawn["KY_003"] == {"/Image"}


def test_every_signature_was_checked_and_is_good() -> None:
    assert set(Signature.objects.values_list("check_state", flat=True)) == {Signature.Check.GOOD}


def test_last_year_was_amended_and_all_whom_it_touches_signed() -> None:
    paper = Document.objects.get(kind=Document.Kind.AMENDMENT)
    assert (paper.programme.year, paper.state) == (2025, DocumentState.ISSUED)
    assert paper.full_number == "02/PL-BCHQS-MTTQ"
    assert not access.unsigned_fields().filter(document=paper).exists()
    assert 2 < paper.signatures.count() < 46, "whom it touches, the command and the Front"


def test_one_head_holds_a_token_below_a_root_that_says_it_is_invented() -> None:
    held, root = ExternalCertificate.objects.get(), ExternalRoot.objects.get()
    assert (held.agency.code, tokens.current(held.user, at=NOW)) == ("CAT", held)
    assert (root.state, "TRÌNH DIỄN" in root.owner, root.lists.count()) == ("enabled", True, 2)
    assert "TRÌNH DIỄN" in x509.load_der_x509_certificate(bytes(held.der)).issuer.rfc4514_string()


@pytest.mark.parametrize("year", [2025, 2026])
def test_what_is_tracked_is_what_was_signed(year: int) -> None:
    assert verify_programme(programme(year), at=NOW).outcome == Exit.GOOD


def test_head_can_sign_today_with_the_printed_pin() -> None:
    head = user("snv.gd")
    credential = current_credential(head, at=NOW)
    assert credential is not None
    assert unlock(credential, PIN, by=head, at=NOW).certificate == bytes(credential.certificate.der)


# --- Work ----------------------------------------------------------------------------------------------
def test_one_year_is_in_force_and_the_other_closed() -> None:
    states = dict(Programme.objects.values_list("year", "state"))
    assert states == {2025: ProgrammeState.CLOSED, 2026: ProgrammeState.IN_FORCE}


def test_rows_stand_as_the_scenes_say() -> None:
    rows = programme(2026).assignments
    assert rows.get(code=scenes.TO_ACCEPT).status == AssignmentStatus.ASSIGNED
    assert rows.get(code=scenes.TO_APPROVE).status == AssignmentStatus.AWAITING_HEAD
    assert rows.filter(status=AssignmentStatus.SUBMITTED).exists()
    standings = set(rows.with_timeliness(TODAY).values_list("standing", flat=True))
    assert standings == set(Timeliness.values)


def test_every_moved_assignment_has_a_log_that_ends_with_its_status() -> None:
    for row in Assignment.objects.exclude(status=AssignmentStatus.ASSIGNED):
        assert row.log.order_by("-at", "-pk").first().status == row.status, row


def test_log_lies_between_the_conference_and_now() -> None:
    entries = Progress.objects.filter(assignment__programme__year=2026)
    assert not entries.filter(at__lt=rounds.moment(dt.date(2026, 1, 11), 0)).exists()
    assert not entries.filter(at__gt=NOW).exists()


def test_cooperation_is_asked_for_waits_for_a_head_and_was_rated() -> None:
    rows = Cooperation.objects.select_related("share__agency")
    assert sorted(rows.values_list("state", flat=True)) == ["asked", "awaiting_head", "delivered"]
    assert rows.get(state="asked").share.agency.code == "SNV"
    assert rows.get(state="delivered").rating == Cooperation.Rating.GOOD
    assert all(row.asked_at is not None and row.asked_at < NOW for row in rows)


# --- Around it ------------------------------------------------------------------------------------------
def test_the_audit_chain_holds_and_says_once_that_it_was_loaded() -> None:
    assert verification.verify().ok
    assert Event.objects.filter(verb="demo.loaded").count() == 1


def test_no_mail_waits_for_things_long_past() -> None:
    waiting = Notice.objects.filter(mail_state=Notice.MailState.WAITING)
    assert set(waiting.values_list("kind", flat=True)) == {"certificate.requested"}  # asked for just now


def test_heads_that_still_have_to_sign_have_a_notice_unread() -> None:
    assert Notice.objects.filter(recipient=user("snv.gd"), read_at=None).exists()
    assert not Notice.objects.filter(recipient=user("mttq.ct"), read_at=None).exists()


def test_progress_was_printed(demonstration: list[str]) -> None:
    assert "Signing the programme of 2025 …" in demonstration


def test_second_build_returns_at_once() -> None:
    before = Event.objects.count()
    assert build(at=NOW, say=lambda line: None) is False
    assert Event.objects.count() == before


# --- demo_code ---------------------------------------------------------------------------------------------
def test_demo_code_prints_a_code_that_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_code", "snv.gd")
    code = capsys.readouterr().out.strip()
    assert totp.consume(user("snv.gd"), code, at=dt.datetime.now(LOCAL))


def test_demo_code_never_gives_a_used_one(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_code", "stc.head")
    first = capsys.readouterr().out.strip()
    totp.consume(user("stc.head"), first, at=dt.datetime.now(LOCAL))
    call_command("demo_code", "stc.head")
    assert capsys.readouterr().out.strip() != first


@pytest.mark.parametrize(("username", "says"), [("nobody", "nobody"), ("snv.daumoi", "snv.daumoi")])
def test_demo_code_says_whom_it_cannot_help(username: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("demo_code", username)


def test_files_of_evidence_lie_in_both_years_whole_and_marked():
    rows = Evidence.objects.select_related("assignment__programme", "file")
    assert {row.assignment.programme.year for row in rows} == {2025, 2026}
    assert {row.name.rpartition(".")[2] for row in rows} == {"pdf", "png", "csv"}
    assert any(row.agency_id != row.assignment.lead_id for row in rows)
    assert all(row.uploaded_at < NOW for row in rows)
    text = next(row for row in rows if row.name.endswith(".csv"))
    assert "TRÌNH DIỄN" in store.read(text.file_id).decode()


@pytest.mark.parametrize(("code", "target"), [("2.01", 3505), ("2.02", 429)])
def test_conscripts_are_divided_over_27_districts_and_the_page_says_that_it_is_invented(
    code: str, target: int
) -> None:
    for row in Assignment.objects.filter(code=code).select_related("measure"):
        measure = row.measure
        shares = [quota.share for quota in measure.quotas.all()]
        assert (len(shares), sum(shares), measure.state) == (27, target, "settled")
        assert "minh họa" in measure.note
        assert (indicators.total_of(measure) or 0) == row.actual
        if row.actual:
            assert Figure.objects.filter(indicator=measure, corrects__isnull=False).count() == 1


def test_what_last_year_left_goes_on_and_its_ledger_is_kept() -> None:
    decisions = list(YearEndDecision.objects.select_related("assignment", "carried_to__programme"))
    assert {row.assignment.code for row in decisions} == set(scenes.CARRIED_OVER)
    assert all(row.carried_to.copied_from_id == row.assignment_id for row in decisions)
    assert Shortcoming.objects.filter(state="gone").count() == 1
    assert not Shortcoming.objects.filter(solutions=None).exists()
    assert set(Proposal.objects.values_list("state", flat=True)) == {"open", "accepted", "refused"}


def test_reviews_are_approved_and_the_annual_one_tells_the_grades() -> None:
    rows = ApprovedReview.objects.order_by("period__code")
    numbers = [("2025-H1", "61"), ("2025-Y", "15"), ("2026-H1", "64")]
    assert list(rows.values_list("period__code", "number")) == numbers
    half, year, _running = ({one["name"]: one for one in row.content["sections"]} for row in rows)
    assert "grades" not in half
    assert year["grades"]["paragraphs"][0]["text"].startswith("Xếp loại 39 cơ quan")
