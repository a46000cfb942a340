"""A post passes to a successor: rights, sign-ins, key and invitation with it; undone until the day."""

import datetime as dt
import json

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied

from agreements import keys, pki
from agreements.models import Certificate, Credential
from portal.audit.models import Event
from portal.dashboards import handovers
from portal.dashboards.handovers import Change, Post
from portal.lib.errors import RuleError
from portal.users import invitations
from portal.users.models import Membership, Role, User
from portal.users.records import Handover
from tests.factories import NOW, TODAY, MembershipFactory, UserFactory, certify, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
DAY = dt.timedelta(days=1)
PIN = "2468-1357"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.PKI_DIR = tmp_path / "pki"


@pytest.fixture
def post(head: User) -> Post:
    held = head.memberships.get()
    return Post(held.agency, Role.AGENCY_HEAD, held)


def change(successor: User | None = None, starts_on: dt.date = TODAY, **facts) -> Change:
    new = User(username="sxd.moi", full_name="Lý Văn Kế", email="ke@example.vn")
    given = {"title": "Giám đốc", "document": "125/QĐ-UBND", "document_on": TODAY - 8 * DAY}
    return Change(successor or new, starts_on, **(given | facts))


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def key(head) -> Credential:
    """The head's signing key."""
    certify(head, pin=keys.derive_pin(PIN, n=2**14), at=NOW)
    return Credential.objects.get()


# --- It works -----------------------------------------------------------------------------------------
def test_new_person_takes_the_post_today(post, head, admin, login):
    theirs = login(head)
    issued = handovers.hand_over(post, change(), by=admin, at=NOW)
    successor = User.objects.get(username="sxd.moi")
    assert (successor.post.role, successor.post.agency) == (Role.AGENCY_HEAD, post.agency)
    assert successor.post.document == "125/QĐ-UBND"
    assert again(head).post is None
    assert head.memberships.get().valid_to == TODAY - DAY
    assert theirs.get("/").url.startswith("/login/")  # signed out
    assert invitations.find(issued.token, at=NOW).user == successor


def test_one_event_says_who_followed_whom(post, head, admin):
    handovers.hand_over(post, change(), by=admin, at=NOW)
    payload = json.loads(Event.objects.get(verb="handover.made").payload)
    successor = User.objects.get(username="sxd.moi")
    assert (payload["predecessor"], payload["successor"]) == (head.pk, successor.pk)
    assert (payload["role"], payload["document"]) == ("agency_head", "125/QĐ-UBND")


def test_known_person_takes_the_post_and_gives_up_the_other(post, admin, deputy):
    assert handovers.hand_over(post, change(deputy), by=admin, at=NOW) is None
    assert again(deputy).post.role == Role.AGENCY_HEAD
    assert deputy.memberships.get(role=Role.DEPUTY_HEAD).valid_to == TODAY - DAY


def test_on_a_later_day_nothing_changes_until_it_comes(post, head, admin, key, login):
    theirs = login(head)
    issued = handovers.hand_over(post, change(starts_on=TODAY + 20 * DAY), by=admin, at=NOW)
    assert theirs.get("/").status_code == 200
    assert pki.current_credential(again(head), at=NOW)
    assert invitations.find(issued.token, at=NOW + 20 * DAY)  # the link lives beyond the day
    with time_machine.travel(NOW + 20 * DAY, tick=False):
        assert again(head).post is None
        assert theirs.get("/").status_code in {302, 403}
        assert User.objects.get(username="sxd.moi").role == Role.AGENCY_HEAD


def test_vacant_post_is_given(department, admin):
    vacant = Post(department, Role.AGENCY_HEAD)
    handovers.hand_over(vacant, change(), by=admin, at=NOW)
    assert User.objects.get(username="sxd.moi").role == Role.AGENCY_HEAD


def test_person_without_address_is_not_invited_by_mail(post, admin):
    quiet = change(User(username="sxd.moi", full_name="Lý Văn Kế"))
    assert handovers.hand_over(post, quiet, by=admin, at=NOW) is None
    assert not mail.outbox


# --- The signing key ----------------------------------------------------------------------------------
def test_key_of_the_predecessor_is_destroyed_and_the_certificate_stays(post, head, admin, key):
    handovers.hand_over(post, change(), by=admin, at=NOW)
    assert not Credential.objects.exists()
    assert Certificate.objects.get().revoked_at is None
    assert Event.objects.get(verb="credential.destroyed").actor_id == admin.pk


@pytest.mark.parametrize("role", [Role.AGENCY_HEAD, Role.FOCAL_POINT])
def test_who_moves_or_stays_as_something_else_signs_no_more_for_the_post(
    post, head, admin, key, outside, department, role
):
    handovers.hand_over(post, change(), by=admin, at=NOW)
    agency = outside if role == Role.AGENCY_HEAD else department
    MembershipFactory(user=head, agency=agency, role=role, valid_from=TODAY)
    assert pki.current_credential(again(head), at=NOW) is None
    head.memberships.filter(valid_to=None).update(valid_to=TODAY)
    Membership.objects.filter(user__username="sxd.moi").update(valid_to=TODAY)
    MembershipFactory(user=head, agency=department, role=Role.AGENCY_HEAD, valid_from=TODAY + DAY)
    assert pki.current_credential(again(head), at=NOW + DAY) is None  # also when they come back


def test_keys_of_people_in_their_post_are_left_alone(head, key):
    assert pki.destroy_keys_without_post(by=None, at=NOW) == 0
    assert Credential.objects.get() == key


def test_head_who_becomes_deputy_keeps_the_key(head, key):
    head.memberships.update(role=Role.DEPUTY_HEAD)
    assert pki.destroy_keys_without_post(by=None, at=NOW) == 0


def test_job_destroys_the_key_of_a_post_that_ended_by_itself(head, key):
    head.memberships.update(valid_to=TODAY)
    assert pki.destroy_keys_without_post(by=None, at=NOW) == 0
    assert pki.destroy_keys_without_post(by=None, at=NOW + DAY) == 1
    assert pki.destroy_keys_without_post(by=None, at=NOW + DAY) == 0
    assert Event.objects.filter(verb="credential.destroyed").count() == 1


# --- It does not --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["officer", "commander", "clerk", "head", "deputy", "focal_point", "viewer"])
def test_only_the_administrator_hands_over(cast, post, name):
    with pytest.raises(PermissionDenied):
        handovers.hand_over(post, change(), by=getattr(cast, name), at=NOW)


def test_day_is_not_in_the_past(post, admin):
    with pytest.raises(RuleError):
        handovers.hand_over(post, change(starts_on=TODAY - DAY), by=admin, at=NOW)
    assert not User.objects.filter(username="sxd.moi").exists()


def test_post_that_began_today_cannot_end_yesterday(post, head, admin):
    head.memberships.update(valid_from=TODAY)
    with pytest.raises(RuleError):
        handovers.hand_over(post, change(), by=admin, at=NOW)
    assert handovers.hand_over(post, change(starts_on=TODAY + DAY), by=admin, at=NOW)


def test_nobody_follows_themselves(post, head, admin):
    with pytest.raises(RuleError):
        handovers.hand_over(post, change(head), by=admin, at=NOW)
    assert again(head).post


def test_closed_account_takes_no_post(post, admin):
    closed = UserFactory(is_active=False)
    with pytest.raises(RuleError):
        handovers.hand_over(post, change(closed), by=admin, at=NOW)


def test_post_is_handed_over_once(post, admin, deputy):
    handovers.hand_over(post, change(starts_on=TODAY + 5 * DAY), by=admin, at=NOW)
    with pytest.raises(RuleError):
        handovers.hand_over(post, change(deputy, starts_on=TODAY + 3 * DAY), by=admin, at=NOW)
    assert again(deputy).post.role == Role.DEPUTY_HEAD


# --- Undo ---------------------------------------------------------------------------------------------
def test_undo_puts_everything_back(post, head, admin, deputy):
    head.memberships.update(valid_to=TODAY + 300 * DAY)
    post = Post(post.agency, post.role, head.memberships.get())
    before = [*Membership.objects.order_by("pk").values()]
    handovers.hand_over(post, change(deputy, starts_on=TODAY + 5 * DAY), by=admin, at=NOW)
    assert [*Membership.objects.order_by("pk").values()] != before
    handovers.undo(Handover.objects.get(), by=admin, at=NOW + 4 * DAY)
    assert [*Membership.objects.order_by("pk").values()] == before
    assert Event.objects.get(verb="handover.undone").actor_id == admin.pk


def test_undo_revokes_the_invitation_of_a_new_person(post, admin):
    issued = handovers.hand_over(post, change(starts_on=TODAY + 5 * DAY), by=admin, at=NOW)
    handovers.undo(Handover.objects.get(), by=admin, at=NOW)
    assert invitations.find(issued.token, at=NOW) is None


def test_when_the_day_has_come_it_stands(post, admin):
    handovers.hand_over(post, change(starts_on=TODAY + 5 * DAY), by=admin, at=NOW)
    made = Handover.objects.get()
    with pytest.raises(RuleError):
        handovers.undo(made, by=admin, at=NOW + 5 * DAY)
    handovers.undo(made, by=admin, at=NOW)
    with pytest.raises(RuleError):
        handovers.undo(made, by=admin, at=NOW)


def test_only_the_administrator_undoes(post, admin, officer):
    handovers.hand_over(post, change(starts_on=TODAY + 5 * DAY), by=admin, at=NOW)
    with pytest.raises(PermissionDenied):
        handovers.undo(Handover.objects.get(), by=officer, at=NOW)


# --- Pages --------------------------------------------------------------------------------------------
def form(**changes) -> dict:
    typed = {
        "full_name": "Lý Văn Kế",
        "username": "sxd.moi",
        "email": "ke@example.vn",
        "title": "Giám đốc",
        "starts_on": TODAY.isoformat(),
        "document": "125/QĐ-UBND",
        "document_on": "2026-03-02",
    }
    return typed | changes


def test_wizard_shows_what_waits_and_does_nothing_before_it_is_confirmed(post, programme, admin, login):
    client, url = login(admin), f"/hand-overs/new/?post={post.holder.pk}"
    assert url in client.get("/hand-overs/").content.decode()
    assert client.get(url).status_code == 200
    response = client.post(url, form())
    assert response.context["waiting"].open_assignments == 1
    assert not Handover.objects.exists()
    assert client.post(url, form(back="1")).context["form"]["full_name"].value() == "Lý Văn Kế"
    response = client.post(url, form(confirmed="1"))
    assert response.context["issued"].code in response.content.decode()
    assert Handover.objects.get().successor.user.username == "sxd.moi"


def test_confirmation_names_open_rounds_results_key_and_notices(post, programme, head, admin, key):
    programme.assignments.filter(lead=post.agency).update(status="awaiting_head")
    waiting = handovers.waiting(post, change(), by=admin, at=NOW)
    assert (waiting.to_approve, waiting.has_key, waiting.rounds, waiting.unread) == (
        1,
        True,
        [],
        1,
    )  # the release of the key was told


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"full_name": ""}, "full_name"),
        ({"username": "sxd.head"}, "username"),
        ({"document": ""}, "document"),
        ({"starts_on": "ngày mai"}, "starts_on"),
    ],
)
def test_mistakes_stand_beside_their_fields(post, admin, login, typed, field):
    response = login(admin).post(f"/hand-overs/new/?post={post.holder.pk}", form(**typed))
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {field}


def test_refusal_by_a_rule_keeps_what_was_typed(post, admin, login):
    url = f"/hand-overs/new/?post={post.holder.pk}"
    response = login(admin).post(url, form(starts_on="2026-03-01", confirmed="1"))
    assert response.status_code == 400
    assert response.context["form"]["document"].value() == "125/QĐ-UBND"


@pytest.mark.parametrize(
    "query", ["post=999999", "post=x", "agency=NOBODY&role=agency_head", "agency=SXD&role=x"]
)
def test_post_that_does_not_exist_is_404(post, admin, login, query):
    assert login(admin).get(f"/hand-overs/new/?{query}").status_code == 404


def test_gap_on_the_administrators_home_leads_to_the_wizard(programme, admin, head, login):
    urls = [todo.url for todo in login(admin).get("/").context["home"].todos]
    url = "/hand-overs/new/?agency=SXD&role=focal_point"
    assert url in urls
    assert login(admin).get(url).context["post"].holder is None


def test_coming_hand_over_is_undone_from_the_list(post, admin, login):
    handovers.hand_over(post, change(starts_on=TODAY + 5 * DAY), by=admin, at=NOW)
    client, pk = login(admin), Handover.objects.get().pk
    assert f"/hand-overs/{pk}/undo/" in client.get("/hand-overs/").content.decode()
    assert client.post(f"/hand-overs/{pk}/undo/").url == "/hand-overs/"
    assert client.post(f"/hand-overs/{pk}/undo/").status_code == 404


def test_list_is_searched_and_says_when_nothing_matches(post, admin, front_head, login):
    client = login(admin)
    assert [row.user for row in client.get("/hand-overs/", {"q": "so xay dung"}).context["posts"]] == [
        post.holder.user
    ]
    assert "Không có chức vụ phù hợp" in client.get("/hand-overs/", {"q": "khong ai"}).content.decode()


def test_list_takes_a_fixed_number_of_queries(post, admin, department, login, django_assert_num_queries):
    client = login(admin)
    client.get("/hand-overs/")
    for number in range(20):
        person(f"moi{number}", Role.FOCAL_POINT, department)
    with django_assert_num_queries(6):
        client.get("/hand-overs/")
