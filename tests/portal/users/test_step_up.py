"""Step-up: what it asks, what it opens, and when that ends."""

import datetime as dt
import json

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from portal.audit.models import Event
from portal.users import carried, step_up, totp
from portal.users.models import Membership, SignIn, StepUp, User
from tests.conftest import step_up_for
from tests.factories import NOW, PASSWORD
from tests.portal.admin_pages import address, fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
ASK = "/account/step-up/"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def browser(admin: User, login) -> Client:
    """The administrator's, without any step-up."""
    return login(admin, stepped_up=False)


def answer(user: User, **given: str) -> dict[str, str]:
    """Return the page's form filled in right, for changing people."""
    code = totp.next_code(user, at=NOW) or ""
    return {"for": "users", "next": "/admin/users/user/", "answer": PASSWORD, "code": code} | given


def opens(client: Client, purpose: str = "users", path: str = "/") -> bool:
    """Return whether a request of this browser may do what the purpose guards."""
    request = RequestFactory().get(path)
    request.session = client.session
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return step_up.use(request, purpose, at=dt.datetime.now(dt.UTC))


# --- The page -----------------------------------------------------------------------------------------
def test_password_and_code_open_the_purpose_and_lead_on(browser, admin):
    assert browser.post(ASK, answer(admin)).url == "/admin/users/user/"
    assert opens(browser)
    event = Event.objects.get(verb="step_up.granted")
    assert json.loads(event.payload) == {
        "purpose": "users",
        "path": "/admin/users/user/",
        "knowledge": "password",
        "factor": "totp",
    }


def test_address_longer_than_any_of_ours_leads_home(browser, admin):
    sent = answer(admin, next="/" + "a" * 300) | {"for": "certificate"}
    assert browser.post(ASK, sent).url == "/"


@pytest.mark.parametrize(
    ("given", "field"), [({"answer": "sai-mat-khau"}, "answer"), ({"code": "000000"}, "code")]
)
def test_wrong_answer_opens_nothing_and_is_told_beside_its_field(browser, admin, given, field):
    page = browser.post(ASK, answer(admin, **given))
    assert page.status_code == 400
    assert list(page.context["form"].errors) == [field]
    assert not opens(browser)
    assert "sai-mat-khau" not in page.content.decode()
    assert Event.objects.get(verb="step_up.refused").actor_id == admin.pk


def test_wrong_password_spends_no_code(browser, admin):
    given = answer(admin)
    browser.post(ASK, given | {"answer": "sai"})
    assert browser.post(ASK, given).status_code == 302


def test_a_code_opens_once(browser, admin):
    given = answer(admin)
    browser.post(ASK, given)
    assert browser.post(ASK, given).status_code == 400


def test_five_wrong_passwords_are_the_last_that_is_looked_at(browser, admin):
    for _try in range(5):
        browser.post(ASK, answer(admin, answer="sai"))
    assert browser.post(ASK, answer(admin)).status_code == 400
    assert not opens(browser)
    assert Event.objects.filter(verb="step_up.refused").count() == 5


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_it_leads_nowhere_else(browser, admin, path):
    assert browser.post(ASK, answer(admin, next=path)).url == "/"


def test_page_says_what_it_is_for_and_shows_no_code_outside_the_demonstration(browser):
    page = browser.get(ASK, {"for": "users", "next": "/admin/users/user/add/"}).content.decode()
    assert str(step_up.PURPOSES["users"].words) in page
    assert "demo-code" not in page


def test_unknown_purpose_leads_home(browser, admin):
    assert browser.get(ASK, {"for": "all"}).url == "/"
    assert browser.post(ASK, answer(admin, **{"for": "all"})).url == "/"


def test_who_has_no_second_factor_is_led_to_set_one_up(login, focal_point):
    assert login(focal_point).get(ASK, {"for": "export"}).url == reverse("mfa_index")


# --- How long and how far it reaches --------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "is_open"), [(0, True), (4, True), (5, False)])
def test_it_lasts_five_minutes(browser, admin, minutes, is_open):
    step_up_for(browser, admin, "users")
    with time_machine.travel(NOW + minutes * MINUTE, tick=False):
        assert opens(browser) is is_open


def test_one_purpose_opens_no_other(browser, admin):
    step_up_for(browser, admin, "users")
    assert not opens(browser, "export")


def test_what_opens_once_opens_once(browser, admin):
    step_up_for(browser, admin, "export")
    assert opens(browser, "export")
    assert not opens(browser, "export")


def test_what_is_for_one_thing_opens_no_other(browser, admin):
    step_up_for(browser, admin, "certificate", "/agreements/certificates/1/")
    assert not opens(browser, "certificate", "/agreements/certificates/2/")
    assert opens(browser, "certificate", "/agreements/certificates/1/")


def test_another_browser_of_the_same_person_stays_closed(browser, admin, login):
    step_up_for(browser, admin, "users")
    assert not opens(login(admin, stepped_up=False))


def test_session_key_changes_and_the_grant_follows(browser, admin):
    before = browser.session.session_key
    browser.post(ASK, answer(admin))
    after = browser.session.session_key
    assert before != after
    assert SignIn.objects.get().session_key == after
    assert browser.get(address(User, "add")).status_code == 200


def test_signing_out_ends_it(browser, admin):
    step_up_for(browser, admin, "users")
    browser.post("/logout/")
    assert not StepUp.objects.exists()


def test_a_new_password_ends_it(browser, admin):
    step_up_for(browser, admin, "users")
    new = "tre-xanh-muoi-hai-cay"
    browser.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert User.objects.get(pk=admin.pk).check_password(new)
    assert browser.get("/").status_code == 200, "still signed in"
    assert not opens(browser)


def test_another_post_ends_it(browser, admin, front):
    step_up_for(browser, admin, "users")
    Membership.objects.filter(user=admin).update(agency=front)
    assert not opens(browser)


# --- A guarded view -------------------------------------------------------------------------------------
def test_decorator_refuses_a_purpose_that_is_not_known():
    with pytest.raises(KeyError):
        step_up.required("evrything")


def guarded(client: Client, method: str, **on: object) -> HttpResponse:
    request = getattr(RequestFactory(), method)("/copy/?all=1", {"words": "mot hai"})
    request.session, request.user = client.session, User.objects.get(pk=client.session["_auth_user_id"])
    return step_up.required("export", **on)(lambda request: HttpResponse("done"))(request)


def test_view_runs_after_the_step_up_only(browser, admin):
    answer = guarded(browser, "get")
    assert answer.url.startswith(ASK + "?for=export&next=%2Fcopy%2F%3F")
    step_up_for(browser, admin, "export")
    assert guarded(browser, "get").content == b"done"


def test_view_may_ask_for_it_on_post_alone(browser):
    assert guarded(browser, "get", on={"POST"}).content == b"done"
    assert guarded(browser, "post", on={"POST"}).status_code == 403


# --- The administration -----------------------------------------------------------------------------------
@pytest.mark.parametrize("model", [User, Membership])
def test_forms_about_people_ask_first(browser, model):
    path = address(model, "add")
    assert browser.get(path).url == step_up.address("users", path)
    assert browser.get(address(model, "changelist")).status_code == 200


def test_without_it_nothing_of_people_changes(browser, focal_point):
    post = focal_point.memberships.get()
    for path in (address(User, "change", focal_point.pk), address(Membership, "change", post.pk)):
        assert (
            browser.post(path, {"username": "khac", "full_name": "Khác", "role": "viewer"}).status_code == 403
        )
    assert browser.post(f"/admin/users/user/{focal_point.pk}/end-sessions/").status_code == 403
    assert User.objects.get(pk=focal_point.pk).full_name == "Ngô Đức Anh"
    assert Membership.objects.get(pk=post.pk).role == "focal_point"


def test_what_was_typed_is_kept_and_can_be_sent_after_the_step_up(browser, admin, focal_point, login):
    """Five minutes passed while the form was filled in."""
    path = address(User, "change", focal_point.pk)
    sent = fields(login(admin).get(path).content.decode(), "user_form")
    page = browser.post(path, sent | {"full_name": "Ngô Đức Ánh", "_save": "1"})
    assert page.status_code == 403
    token = page.context["form"]["typed"].value()
    done = browser.post(ASK, answer(admin, next=path, typed=token))
    assert (done.status_code, done.context["typed"].to) == (200, path)
    again: dict[str, list[str]] = {}
    for name, value in done.context["typed"].fields:
        again.setdefault(name, []).append(value)
    assert browser.post(path, again).status_code == 302
    assert User.objects.get(pk=focal_point.pk).full_name == "Ngô Đức Ánh"


def test_secrets_are_never_carried(browser, admin):
    secret = "tre-xanh-muoi-hai-cay"
    page = browser.post(address(User, "add"), {"username": "moi", "password1": secret, "password2": secret})
    typed = carried.unpack(page.context["form"]["typed"].value(), user_id=admin.pk)
    assert typed.fields == (("username", "moi"),)
    assert secret not in page.content.decode()


def test_carried_words_are_their_writer_s_and_nobody_changes_them(browser, admin, focal_point):
    page = browser.post(address(User, "add"), {"username": "moi"})
    token = page.context["form"]["typed"].value()
    assert carried.unpack(token, user_id=focal_point.pk) is None
    assert carried.unpack(token[:-1] + ("A" if token[-1] != "A" else "B"), user_id=admin.pk) is None
    with time_machine.travel(NOW + 31 * MINUTE, tick=False):
        assert carried.unpack(token, user_id=admin.pk) is None
