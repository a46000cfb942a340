"""Papers on file: who puts which there for whom, what is refused, and who reads them."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from agreements import access, authorisations, certificate_reminders, pki
from agreements.models import Authorisation, Credential
from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users.models import Membership, Role
from tests.factories import NOW, TODAY, AuthorisationFactory, person
from tests.portal.files.making import pdf

pytestmark = pytest.mark.usefixtures("now")
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def incoming(settings, tmp_path):
    settings.INCOMING_DIR = tmp_path / "incoming"


@pytest.fixture
def put(programme, head, focal_point):
    """Put a paper on file, as the head does."""

    def do(to=focal_point, by=head, content=None, name="Giấy ủy quyền.pdf", **given):
        facts = {
            "capacity": "tuq",
            "title": "Chánh Văn phòng",
            "programme": programme,
            "reference": "12/GUQ-SXD",
            "dated_on": TODAY - DAY,
            "valid_from": TODAY,
            "valid_until": TODAY + 30 * DAY,
        }
        sent = SimpleUploadedFile(name, pdf() if content is None else content)
        return authorisations.upload(to, by=by, at=NOW, sent=sent, **(facts | given))

    return do


def test_paper_of_the_head_is_on_file(put, head, focal_point, department):
    row = put()
    assert (row.person, row.agency, row.recorded_by) == (focal_point, department, head)
    assert (row.file.media_type, row.file_name) == ("application/pdf", "Giấy ủy quyền.pdf")
    assert Event.objects.get(verb="authorisation.granted").agency_code == "SXD"
    assert access.may_hold_certificate(focal_point)
    told = Notice.objects.get(kind=certificate_reminders.AUTHORISED.code)
    assert (told.recipient, "12/GUQ-SXD" in told.text_vi) == (focal_point, True)


@pytest.mark.parametrize("capacity", ["tuq", "tl"])
def test_deputy_signs_kt_and_needs_no_paper(put, deputy, capacity):
    with pytest.raises(RuleError, match="KT"):
        put(deputy, capacity=capacity)


def test_deputy_may_act_as_head(put, deputy, officer):
    assert put(deputy, officer, capacity="q", title="").capacity == "q"


@pytest.mark.parametrize("given", [{"programme": None}, {"valid_until": None}, {"title": ""}])
def test_tuq_is_limited_and_names_a_title(put, given):
    with pytest.raises(RuleError):
        put(**given)
    assert not Authorisation.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"dated_on": TODAY + DAY, "valid_from": TODAY + DAY},
        {"dated_on": TODAY, "valid_from": TODAY - DAY},
        {"valid_until": TODAY - DAY},
    ],
)
def test_days_stand_in_order(put, given):
    with pytest.raises(RuleError):
        put(**given)


def test_scan_that_is_no_pdf_is_refused(put):
    with pytest.raises(RuleError):
        put(content="Giấy ủy quyền".encode(), name="giay.txt")
    assert not Authorisation.objects.exists()


@pytest.mark.parametrize("who", ["deputy", "focal_point", "officer", "front_head", "viewer"])
def test_only_the_head_lets_others_sign(put, cast, who):
    with pytest.raises(PermissionDenied):
        put(cast.focal_point, getattr(cast, who))


def test_head_of_another_agency_is_nobody_s_to_authorise(put, front_head, head):
    with pytest.raises(PermissionDenied):
        put(front_head, head)


def test_database_holds_what_is_signed_by(put):
    row = put()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Authorisation.objects.filter(pk=row.pk).update(valid_until=TODAY + 300 * DAY)


# --- Revoked ------------------------------------------------------------------------------------------
def test_revoked_paper_counts_no_more(put, head, focal_point):
    row = put()
    late = Authorisation.objects.get(pk=row.pk)
    authorisations.revoke(row, by=head, at=NOW, reason="Thôi giao việc")
    assert not access.may_hold_certificate(focal_point)
    assert Notice.objects.get(kind=certificate_reminders.UNAUTHORISED.code).recipient == focal_point
    with pytest.raises(RuleError):
        authorisations.revoke(late, by=head, at=NOW, reason="Thôi giao việc")


def test_revoking_is_the_head_s_and_needs_a_reason(put, head, deputy, officer):
    row = put()
    for user in (deputy, officer):
        with pytest.raises(PermissionDenied):
            authorisations.revoke(row, by=user, at=NOW, reason="Thôi giao việc")
    with pytest.raises(RuleError):
        authorisations.revoke(row, by=head, at=NOW, reason=" ")


def test_key_stays_while_a_paper_counts_and_goes_with_it(put, head, focal_point, enrolled):
    row = put()
    enrolled(focal_point)
    pki.destroy_keys_without_post(by=None, at=NOW)
    assert Credential.objects.filter(certificate__user=focal_point).exists()
    authorisations.revoke(row, by=head, at=NOW, reason="Thôi giao việc")
    pki.destroy_keys_without_post(by=None, at=NOW)
    assert not Credential.objects.filter(certificate__user=focal_point).exists()


def test_key_goes_with_the_post(put, focal_point, enrolled):
    put()
    enrolled(focal_point)
    Membership.objects.filter(user=focal_point).update(valid_to=TODAY - DAY)
    pki.destroy_keys_without_post(by=None, at=NOW)
    assert not Credential.objects.exists()


# --- Pages --------------------------------------------------------------------------------------------
LIST, NEW = reverse("agreements:authorisations"), reverse("agreements:grant_authorisation")


def form(focal_point, programme, **given) -> dict:
    return {
        "person": focal_point.pk,
        "capacity": "tuq",
        "title": "Chánh Văn phòng",
        "programme": programme.pk,
        "reference": "12/GUQ-SXD",
        "dated_on": f"{TODAY:%Y-%m-%d}",
        "valid_from": f"{TODAY:%Y-%m-%d}",
        "valid_until": f"{TODAY + DAY:%Y-%m-%d}",
        "sent": SimpleUploadedFile("giay.pdf", pdf()),
    } | given


def test_head_puts_a_paper_on_file_and_revokes_it(programme, head, focal_point, login):
    client = login(head)
    assert client.post(NEW, form(focal_point, programme)).url == LIST
    row = Authorisation.objects.get()
    assert "12/GUQ-SXD" in client.get(LIST).content.decode()
    sent = client.get(reverse("agreements:authorisation_file", args=[row.pk]))
    assert b"".join(sent.streaming_content).startswith(b"%PDF-")
    revoke = reverse("agreements:revoke_authorisation", args=[row.pk])
    assert client.post(revoke, {"reason": ""}).status_code == 400
    assert client.post(revoke, {"reason": "Thôi giao việc"}).url == LIST
    assert "Thôi giao việc" in client.get(LIST).content.decode()


def test_refused_form_keeps_what_was_typed(programme, head, focal_point, login):
    client = login(head)
    answer = client.post(NEW, form(focal_point, programme, sent=SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")))
    assert answer.status_code == 400
    assert 'value="12/GUQ-SXD"' in answer.content.decode()
    answer = client.post(NEW, form(focal_point, programme, valid_until=""))
    assert "TUQ. có giới hạn" in answer.content.decode()
    assert not Authorisation.objects.exists()


def test_head_is_offered_her_own_people_only(programme, head, deputy, focal_point, front_head, login):
    page = login(head).get(NEW).content.decode()
    assert "Ngô Đức Anh" in page
    assert "Đàm Thục Nhi" not in page


def test_command_records_an_acting_head_and_nothing_else(programme, officer, deputy, login):
    client = login(officer)
    filled = form(deputy, programme, capacity="tuq")
    assert client.post(NEW, filled).status_code == 400
    assert client.post(NEW, form(deputy, programme, capacity="q")).url == LIST


def test_who_sees_which_papers(programme, cast, department, login):
    AuthorisationFactory(person=cast.focal_point, recorded_by=cast.head, programme=programme)
    for name, sees in {"officer": 1, "head": 1, "deputy": 1, "focal_point": 1, "front_head": 0}.items():
        assert access.visible_authorisations(getattr(cast, name)).count() == sees, name
    assert login(cast.front_head).get(LIST).status_code == 200
    assert login(cast.viewer).get(LIST).status_code == 403
    other = person("sxd.daumoi2", Role.FOCAL_POINT, department)
    assert not access.visible_authorisations(other).exists()


def test_list_costs_the_same_however_long(programme, cast, login, django_assert_max_num_queries):
    for _time in range(3):
        AuthorisationFactory(person=cast.focal_point, recorded_by=cast.head, programme=programme)
    client = login(cast.officer)
    client.get(LIST)
    with django_assert_max_num_queries(9):
        client.get(LIST)
