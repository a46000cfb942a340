"""Whatever the demonstration shows, sends or prints says TRÌNH DIỄN; the real portal never does."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from agreements import documents
from portal.files import store
from portal.notices import letters
from portal.notices.models import Mail, MailPreference, Notice
from portal.papers import reading
from tests.addresses import ADDRESSES, share
from tests.factories import NOW
from tests.security.conftest import data_folder, document, failing, frozen, settled  # noqa: F401 - fixtures

MARK = "TRÌNH DIỄN"


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    return settings


def is_page(answer) -> bool:
    return "text/html" in answer.headers.get("Content-Type", "") and bool(answer.content)


def unmarked(login, user, addresses, there) -> tuple[int, list[str]]:
    """Return how many pages a person gets, and the paths of those that do not say what they are."""
    count, found = 0, []
    for address in addresses:
        path = address.path(lambda name: there.get(name, 1))
        client = login(user) if user else Client()
        for method in ("GET", "POST"):
            answer = client.generic(method, path)
            if not answer.streaming and is_page(answer):
                count += 1
                found += [f"{method} {path}"] if MARK not in answer.content.decode() else []
    return count, found


PEOPLE = ["admin", "officer", "nobody"]


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_and_every_refusal_says_so(demo, document, cast, login, who):  # noqa: F811
    there = {"year": 2026, "code": "SXD", "pk": document.pk}
    addresses = ADDRESSES if who == "nobody" else share(ADDRESSES, who, PEOPLE)  # nobody sees few pages
    count, found = unmarked(login, getattr(cast, who, None), addresses, there)
    assert count >= 5
    assert found == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_says_so_in_either_language(demo, db, client, language):
    client.cookies["language"] = language
    page = client.get("/login/").content.decode()
    assert MARK in page
    assert ("DEMONSTRATION" in page) == (language == "en")


@pytest.mark.parametrize("path", ["/admin/agencies/agency/add/?_popup=1", "/admin/tasks/programme/add/"])
def test_windows_of_the_administration_say_so(demo, admin, login, path):
    assert login(admin).get(path).content.decode().count(MARK) == 1


@pytest.mark.parametrize("host", ["elsewhere.example", "testserver"])
def test_bad_requests_say_so(demo, db, host):
    answer = Client(enforce_csrf_checks=True).post("/login/", headers={"host": host})
    assert answer.status_code in {400, 403}
    assert MARK in answer.content.decode()


@pytest.mark.parametrize(
    ("trouble", "status"), [(None, 503), (ValueError("a fault of ours"), 500)], ids=["database", "fault"]
)
def test_faults_say_so(demo, programme, officer, login, failing, trouble, status):  # noqa: F811
    client = login(officer)
    client.raise_request_exception = False
    with failing("tasks_assignment", trouble):
        answer = client.get("/")
    assert answer.status_code == status
    assert MARK in answer.content.decode()


def test_mails_say_so(demo, focal_point):
    notice = Notice(
        kind="test", subject_type="test", subject_id=1, recipient=focal_point, rule="-7", due_on=NOW.date()
    )
    mail = Mail(recipient=focal_point, day=NOW.date())
    written = letters.compose(mail, [notice], MailPreference(user=focal_point), at=NOW)
    assert written.subject.startswith(f"[{MARK}]")
    assert MARK in written.body


def test_papers_say_so_on_every_page(demo, settled, officer):  # noqa: F811
    paper = documents.freeze(settled, by=officer, at=NOW)
    text = reading.page_texts(store.read(paper.frozen_id))
    assert len(text) >= 2
    assert [number for number, page in enumerate(text, 1) if MARK not in page] == []


@pytest.mark.parametrize("path", ["/", "/login/", "/verify/", "/no/such/page/", "/admin/"])
def test_real_portal_never_says_so(admin, login, path):
    assert MARK not in login(admin).get(path, follow=True).content.decode()


@pytest.mark.parametrize("code", ["400", "403", "404", "409", "413", "429", "500", "503"])
def test_each_error_page_can_say_so(code):
    assert MARK in render_to_string(f"{code}.html", {"demo": True})
