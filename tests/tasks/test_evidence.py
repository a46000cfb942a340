"""Evidence: who may add, withdraw, recall and see it, when, and what stays on record."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.files import store, uploads
from portal.files.models import Recall, StoredFile
from portal.files.refusals import FileRefused
from portal.files.uploads import received
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users.models import Membership, Role
from tasks import access, evidence
from tasks.models import Assignment, Evidence, Programme
from tasks.states import OPEN_ASSIGNMENT, AssignmentStatus, ProgrammeState
from tests import factories
from tests.factories import NOW, person
from tests.portal.files import samples
from tests.portal.files.conftest import left_in

pytestmark = pytest.mark.django_db
TEXT = "Nội dung không mật".encode()
WORKERS = {"head", "deputy", "focal_point", "front_head"}
"""Of the lead (SXD) and of the Front, which coordinates 1.01."""


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"
    settings.QUARANTINE_DIR = tmp_path / "quarantine"
    return tmp_path


@pytest.fixture
def row(assignment):
    """Give the assignment with what its page has in hand."""
    return Assignment.objects.select_related("programme").get(pk=assignment.pk)


def sent(name="Biên bản.txt", content=TEXT):
    return SimpleUploadedFile(name, content)


def upload(row, user, file=None, **changes):
    values = {"title": "Biên bản bàn giao", "declared": True} | changes
    return evidence.upload(row, by=user, at=NOW, sent=file or sent(), **values)


def put(row, **columns):
    Assignment.objects.filter(pk=row.pk).update(**columns)
    return Assignment.objects.select_related("programme").get(pk=row.pk)


def made(row, agency, content=b"content", **fields):
    """Make a row of evidence with its bytes, as if it had been uploaded."""
    file = store.put(content, media_type="text/plain; charset=utf-8", at=NOW)
    return factories.EvidenceFactory(assignment=row, agency=agency, file=file, **fields)


# --- Adding ------------------------------------------------------------------------------------------
def test_file_is_kept_with_who_when_and_the_declaration(row, focal_point):
    added = upload(row, focal_point)
    found = Evidence.objects.get()
    assert added == found
    assert (found.name, found.title, found.uploaded_by, found.uploaded_at, found.agency.code) == (
        "Biên bản.txt",
        "Biên bản bàn giao",
        focal_point,
        NOW,
        "SXD",
    )
    assert found.declaration == "2026-1"
    assert store.read(found.file_id) == TEXT
    event = Event.objects.get(verb="evidence.added")
    assert json.loads(event.payload)["declaration"] == "2026-1"


@pytest.mark.parametrize(
    "name",
    ["officer", "commander", "clerk", "admin", "front_head", "head", "deputy", "focal_point", "viewer"],
)
def test_lead_and_coordinators_may_add(row, cast, name):
    user = getattr(cast, name)
    if name in WORKERS:
        assert upload(row, user).agency_id == user.agency_id
    else:
        with pytest.raises(PermissionDenied):
            upload(row, user)
        assert not Evidence.objects.exists()
    assert access.may_add_evidence(user, row) == (name in WORKERS)


def test_stranger_may_not_add(row, stranger):
    with pytest.raises(PermissionDenied):
        upload(row, stranger)


@pytest.mark.parametrize("status", AssignmentStatus)
def test_files_are_added_while_the_result_is_owed(row, focal_point, status):
    row = put(row, status=status, submitted_on="2026-03-01")
    if status in OPEN_ASSIGNMENT:
        upload(row, focal_point)
    else:
        with pytest.raises(RuleError):
            upload(row, focal_point)
    assert Evidence.objects.exists() == (status in OPEN_ASSIGNMENT)


@pytest.mark.parametrize("state", [s for s in ProgrammeState if s != ProgrammeState.IN_FORCE])
def test_nothing_is_added_outside_a_programme_in_force(row, focal_point, state):
    Programme.objects.filter(pk=row.programme_id).update(state=state)
    with pytest.raises(RuleError):
        upload(put(row), focal_point)


def test_result_that_was_sent_meanwhile_refuses_the_file(row, focal_point):
    """The lost race: the page was open, the look was done, the head approved."""
    put(row, status="submitted", submitted_on="2026-03-01")  # row in hand still says assigned
    with pytest.raises(RuleError):
        upload(row, focal_point)
    assert not Evidence.objects.exists()
    assert not StoredFile.objects.exists()


def test_without_the_declaration_nothing_is_even_looked_at(row, focal_point, folders):
    with pytest.raises(RuleError):
        upload(row, focal_point, declared=False)
    assert left_in(folders) == []


def test_same_file_twice_is_refused_but_not_for_another_agency(row, focal_point, front_head):
    upload(row, focal_point)
    with pytest.raises(RuleError):
        upload(row, focal_point, sent("Tên khác.txt"))
    upload(row, front_head)
    assert Evidence.objects.count() == 2
    assert StoredFile.objects.count() == 1


def test_database_holds_that_a_file_is_there_once(row, department):
    first = made(row, department)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.EvidenceFactory(assignment=row, agency=department, file=first.file)


def test_an_agency_keeps_at_most_twenty_files(row, department, focal_point):
    for number in range(evidence.MOST):
        made(row, department, content=b"%d" % number)
    with pytest.raises(RuleError, match="20"):
        upload(row, focal_point)


# --- Refusing ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", samples.HOSTILE)
def test_refused_file_leaves_nothing_but_an_event(row, focal_point, folders, case):
    name, content, reason = samples.HOSTILE[case]
    with pytest.raises(FileRefused) as refusal:
        upload(row, focal_point, sent(name, content))
    assert refusal.value.reason == reason if reason else refusal.value.reason
    assert left_in(folders) == []
    assert not StoredFile.objects.exists()
    assert not Evidence.objects.exists()
    payload = json.loads(Event.objects.get(verb="file.refused").payload)
    assert set(payload) == {"reason", "size", "sha256"}
    assert payload["reason"] == refusal.value.reason


def test_too_large_file_is_refused(row, focal_point, folders, settings):
    settings.UPLOAD_LIMIT = 1000
    with pytest.raises(FileRefused) as refusal:
        upload(row, focal_point, sent("a.txt", b"a" * 1001))
    assert refusal.value.reason == "too_large"
    assert left_in(folders) == []


def test_marked_title_is_refused(row, focal_point):
    with pytest.raises(FileRefused) as refusal:
        upload(row, focal_point, title="TỐI MẬT")
    assert refusal.value.reason == "marking"


def test_recalled_bytes_are_refused_from_anybody(row, focal_point, front_head, officer):
    evidence.recall(upload(row, focal_point), by=officer, at=NOW, reason="Nộp nhầm")
    for user, name in ((focal_point, "a.txt"), (front_head, "b.csv")):
        with pytest.raises(FileRefused) as refusal:
            upload(row, user, sent(name))
        assert refusal.value.reason == "recalled"


def test_bytes_recalled_during_the_look_are_refused(row, focal_point, officer):
    """The lost race: somebody recalls the same bytes after they passed the sandbox."""
    other = made(row, row.lead, content=TEXT, state="withdrawn", withdrawn_at=NOW)
    with received(sent(), title="Biên bản", about=row, by=focal_point, at=NOW) as looked_at:
        Recall.objects.create(file=other.file, by=officer, at=NOW, reason="x")
        with pytest.raises(FileRefused):
            evidence.add(row, by=focal_point, at=NOW, upload=looked_at, title="Biên bản")


def test_who_sends_bad_files_without_end_waits(row, focal_point, head):
    """Only that person, and only for a while."""
    for _time in range(uploads.MOST_REFUSED):
        with pytest.raises(FileRefused):
            upload(row, focal_point, sent("a.exe"))
    with pytest.raises(RuleError, match="quá nhiều tệp") as refusal:
        upload(row, focal_point)
    assert not isinstance(refusal.value, FileRefused)
    upload(row, head)
    later, words = NOW + uploads.REFUSED_WITHIN, {"title": "Biên bản", "declared": True}
    evidence.upload(row, by=focal_point, at=later, sent=sent(content=b"khac"), **words)
    assert Event.objects.filter(verb="file.refused").count() == uploads.MOST_REFUSED


# --- Withdrawing -------------------------------------------------------------------------------------
def test_agency_withdraws_its_own_and_the_trace_stays(row, head, focal_point):
    mine = upload(row, focal_point)
    evidence.withdraw(mine, by=head, at=NOW, reason="Nộp nhầm bản")
    found = Evidence.objects.get()
    assert (found.state, found.withdrawn_by, found.withdrawn_at, found.withdrawal_reason) == (
        "withdrawn",
        head,
        NOW,
        "Nộp nhầm bản",
    )
    assert store.read(found.file_id) == TEXT
    assert Event.objects.filter(verb="evidence.withdrawn").count() == 1


@pytest.mark.parametrize(
    "name", ["officer", "commander", "clerk", "admin", "front_head", "viewer", "stranger"]
)
def test_nobody_withdraws_anothers(row, cast, department, name):
    mine = made(row, department)
    with pytest.raises(PermissionDenied):
        evidence.withdraw(mine, by=getattr(cast, name), at=NOW, reason="Lý do")


def test_nothing_is_withdrawn_once_the_result_was_sent(row, department, focal_point):
    mine = made(row, department)
    put(row, status="submitted", submitted_on="2026-03-01")
    with pytest.raises(RuleError):
        evidence.withdraw(mine, by=focal_point, at=NOW, reason="Lý do")


def test_withdrawing_twice_is_refused(row, department, focal_point):
    mine = made(row, department)
    twin = Evidence.objects.get(pk=mine.pk)
    evidence.withdraw(mine, by=focal_point, at=NOW, reason="Lý do")
    with pytest.raises(RuleError):
        evidence.withdraw(twin, by=focal_point, at=NOW, reason="Lý do")


def test_withdrawn_file_can_be_added_again(row, focal_point):
    evidence.withdraw(upload(row, focal_point), by=focal_point, at=NOW, reason="Sai tên")
    upload(row, focal_point, title="Tên đúng")
    assert Evidence.objects.count() == 2


# --- Recalling ---------------------------------------------------------------------------------------
def test_recall_reaches_every_row_with_the_same_bytes(row, programme, focal_point, front_head, officer):
    first, second = upload(row, focal_point), upload(row, front_head)
    other = programme.assignments.select_related("programme").get(code="1.02")
    third = upload(other, front_head)
    evidence.recall(first, by=officer, at=NOW, reason="Có dấu chỉ độ mật")
    for one in (first, second, third):
        assert Evidence.objects.get(pk=one.pk).recalled
        assert not Evidence.objects.get(pk=one.pk).has_content
    assert Event.objects.filter(verb="file.recalled").count() == 1


def test_uploader_head_and_officers_are_told(row, deputy, head, focal_point, officer, commander):
    """The deputy uploaded it; the commander recalls it. Mail says nothing of the file."""
    mine = upload(row, deputy)
    evidence.recall(mine, by=commander, at=NOW, reason="Có dấu chỉ độ mật")
    told = Notice.objects.filter(kind__startswith="evidence.")
    assert {notice.recipient for notice in told} == {deputy, head, focal_point, officer}
    assert "Có dấu" not in "".join(notice.text_vi for notice in told)
    assert "Biên bản" not in "".join(notice.text_vi for notice in told)


def test_uploader_who_moved_to_another_agency_is_not_told(row, deputy, outside, commander):
    mine = upload(row, deputy)
    Membership.objects.filter(user=deputy).update(valid_to=NOW.date() - dt.timedelta(days=1))
    factories.MembershipFactory(user=deputy, agency=outside, valid_from=NOW.date())
    evidence.recall(mine, by=commander, at=NOW, reason="Có dấu chỉ độ mật")
    assert not Notice.objects.filter(recipient=deputy, kind__startswith="evidence.").exists()


def test_whoever_recalls_is_not_told(row, focal_point, officer):
    evidence.recall(upload(row, focal_point), by=officer, at=NOW, reason="Có dấu chỉ độ mật")
    assert not Notice.objects.filter(recipient=officer, kind__startswith="evidence.").exists()


# --- Seeing ------------------------------------------------------------------------------------------
SEEN = {
    "officer": {"lead's", "coordinator's"},
    "commander": {"lead's", "coordinator's"},
    "clerk": {"lead's", "coordinator's"},
    "head": {"lead's", "coordinator's"},
    "deputy": {"lead's", "coordinator's"},
    "focal_point": {"lead's", "coordinator's"},
    "front_head": {"coordinator's"},
    "viewer": set(),
    "admin": set(),
    "stranger": set(),
}
"""Own agency, the command; a coordinator's contribution also its lead. As docs/access.md has it."""


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.parametrize("ended", ["in use", "withdrawn", "recalled", "confirmed"])
def test_who_sees_what(row, cast, department, front, officer, name, ended):
    rows = {
        "lead's": made(row, department, content=b"1"),
        "coordinator's": made(row, front, content=b"2"),
    }
    for one in rows.values():
        if ended == "withdrawn":
            Evidence.objects.filter(pk=one.pk).update(state="withdrawn", withdrawn_at=NOW)
        if ended == "recalled":
            Recall.objects.create(file=one.file, by=officer, at=NOW, reason="x")
    if ended == "confirmed":
        put(row, status="confirmed", submitted_on="2026-03-01")
    user = getattr(cast, name)
    visible = set(access.visible_evidence(user))
    assert {label for label, one in rows.items() if one in visible} == SEEN[name]
    assert access.may_see_evidence(user, row) == bool(SEEN[name])


def test_a_second_coordinator_does_not_see_the_first(row, front):
    office = factories.AgencyFactory(code="STC")
    factories.SignatoryFactory(programme=row.programme, agency=office, order=9, place="annex")
    factories.CoordinationFactory(assignment=row, agency=office)
    neighbour = person("stc.daumoi", Role.FOCAL_POINT, office)
    made(row, front)
    assert not access.visible_evidence(neighbour).exists()
