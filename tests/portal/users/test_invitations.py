"""A link by mail and a code by another way: both are needed, once, in time."""

import datetime as dt
import re
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.users import invitations, totp
from portal.users.models import Membership, Role, User
from portal.users.records import Invitation
from tests.factories import NOW, PASSWORD, TODAY, UserFactory, person

pytestmark = pytest.mark.django_db
Way = Invitation.Way
NEW = "bon tu de nho lam"
DAY = dt.timedelta(days=1)


@pytest.fixture
def newcomer(department) -> User:
    """A focal point to be, with post and address, who has never been in."""
    return person("sxd.moi", Role.FOCAL_POINT, department, full_name="Trần Thị Mới", password=None)


@pytest.fixture
def newhead(outside) -> User:
    return person("ctk.head", Role.AGENCY_HEAD, outside, full_name="Cao Bá Trưởng", password=None)


def send(user: User, by: User, way: Way = Way.MAIL, at: dt.datetime = NOW) -> invitations.Issued:
    return invitations.invite(user, way=way, by=by, at=at)


def answer(issued: invitations.Issued, client: Client | None = None, **changes: str):
    form = {"activation_code": issued.code, "password1": NEW, "password2": NEW}
    return (client or Client()).post(f"/activate/{issued.token}/", form | changes)


def page(token: str) -> str:
    """What the page says, without the token of its form."""
    response = Client().get(f"/activate/{token}/")
    return re.sub(r'value="[^"]{40,}"|/activate/[^"]*', "", response.content.decode())


# --- It works -----------------------------------------------------------------------------------------
def test_link_and_code_let_a_person_choose_a_password(newcomer, admin, now):
    issued, client = send(newcomer, admin), Client()
    response = answer(issued, client)
    assert (response.status_code, response.url) == (302, "/")
    newcomer.refresh_from_db()
    assert newcomer.check_password(NEW)
    assert client.get("/").status_code == 200
    assert list(Event.objects.order_by("seq").values_list("verb", "actor_id")) == [
        ("invitation.sent", admin.pk),
        ("invitation.used", newcomer.pk),
    ]


def test_head_is_led_to_the_second_factor_and_not_asked_for_the_password_again(newhead, admin, now):
    issued, client = send(newhead, admin), Client()
    answer(issued, client)
    assert client.get("/").url == "/account/second-factor/set-up/"
    assert client.get("/account/second-factor/set-up/app/").status_code == 200


def test_activation_in_person_ends_the_same_way(newhead, officer, now):
    issued, client = send(newhead, officer, Way.PRESENT), Client()
    assert re.fullmatch("[a-z2-9]{12}", issued.token)  # short enough to type
    assert answer(issued, client).status_code == 302
    assert client.get("/").url == "/account/second-factor/set-up/"


def test_only_hashes_are_kept(newcomer, admin):
    issued = send(newcomer, admin)
    row = Invitation.objects.values().get()
    text = " ".join(map(str, row.values())) + Event.objects.get().payload
    assert issued.token not in text
    assert issued.code not in text
    assert issued.code.replace("-", "") not in text


def test_somebody_else_in_the_browser_is_signed_out_first(newcomer, admin, officer, login, now):
    client = login(officer)
    answer(send(newcomer, admin), client)
    assert client.get("/").context["user"] == newcomer


# --- A known account: a new start, not a way around ---------------------------------------------------
def test_second_factor_is_still_asked_after_a_new_activation(head, admin, now):
    totp.enrol(head)
    client = Client()
    response = answer(send(head, admin), client)
    assert response.url == "/account/second-factor/code/"
    assert client.get("/").url.startswith("/login/")


def test_old_password_works_until_the_link_is_used_and_sessions_end_then(head, admin, login, now):
    issued, theirs = send(head, admin), login(head)
    head.refresh_from_db()
    assert head.check_password(PASSWORD)
    assert theirs.get("/").status_code == 200
    answer(issued)
    assert theirs.get("/").url.startswith("/login/")


# --- It does not --------------------------------------------------------------------------------------
def test_dead_links_all_say_the_same(newcomer, newhead, admin, now):
    used = send(newcomer, admin)
    answer(used)
    replaced = send(newhead, admin)
    revoked = send(newhead, admin)
    invitations.revoke(revoked.invitation, by=admin, at=NOW)
    late = send(newhead, admin, at=NOW - 7 * DAY)
    closed = send(UserFactory(username="dong"), admin)
    User.objects.filter(username="dong").update(is_active=False)
    tokens = [used.token, replaced.token, revoked.token, late.token, closed.token, "khong-co-that"]
    assert {Client().get(f"/activate/{token}/").status_code for token in tokens} == {404}
    assert len({page(token) for token in tokens}) == 1
    assert not any(answer(issued).status_code != 404 for issued in (used, replaced, revoked, late, closed))


def test_link_lives_seven_days(newcomer, admin):
    issued = send(newcomer, admin)
    assert invitations.find(issued.token, at=NOW + 7 * DAY - dt.timedelta(seconds=1))
    assert not invitations.find(issued.token, at=NOW + 7 * DAY)


def test_activation_in_person_lives_half_an_hour(newhead, officer):
    issued = send(newhead, officer, Way.PRESENT)
    assert invitations.find(issued.token, at=NOW + dt.timedelta(minutes=29))
    assert not invitations.find(issued.token, at=NOW + dt.timedelta(minutes=30))


def test_wrong_code_says_nothing_about_the_password(newcomer, admin, now):
    response = answer(send(newcomer, admin), activation_code="AAAA-AAAA", password1="1", password2="1")
    assert set(response.context["form"].errors) == {"activation_code"}


def test_right_code_after_five_wrong_ones_is_not_looked_at(newcomer, admin, now):
    issued = send(newcomer, admin)
    for _ in range(5):
        assert answer(issued, activation_code="AAAA-AAAA").status_code == 400
    assert answer(issued).status_code == 400
    newcomer.refresh_from_db()
    assert not newcomer.is_activated


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "no dash"])
def test_code_is_read_as_people_type_it(newcomer, admin, now, typed):
    issued = send(newcomer, admin)
    code = {"lower": issued.code.lower(), "no dash": issued.code.replace("-", " ")}.get(
        typed, typed.format(issued.code)
    )
    assert answer(issued, activation_code=code).status_code == 302


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [("ngan", "ngan", "password1"), ("sxd.moi.2026", "sxd.moi.2026", "password1"), (NEW, "x", "password2")],
)
def test_bad_password_is_refused_and_the_link_lives_on(newcomer, admin, now, password, again, field):
    issued = send(newcomer, admin)
    assert field in answer(issued, password1=password, password2=again).context["form"].errors
    assert answer(issued).status_code == 302


def test_without_an_address_there_is_no_mail(newcomer, admin):
    newcomer.email = ""
    newcomer.save()
    with pytest.raises(RuleError):
        send(newcomer, admin)
    assert send(newcomer, admin, Way.PRESENT)


# --- Who may ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("way", "may"), [(Way.MAIL, {"admin", "head"}), (Way.PRESENT, {"admin", "head", "officer"})]
)
def test_who_invites_a_new_focal_point(cast, newcomer, way, may):
    assert {name for name in vars(cast) if _invites(getattr(cast, name), newcomer, way)} == may


@pytest.mark.parametrize(("way", "may"), [(Way.MAIL, {"admin"}), (Way.PRESENT, {"admin", "officer"})])
def test_who_invites_a_new_head(cast, newhead, way, may):
    assert {name for name in vars(cast) if _invites(getattr(cast, name), newhead, way)} == may


@pytest.mark.parametrize("way", Way)
def test_only_the_administrator_gives_a_new_start(cast, focal_point, way):
    assert {name for name in vars(cast) if _invites(getattr(cast, name), focal_point, way)} == {"admin"}


def _invites(user: User, somebody: User, way: Way) -> bool:
    try:
        send(somebody, user, way)
    except PermissionDenied:
        return False
    return True


def test_nobody_invites_themselves(admin):
    with pytest.raises(PermissionDenied):
        send(admin, admin)


@pytest.mark.parametrize("role", Role)
def test_a_head_adds_focal_points_of_the_own_agency_only(head, department, outside, role):
    for agency in (department, outside):
        post = Membership(agency=agency, role=role, valid_from=TODAY)
        new = User(username=f"{agency.code}.moi", full_name="Người Mới", email="moi@example.vn")
        if role == Role.FOCAL_POINT and agency == department:
            assert invitations.add(new, post, way=Way.MAIL, by=head, at=NOW)
        else:
            with pytest.raises(PermissionDenied):
                invitations.add(new, post, way=Way.MAIL, by=head, at=NOW)
            assert not User.objects.filter(username=new.username).exists()


def test_invitation_is_revoked_by_its_sender_or_the_administrator(newcomer, head, officer, admin):
    mine = send(newcomer, head).invitation
    with pytest.raises(PermissionDenied):
        invitations.revoke(mine, by=officer, at=NOW)
    invitations.revoke(mine, by=head, at=NOW)
    with pytest.raises(RuleError):
        invitations.revoke(mine, by=admin, at=NOW)


# --- At the same moment -------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_link_used_twice_at_once_sets_one_password(newcomer, admin):
    issued = send(newcomer, admin)
    found = [invitations.find(issued.token, at=NOW) for _ in range(2)]
    gate, won = threading.Barrier(2), []

    def use(place: int) -> None:
        gate.wait()
        try:
            invitations.activate(found[place], password=f"{NEW} {place}", at=NOW)
            won.append(place)
        except RuleError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    newcomer.refresh_from_db()
    assert len(won) == 1
    assert newcomer.check_password(f"{NEW} {won[0]}")
