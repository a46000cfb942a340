"""How long a sign-in lasts, who sees it, who ends it."""

import datetime as dt
import threading

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.audit.models import Event
from portal.users import sessions, totp
from portal.users.browsers import in_words
from portal.users.models import Membership, SignIn, User
from tests.factories import NOW, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
MINUTE = dt.timedelta(minutes=1)
PAGE = "/account/sessions/"


def goes_on(client: Client, *, after: dt.timedelta) -> bool:
    """Return whether a request so long after NOW finds its browser signed in."""
    with time_machine.travel(NOW + after, tick=False):
        return client.get("/notices/").status_code == 200


# --- How long ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "goes"), [(30, True), (31, False)])
def test_it_ends_after_half_an_hour_without_use(login, focal_point, minutes, goes):
    assert goes_on(login(focal_point), after=minutes * MINUTE) is goes


def test_it_ends_after_twelve_hours_of_use(login, focal_point):
    client = login(focal_point)
    steps = [goes_on(client, after=minutes * MINUTE) for minutes in range(0, 12 * 60 + 30, 25)]
    assert steps == [True] * 29 + [False] * (len(steps) - 29)


def test_last_seen_is_written_once_a_minute(login, focal_point):
    client = login(focal_point)
    client.get("/notices/")
    with CaptureQueriesContext(connection) as quiet:
        client.get("/notices/")
    assert not [q for q in quiet.captured_queries if "UPDATE" in q["sql"] or "users_signin" in q["sql"]]
    assert goes_on(client, after=MINUTE)
    assert SignIn.objects.get().last_seen_at == NOW + MINUTE


@pytest.mark.parametrize(
    "change",
    [
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: Membership.objects.filter(user=user).update(role="viewer"),
        lambda user: Membership.objects.filter(user=user).update(valid_to="2026-03-09"),
        lambda user: (user.set_password("tre-xanh-muoi-hai-cay"), user.save()),
    ],
    ids=["closed", "another role", "post ended", "password set"],
)
def test_it_is_dead_at_the_next_request_after(login, focal_point, change):
    client = login(focal_point)
    assert goes_on(client, after=MINUTE)
    change(focal_point)
    assert client.get("/notices/").url == "/login/?next=/notices/"
    assert client.get("/notices/").status_code == 302, "and stays so"


def test_signing_in_gives_a_new_key(focal_point):
    client = Client()
    client.get("/login/")
    client.session.save()
    before = client.session.session_key
    client.post("/login/", {"login": focal_point.username, "password": PASSWORD})
    assert client.session.session_key not in {before, None}
    assert SignIn.objects.get(user=focal_point).session_key == client.session.session_key


def test_one_s_own_new_password_keeps_this_browser_and_its_row(login, focal_point):
    client, new = login(focal_point), "tre-xanh-muoi-hai-cay"
    client.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.get("/notices/").status_code == 200
    assert SignIn.objects.get().session_key == client.session.session_key


def test_signing_out_forgets_it(login, focal_point):
    login(focal_point).post("/logout/")
    assert not SignIn.objects.exists()


def test_what_is_over_is_swept_at_the_next_sign_in(login, focal_point):
    login(focal_point)
    with time_machine.travel(NOW + 31 * MINUTE, tick=False):
        login(focal_point)
    assert SignIn.objects.count() == 1


# --- Seen and ended -------------------------------------------------------------------------------------
def other_browser(user: User, agent: str) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/login/", {"login": user.username, "password": PASSWORD})
    return client


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


def test_owner_sees_each_browser_in_words_and_this_one_marked(focal_point):
    mine, other = other_browser(focal_point, CHROME), other_browser(focal_point, FIREFOX)
    rows = mine.get(PAGE).context["rows"]
    assert [(words, is_this) for _row, words, is_this in rows] == [
        ("Chrome trên Windows", True),
        ("Firefox trên Linux", False),
    ]
    assert other.get(PAGE).context["rows"][0][0].address == "127.0.0.1"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME + " Edg/126.0", "Edge trên Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
            "Safari trên iPhone",
        ),
        ("curl/8.0", "Trình duyệt không rõ"),
        ("", "Trình duyệt không rõ"),
    ],
)
def test_browsers_in_words(agent, words):
    assert in_words(agent) == words


def test_owner_ends_one(login, focal_point):
    mine, other = login(focal_point), login(focal_point)
    row = sessions.own_id(other.session)
    assert mine.post(f"{PAGE}{row}/end/").url == PAGE
    assert other.get("/notices/").status_code == 302
    assert mine.get("/notices/").status_code == 200
    assert Event.objects.get(verb="session.ended").actor_id == focal_point.pk


def test_owner_ends_all_others(login, focal_point):
    mine, *others = (login(focal_point) for _n in range(3))
    mine.post(f"{PAGE}end-others/")
    assert [other.get("/notices/").status_code for other in others] == [302, 302]
    assert mine.get("/notices/").status_code == 200


def test_one_s_own_is_ended_by_signing_out(login, focal_point):
    mine = login(focal_point)
    mine.post(f"{PAGE}{sessions.own_id(mine.session)}/end/")
    assert mine.get("/notices/").status_code == 200


def test_nobody_ends_another_s(login, focal_point, head):
    theirs = login(head)
    assert login(focal_point).post(f"{PAGE}{sessions.own_id(theirs.session)}/end/").status_code == 404
    with pytest.raises(PermissionDenied):
        sessions.end(SignIn.objects.all(), of=head, by=focal_point, at=NOW)
    assert theirs.get("/notices/").status_code == 200


def test_ended_already_is_404_and_no_event(login, focal_point):
    mine, other = login(focal_point), login(focal_point)
    row = sessions.own_id(other.session)
    other.post("/logout/")
    assert mine.post(f"{PAGE}{row}/end/").status_code == 404
    assert sessions.end(SignIn.objects.filter(pk=row), of=focal_point, by=focal_point, at=NOW) == 0
    assert not Event.objects.filter(verb="session.ended").exists()


def test_administrator_signs_a_person_out_everywhere(login, admin, focal_point):
    theirs = login(focal_point)
    path = f"/admin/users/user/{focal_point.pk}/end-sessions/"
    assert login(admin).post(path).status_code == 302
    assert theirs.get("/notices/").status_code == 302
    assert Event.objects.get(verb="session.ended").actor_id == admin.pk


@pytest.mark.parametrize("who", ["officer", "head", "focal_point"])
def test_others_find_no_such_button(login, cast, who, admin):
    path = f"/admin/users/user/{admin.pk}/end-sessions/"
    assert login(getattr(cast, who)).post(path).status_code == 403


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_end_the_same_sign_ins_tell_it_once(head):
    totp.enrol(head)
    client = Client()
    client.force_login(head)

    def end() -> None:
        try:
            sessions.end(SignIn.objects.all(), of=head, by=User.objects.get(pk=head.pk), at=NOW)
        finally:
            connection.close()

    both = [threading.Thread(target=end) for _n in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert Event.objects.filter(verb="session.ended").count() == 1
    assert not Session.objects.exists()
