"""The pages of people: the list, one person, the invitation and its slip, the mail that goes with it."""

import datetime as dt
from email import message_from_bytes, policy

import pytest
from django.core import mail

from portal.audit.models import Event
from portal.users import invitations
from portal.users.models import Membership, Role, User
from portal.users.records import Invitation
from tests.factories import NOW, TODAY, MembershipFactory, UserFactory, person
from tests.portal.admin_pages import address, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
INVITE = "/people/invite/"


@pytest.fixture
def form(department) -> dict:
    """What is typed for a new focal point."""
    return {
        "full_name": "Trần Thị Mới",
        "username": "sxd.moi",
        "email": "moi@example.vn",
        "agency": department.pk,
        "role": Role.FOCAL_POINT,
        "title": "Chuyên viên",
        "valid_from": "2026-03-10",
        "document": "125/QĐ-SXD",
        "document_on": "2026-03-02",
    }


# --- Inviting -----------------------------------------------------------------------------------------
def test_administrator_invites_a_member_with_a_post(form, admin, department, login):
    response = login(admin).post(INVITE, form)
    new = User.objects.get(username="sxd.moi")
    post = new.memberships.get()
    assert (post.agency, post.role, post.document) == (department, Role.FOCAL_POINT, "125/QĐ-SXD")
    assert not new.is_activated
    issued = response.context["issued"]
    assert issued.code in response.content.decode()
    verbs = [*Event.objects.order_by("seq").values_list("verb", flat=True)]
    assert verbs == ["user.added", "membership.added", "invitation.sent"]


def test_mail_holds_the_link_and_never_the_code(form, admin, login):
    issued = login(admin).post(INVITE, form).context["issued"]
    (letter,) = mail.outbox
    assert letter.to == ["moi@example.vn"]
    assert issued.url in letter.body
    assert issued.code not in letter.body + letter.subject
    assert issued.token not in login(admin).get("/people/").content.decode()


def test_mail_arrives_at_a_real_server_in_vietnamese(form, admin, login, settings, smtp_sink):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp_sink.host, smtp_sink.port
    response = login(admin).post(INVITE, form)
    assert response.context["is_mailed"]
    (envelope,) = smtp_sink.envelopes
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert letter["Subject"].strip() == "Kích hoạt tài khoản trên Cổng phối hợp"
    assert "17/03/2026" in letter.get_content()


def test_server_that_is_away_is_told_and_the_code_is_shown(form, admin, login, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # discard: nobody listens
    response = login(admin).post(INVITE, form)
    assert response.status_code == 200
    assert "Chưa gửi được thư" in response.content.decode()


def test_without_an_address_the_slip_is_for_a_person_who_is_here(form, admin, login):
    response = login(admin).post(INVITE, form | {"email": ""})
    assert response.context["is_present"]
    assert response.context["qr"].startswith("data:image/svg+xml;base64,")
    assert response.context["issued"].url in response.content.decode()
    assert not mail.outbox


def test_mistakes_stand_beside_their_fields_and_nothing_is_saved(form, admin, head, login):
    wrong = {"username": "sxd.head", "valid_from": "", "role": Role.AGENCY_HEAD}
    response = login(admin).post(INVITE, form | wrong)
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"username", "valid_from"}
    assert not User.objects.filter(full_name=form["full_name"]).exists()


def test_name_that_would_break_a_mails_head_is_refused(form, admin, login):
    wrong = {"full_name": "Trần Mới\r\nBcc: ai@example.vn", "title": "Phó\u202eGiám đốc"}
    response = login(admin).post(INVITE, form | wrong)
    assert (response.status_code, set(response.context["form"].errors)) == (400, {"full_name", "title"})
    assert not User.objects.filter(username="sxd.moi").exists()


def test_second_head_is_refused_before_anything_is_saved(form, admin, head, login):
    response = login(admin).post(INVITE, form | {"role": Role.AGENCY_HEAD})
    assert "thủ trưởng" in str(response.context["form"].non_field_errors())
    assert not User.objects.filter(username="sxd.moi").exists()


def test_head_invites_a_focal_point_whatever_the_form_says(form, head, host, login):
    login(head).post(INVITE, form | {"agency": host.pk})
    login(head).post(INVITE, form | {"role": Role.PROGRAMME_OFFICER})
    assert not User.objects.filter(username="sxd.moi").exists()
    assert login(head).post(INVITE, form).status_code == 200
    assert User.objects.get(username="sxd.moi").memberships.get().role == Role.FOCAL_POINT


# --- Once more, and back ------------------------------------------------------------------------------
@pytest.fixture
def newcomer(department) -> User:
    return person("sxd.moi", Role.FOCAL_POINT, department, full_name="Trần Thị Mới", password=None)


def test_sending_again_kills_the_link_before(newcomer, admin, login):
    first = login(admin).post(f"/people/{newcomer.pk}/send/", {"way": "mail"}).context["issued"]
    second = login(admin).post(f"/people/{newcomer.pk}/send/", {"way": "mail"}).context["issued"]
    assert not invitations.find(first.token, at=NOW)
    assert invitations.find(second.token, at=NOW)


def test_inviter_revokes(newcomer, head, login):
    issued = invitations.invite(newcomer, way=Invitation.Way.MAIL, by=head, at=NOW)
    client = login(head)
    assert "Thu hồi" in client.get(f"/people/{newcomer.pk}/").content.decode()
    client.post(f"/people/invitations/{issued.invitation.pk}/revoke/")
    assert not invitations.find(issued.token, at=NOW)


# --- Who sees whom ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "agencies"),
    [("admin", {"BCHQS", "SXD", "CTK"}), ("officer", {"BCHQS", "SXD", "CTK"}), ("head", {"SXD"})],
)
def test_list_shows_all_or_ones_own_agency(cast, login, name, agencies):
    page = login(getattr(cast, name)).get("/people/").context["page"]
    shown = {row.post.agency.code for row in page} & {"BCHQS", "SXD", "CTK"}
    assert shown == agencies


def test_people_of_other_agencies_are_404_for_a_head(head, front_head, login):
    client = login(head)
    assert client.get(f"/people/{front_head.pk}/").status_code == 404
    assert client.post(f"/people/{front_head.pk}/send/", {"way": "mail"}).status_code == 404
    issued = invitations.invite(
        front_head, way=Invitation.Way.MAIL, by=person("q", Role.ADMINISTRATOR, head.post.agency), at=NOW
    )
    assert client.post(f"/people/invitations/{issued.invitation.pk}/revoke/").status_code == 404


def test_buttons_are_those_that_work(cast, newcomer, login):
    def buttons(name: str) -> set[str]:
        page = login(getattr(cast, name)).get(f"/people/{newcomer.pk}/").context
        return {key for key in ("may_mail", "may_present") if page[key]}

    assert buttons("admin") == buttons("head") == {"may_mail", "may_present"}
    assert buttons("officer") == {"may_present"}
    assert buttons("commander") == buttons("clerk") == set()


@pytest.mark.parametrize(
    ("state", "name"), [("invited", "moi"), ("new", "chua"), ("closed", "dong"), ("expired", "tre")]
)
def test_list_is_narrowed_by_the_state_of_the_account(admin, login, state, name):
    people = {n: UserFactory(username=n, password=None) for n in ("moi", "chua", "dong", "tre")}
    invitations.invite(people["moi"], way=Invitation.Way.MAIL, by=admin, at=NOW)
    invitations.invite(people["tre"], way=Invitation.Way.MAIL, by=admin, at=NOW - dt.timedelta(days=8))
    User.objects.filter(username="dong").update(is_active=False)
    rows = login(admin).get("/people/", {"state": state}).context["page"]
    assert [row.user.username for row in rows] == [name]


def test_list_is_searched_without_diacritics(admin, newcomer, login):
    client = login(admin)
    assert [row.user for row in client.get("/people/", {"q": "tran moi"}).context["page"]] == [newcomer]
    assert "Không có người phù hợp" in client.get("/people/", {"q": "khong ai ca"}).content.decode()


def test_list_takes_a_fixed_number_of_queries(admin, department, login, django_assert_num_queries):
    client = login(admin)
    client.get("/people/")
    for number in range(20):
        new = person(f"moi{number}", Role.FOCAL_POINT, department, password=None)
        invitations.invite(new, way=Invitation.Way.MAIL, by=admin, at=NOW)
    with django_assert_num_queries(7):
        client.get("/people/")


# --- On the home --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("days_ago", "is_shown"), [(0, False), (4, False), (5, True), (7, True), (30, True)])
def test_unused_invitation_stands_on_the_administrators_home_when_time_runs_out(
    newcomer, admin, login, days_ago, is_shown
):
    sent_at = NOW - dt.timedelta(days=days_ago)
    invitations.invite(newcomer, way=Invitation.Way.MAIL, by=admin, at=sent_at)
    urls = [todo.url for todo in login(admin).get("/").context["home"].todos]
    assert (f"/people/{newcomer.pk}/" in urls) == is_shown


def test_who_came_in_stands_on_no_list(newcomer, admin, login):
    old = invitations.invite(newcomer, way=Invitation.Way.MAIL, by=admin, at=NOW - dt.timedelta(days=6))
    invitations.activate(old.invitation, password="bon tu de nho lam", at=NOW)
    urls = [todo.url for todo in login(admin).get("/").context["home"].todos]
    assert f"/people/{newcomer.pk}/" not in urls


# --- Posts begin and end ------------------------------------------------------------------------------
def test_who_comes_before_the_day_is_told_the_day(client, department):
    post = MembershipFactory(agency=department, valid_from=TODAY + dt.timedelta(days=5))
    client.force_login(post.user)
    response = client.get("/")
    assert response.status_code == 403
    assert "15/03/2026" in response.content.decode()


@pytest.mark.parametrize("change", [{"valid_to": TODAY - dt.timedelta(days=1)}, {"role": Role.FOCAL_POINT}])
def test_change_of_post_counts_at_the_next_request(head, login, change):
    """The sign-in is over: the person begins anew as what they are now."""
    client = login(head)
    assert client.get("/people/").status_code == 200
    Membership.objects.filter(user=head).update(**change)
    assert client.get("/people/").url.startswith("/login/")


def test_closed_account_is_out_at_the_next_request(head, login):
    client = login(head)
    User.objects.filter(pk=head.pk).update(is_active=False)
    assert client.get("/").url.startswith("/login/")


# --- Another address ----------------------------------------------------------------------------------
def test_whoever_gets_another_address_is_told_at_the_old_one(focal_point, admin, login):
    """Mail goes to the new one from now on, whoever's that is."""
    former, page = focal_point.email, address(User, "change", focal_point.pk)
    assert send(login(admin), page, email="khac@example.vn").status_code == 302
    focal_point.refresh_from_db()
    assert focal_point.email == "khac@example.vn"
    (told,) = mail.outbox
    assert (told.to, "đổi địa chỉ thư" in told.body) == ([former], True)
    assert "khac@example.vn" not in told.body
