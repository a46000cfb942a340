"""A walk through real pages with the second wall up, as in a process that serves the web.

A policy that hides a row makes an UPDATE do nothing and say nothing. So each step looks, past the wall,
whether the row is really changed.
"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agreements import certificates, keys
from agreements.models import Certificate, CertificateRequest, Credential
from portal.files import store
from portal.files.models import Recall
from portal.lib import walls
from portal.notices.models import Notice
from portal.users import sessions, totp
from portal.users.models import Membership, Role, SignIn, User
from portal.users.records import Invitation, Recovery
from tasks import assignments
from tasks.models import (
    Assignment,
    Consolidation,
    Evidence,
    ExtensionRequest,
    Figure,
    Programme,
    Progress,
    Quota,
    ReportingPeriod,
    SendingGrant,
)
from tests import factories
from tests.conftest import step_up_for
from tests.factories import NOW, PASSWORD, TODAY, certify, person
from tests.tasks import reporting

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]
PIN = keys.derive_pin("2468-1357", n=2**14)
NEW_PASSWORD = "bon tu de nho lam"
SET_UP = "/account/second-factor/set-up/"


class Web(Client):
    """A browser before a process that serves the web: outside of its requests that process is nobody."""

    def request(self, **facts):
        walls.close()
        try:
            return super().request(**facts)
        finally:
            walls._outside = walls.EVERYTHING
            walls._put_or_close(walls.EVERYTHING)


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.PKI_DIR, settings.FILES_DIR = tmp_path / "pki", tmp_path / "files"
    settings.INCOMING_DIR, settings.QUARANTINE_DIR = tmp_path / "incoming", tmp_path / "quarantine"


def by_password(user: User) -> Web:
    """A browser in which the user has typed the password."""
    web = Web()
    web.post("/login/", {"login": user.username, "password": PASSWORD})
    return web


def signed_in(user: User, *, for_: str = "", path: str = "") -> Web:
    """A browser in which the user is signed in, with a factor, and has just made a step-up."""
    web = Web()
    web.force_login(user)
    if not totp.is_enrolled(user):
        totp.enrol(user)
    if for_:
        step_up_for(web, user, for_, path)
    return web


# --- Certificates -------------------------------------------------------------------------------------
@pytest.fixture
def asked(head, officer) -> CertificateRequest:
    return certificates.ask(head, pin=PIN, by=head, at=NOW)


@pytest.fixture
def held(head) -> Certificate:
    return certify(head, pin=PIN, at=NOW)


def test_signer_asks_and_withdraws(head, officer):
    path = reverse("agreements:ask_certificate")
    web = signed_in(head, for_="certificate", path=path)
    assert web.post(path, {"pin": "2468-1357", "again": "2468-1357"}).status_code == 302
    assert CertificateRequest.objects.get().state == "requested"
    assert web.post(reverse("agreements:withdraw_certificate_request")).status_code == 302
    row = CertificateRequest.objects.get()
    assert (row.state, bytes(row.sealed_key)) == ("withdrawn", b"")


@pytest.mark.parametrize("who", ["officer", "commander"])
def test_release(cast, asked, who):
    path = reverse("agreements:certificate_request", args=[asked.pk])
    web = signed_in(getattr(cast, who), for_="certificate", path=path)
    assert web.post(path, {"compared": asked.fingerprint[-8:]}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, bytes(asked.sealed_key)) == ("released", b"")
    assert bytes(Credential.objects.get(certificate__user=asked.user).sealed_key)
    assert Notice.objects.filter(recipient=asked.user, kind="certificate.released").exists()


def test_refuse(commander, asked, officer):
    path = reverse("agreements:refuse_certificate", args=[asked.pk])
    assert signed_in(officer).post(path, {"reason": "Mã đọc không khớp"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, bytes(asked.sealed_key)) == ("refused", officer, b"")
    to_commander = Notice.objects.get(recipient=commander, kind="certificate.requested")
    assert to_commander.read_at, "nothing is left to do there"


@pytest.mark.parametrize("who", ["officer", "head"])
def test_revoke(cast, held, who):
    path = reverse("agreements:revoke_certificate", args=[held.pk])
    web = signed_in(getattr(cast, who), for_="certificate", path=path)
    assert web.post(path, {"reason": "key_compromise"}).status_code == 302
    held.refresh_from_db()
    assert held.revoked_at == NOW
    assert bytes(Credential.objects.get().sealed_key) == b""


def test_wrong_pin_counts_and_a_right_one_forgives(held, head):
    web, path = signed_in(head), reverse("agreements:revoke_certificate", args=[held.pk])
    sent = {"for": "certificate", "next": path}
    for answer, failures in (("8642-7531", 1), ("2468-1357", 0)):
        web.post("/account/step-up/", sent | {"answer": answer, "code": totp.next_code(head, at=NOW)})
        assert Credential.objects.get().failures == failures


def test_handover_destroys_the_key_of_the_predecessor(held, head, admin):
    web = signed_in(admin, for_="users")
    sent = {
        "full_name": "Lý Văn Kế",
        "username": "sxd.moi",
        "email": "ke@example.vn",
        "starts_on": TODAY.isoformat(),
        "document": "125/QĐ-UBND",
        "document_on": "2026-03-02",
    }
    path = f"{reverse('handovers:new')}?post={head.memberships.get().pk}"
    shown = web.post(path, sent)
    assert shown.context["waiting"].has_key
    assert shown.context["waiting"].unread, "of the predecessor, whose notices no other page shows"
    assert web.post(path, sent | {"confirmed": "1"}).status_code == 200
    assert not Credential.objects.exists()
    assert Membership.objects.valid_on(TODAY).get(role="agency_head").user.username == "sxd.moi"


# --- Work and evidence --------------------------------------------------------------------------------
def test_report_is_sent_approved_and_confirmed(assignment, focal_point, head, officer):
    words = {"actual": "4", "percent": "40", "text": "Đã rà soát bốn xã."}
    steps = (
        (focal_point, "accept", {}),
        (focal_point, "report_progress", words),
        (focal_point, "submit_to_head", words),
        (head, "approve", {}),
        (officer, "confirm", {}),
    )
    for user, step, sent in steps:
        path = reverse(f"assignments:{step}", args=[assignment.pk])
        version = assignments.version_of(assignment)
        assert signed_in(user).post(path, sent | {"version": version}).status_code == 302, step
        assignment.refresh_from_db()
    assert assignment.status == "confirmed"
    assert Progress.objects.filter(assignment=assignment).count() == len(steps)


def test_a_result_goes_to_the_command_by_the_heads_leave(assignment, focal_point, head):
    page = reverse("reports:grant")
    assert signed_in(head).post(page, {"valid_until": ""}).status_code == 302
    grant = SendingGrant.objects.get()
    words = {"actual": "4", "percent": "40", "text": "Đã rà soát bốn xã.", "version": ""}
    for step in ("accept", "submit_to_head"):
        version = assignments.version_of(assignment)
        path = reverse(f"assignments:{step}", args=[assignment.pk])
        assert signed_in(focal_point).post(path, words | {"version": version}).status_code == 302
        assignment.refresh_from_db()
    assert (assignment.status, assignment.log.first().grant) == ("submitted", grant)
    assert signed_in(head).post(reverse("reports:revoke_grant", args=[grant.pk])).status_code == 302
    grant.refresh_from_db()
    assert grant.revoked_by == head


def test_reports_are_consolidated_edited_frozen_and_numbered(programme, cast):
    reporting.first_quarter(programme)
    reporting.submit(reporting.of("SXD"), cast.head)
    period = ReportingPeriod.objects.get()

    def press(user: User, name: str, *more: str, **sent: str) -> None:
        path = reverse(f"consolidations:{name}", args=[period.pk, *more])
        assert signed_in(user).post(path, sent).status_code == 302, name

    press(cast.officer, "draft")
    row = Consolidation.objects.get()
    paragraph = row.paragraphs.get(section="plans", kind="words")
    press(cast.officer, "save", "plans", version="0", **{f"text_{paragraph.pk}": "Đã sửa."})
    reporting.submit(reporting.of("UBMTTQ"), cast.front_head, at=NOW + reporting.MINUTE)
    press(cast.officer, "refresh", version="1")
    press(cast.commander, "freeze", version="2", reason="Gửi sau.")
    press(cast.clerk, "number", version="3", number="12", issued_on=TODAY.isoformat())
    row.refresh_from_db()
    assert (row.state, row.number, row.frozen_by) == ("frozen", "12", cast.commander)
    assert "Đã sửa." in row.paragraphs.values_list("text", flat=True)
    assert len(row.content["sent"]) == 2


@pytest.fixture
def evidence(assignment, department, focal_point) -> Evidence:
    file = store.put(b"content", media_type="text/plain; charset=utf-8", at=NOW)
    return factories.EvidenceFactory(
        assignment=assignment, agency=department, file=file, uploaded_by=focal_point
    )


ASKED = {"new_on": "2026-04-20", "reason": "Chờ ý kiến thẩm định"}


@pytest.mark.parametrize("who", ["commander", "deputy of the host"])
def test_extension_is_asked_for_and_granted(assignment, focal_point, commander, host, who):
    Programme.objects.update(deputies_decide_extensions=who != "commander")
    decides = commander if who == "commander" else person("bchqs.pcht", Role.DEPUTY_HEAD, host)
    signed_in(focal_point).post(reverse("extensions:ask", args=[assignment.pk]), ASKED)
    asked = ExtensionRequest.objects.get()
    granted = {"granted_on": "2026-04-15", "note": ""}
    signed_in(decides).post(reverse("extensions:approve", args=[asked.pk]), granted)
    asked.refresh_from_db()
    assignment.refresh_from_db()
    assert (asked.state, f"{asked.granted_on}", asked.decided_by) == ("approved", "2026-04-15", decides)
    assert (f"{assignment.due_on}", assignment.extensions_granted) == ("2026-04-15", 1)
    assert Notice.objects.filter(kind="extension.approved", recipient=focal_point).exists()


@pytest.mark.parametrize("step", ["refuse", "withdraw"])
def test_extension_is_refused_or_withdrawn(assignment, focal_point, head, commander, step):
    signed_in(focal_point).post(reverse("extensions:ask", args=[assignment.pk]), ASKED)
    asked = ExtensionRequest.objects.get()
    who = commander if step == "refuse" else head
    signed_in(who).post(reverse(f"extensions:{step}", args=[asked.pk]), {"reason": "Chưa đủ căn cứ"})
    asked.refresh_from_db()
    assert asked.state == {"refuse": "refused", "withdraw": "withdrawn"}[step]
    assert not Notice.objects.filter(kind="extension.asked", read_at=None).exists()


@pytest.mark.parametrize("who", ["officer", "commander"])
def test_agency_is_urged(cast, programme, front_head, who):
    late = programme.assignments.get(code="1.02")
    web = signed_in(getattr(cast, who))
    web.post(reverse("urgings:assignment", args=[late.pk]), {"text": "Đề nghị khẩn trương"})
    call = {"person": "Đàm Thục Nhi", "text": "Hẹn ngày 12/3"}
    web.post(reverse("urgings:assignment", args=[late.pk]), call)
    assert set(late.urgings.values_list("channel", flat=True)) == {"portal", "telephone"}
    assert Notice.objects.filter(kind="assignment.urged", recipient=front_head).exists()
    assert "Hẹn ngày 12/3" in signed_in(front_head).get(late.get_absolute_url()).content.decode()


@pytest.mark.parametrize("who", ["focal_point", "front_head"])
def test_evidence_is_added_by_lead_and_coordinator(cast, assignment, who):
    path = reverse("assignments:add_evidence", args=[assignment.pk])
    sent = {
        "title": "Biên bản",
        "declared": "on",
        "sent": SimpleUploadedFile("a.txt", "Nội dung".encode()),
    }
    assert signed_in(getattr(cast, who)).post(path, sent).status_code == 302
    assert Evidence.objects.get().uploaded_by == getattr(cast, who)


@pytest.mark.parametrize("who", ["focal_point", "head"])
def test_evidence_is_withdrawn_by_its_agency(cast, evidence, who):
    path = reverse("assignments:withdraw_evidence", args=[evidence.assignment_id, evidence.pk])
    assert signed_in(getattr(cast, who)).post(path, {"reason": "Nhầm tệp"}).status_code == 302
    evidence.refresh_from_db()
    assert (evidence.state, evidence.withdrawn_by) == ("withdrawn", getattr(cast, who))


@pytest.mark.parametrize("who", ["officer", "commander", "admin"])
def test_file_is_recalled_wherever_it_is_in_use(cast, evidence, front, front_head, who):
    own = {"assignment": evidence.assignment, "file": evidence.file}
    factories.EvidenceFactory(**own, agency=front, uploaded_by=front_head)
    path = reverse("assignments:recall_evidence", args=[evidence.assignment_id, evidence.pk])
    if who == "admin":  # who does not see the assignment's page, but that a file is there
        path = reverse("admin:tasks_evidence_recall", args=[evidence.pk])
    assert signed_in(getattr(cast, who)).post(path, {"reason": "Có dấu chỉ độ mật"}).status_code == 302
    assert Recall.objects.get().by == getattr(cast, who)
    assert not store.path_of(evidence.file_id).exists()
    told = Notice.objects.filter(kind="evidence.recalled").values_list("recipient__username", flat=True)
    assert {"sxd.daumoi", "ubmttq.head"} <= set(told), "both who uploaded it"


# --- Indicators -----------------------------------------------------------------------------------------
def test_a_target_is_divided_settled_entered_and_corrected(assignment, focal_point, head, front_head, front):
    """The coordinating agency's figure moves the lead's total and its log, which it may not write in."""
    Assignment.objects.filter(pk=assignment.pk).update(status="in_progress")
    lead, pk = assignment.lead_id, assignment.pk
    web, path = signed_in(focal_point), reverse("indicators:distribute", args=[pk])
    district = factories.LocalityFactory()
    first = {"version": "0", f"agency_{lead}": "6", f"locality_{district.pk}": "4"}
    assert web.post(path, first).status_code == 302
    second = {"version": "1", f"agency_{lead}": "7", f"agency_{front.pk}": "3"}
    assert web.post(path, second).status_code == 302
    assert sorted(Quota.objects.values_list("share", flat=True)) == [3, 7], "changed, added and taken out"
    assert signed_in(head).post(reverse("indicators:settle", args=[pk]), {"version": "2"}).status_code == 302
    assert Notice.objects.filter(kind="quota.settled", recipient=front_head).exists()
    quota = Quota.objects.get(agency=front)
    sent = {"on": "2026-03-09", f"value_{quota.pk}": "2"}
    web = signed_in(front_head)
    assert web.post(reverse("indicators:enter", args=[pk]), sent).status_code == 302
    figure = Figure.objects.get()
    path = reverse("indicators:correct", args=[pk, figure.pk])
    assert web.post(path, {"value": "1", "reason": "Đếm trùng"}).status_code == 302
    assignment.refresh_from_db()
    assert assignment.actual == 1
    assert list(Progress.objects.filter(by=front_head).values_list("actual", flat=True)) == [1, 2]


# --- Coming in ----------------------------------------------------------------------------------------
def test_invitation_and_activation(outside, admin, stranger):
    sent = {
        "full_name": "Cao Bá Trưởng",
        "username": "ctk.head",
        "email": "truong@example.vn",
        "agency": outside.pk,
        "role": "agency_head",
        "valid_from": TODAY.isoformat(),
    }
    slip = signed_in(admin, for_="users").post(reverse("people:invite"), sent)
    issued, web = slip.context["issued"], Web()
    form = {"activation_code": issued.code, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert web.post(f"/activate/{issued.token}/", form).url == "/"
    assert User.objects.get(username="ctk.head").check_password(NEW_PASSWORD)
    assert Invitation.objects.get().used_at == NOW
    assert web.get("/").url == SET_UP


def test_recovery_of_a_lost_factor(head, officer, admin):
    for user in (head, officer, admin):
        totp.enrol(user)
    officers, admins = (signed_in(user, for_="users") for user in (officer, admin))
    note = {"person": head.pk, "note": "Gặp trực tiếp, đã xem căn cước."}
    assert officers.post(reverse("people:lost_factors"), note).status_code == 302
    row = Recovery.objects.get()
    assert admins.post(reverse("people:approve_recovery", args=[row.pk])).status_code == 302
    shown = officers.post(reverse("people:show_recovery_code", args=[row.pk]))
    web = by_password(head)
    web.post("/account/second-factor/code/", {"code": shown.context["code"]})
    row.refresh_from_db()
    assert (row.approved_by, row.used_at) == (admin, NOW)
    assert web.get("/").url == SET_UP


def test_sign_in_is_ended_by_its_owner(focal_point):
    other, own = by_password(focal_point), by_password(focal_point)
    pk = SignIn.objects.exclude(pk=sessions.own_id(own.session)).get().pk
    assert own.post(reverse("account_end_session", args=[pk])).status_code == 302
    assert SignIn.objects.get().pk == sessions.own_id(own.session)
    assert other.get("/").url.startswith("/login/")


# --- Notices ------------------------------------------------------------------------------------------
@pytest.fixture
def unread(assignment, focal_point, head) -> list[Notice]:
    facts = {"subject_type": "tasks.assignment", "subject_id": assignment.pk, "due_on": TODAY}
    when = {"created_at": NOW, "send_after": NOW}
    return [
        Notice.objects.create(kind="assignment.due", recipient=user, rule="-7", **facts, **when)
        for user in (focal_point, head)
    ]


@pytest.mark.parametrize("name", ["notices:open", "notices:read_all"])
def test_ones_own_notices_are_marked_read(focal_point, unread, name):
    own, other = unread
    path = reverse(name, args=[own.pk] if name == "notices:open" else [])
    assert signed_in(focal_point).post(path).status_code == 302
    for row, read_at in ((own, NOW), (other, None)):
        row.refresh_from_db()
        assert row.read_at == read_at
