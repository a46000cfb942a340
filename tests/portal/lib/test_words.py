"""What someone wrote is shown again when its form is refused as a whole; secrets are not."""

import pytest
from django.test import Client, RequestFactory

from portal.lib.web import back, typed_words

WORDS = "Đã tập huấn 3 lớp tại Thọ Xuân."
OURS = {"HTTP_ORIGIN": "http://testserver"}


def test_sentences_come_back(rf: RequestFactory) -> None:
    assert typed_words(rf.post("/", {"text": WORDS, "actual": "3", "version": "ab12"}, **OURS)) == [WORDS]


@pytest.mark.parametrize("name", ["password", "old_password", "pin", "again", "code"])
def test_secrets_do_not(rf: RequestFactory, name: str) -> None:
    assert typed_words(rf.post("/", {name: "a b c d"}, **OURS)) == []


@pytest.mark.parametrize("origin", ["", "null", "https://elsewhere.example", "http://testserver.example"])
def test_words_of_other_sites_are_not_shown_on_ours(rf: RequestFactory, origin: str) -> None:
    assert typed_words(rf.post("/", {"text": WORDS}, HTTP_ORIGIN=origin)) == []


def test_expired_form_shows_them() -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/login/", {"text": WORDS}, **OURS)
    assert page.status_code == 403
    assert WORDS in page.content.decode()


@pytest.mark.django_db
def test_ended_session_shows_them_and_leads_back_to_the_page_of_the_form() -> None:
    referer = "http://testserver/assignments/7/?sort=due"
    page = Client().post("/assignments/7/accept/", {"text": WORDS}, **OURS, HTTP_REFERER=referer)
    assert page.status_code == 403
    assert WORDS in page.content.decode()
    assert page.context["login_url"] == "/login/?next=/assignments/7/%3Fsort%3Ddue"


@pytest.mark.django_db
def test_button_without_words_leads_to_the_login_at_once() -> None:
    page = Client().post("/assignments/7/accept/", HTTP_REFERER="http://testserver/assignments/7/", **OURS)
    assert page.url == "/login/?next=/assignments/7/"


def test_way_back_never_leaves_the_portal(rf: RequestFactory) -> None:
    assert back(rf.get("/", HTTP_REFERER="https://elsewhere.example/x")) == "/"
    assert back(rf.get("/", HTTP_REFERER="http://testserver/x/?y=1")) == "/x/?y=1"
    assert back(rf.get("/", HTTP_REFERER="http://testserver//elsewhere.example/x")) == "/elsewhere.example/x"
