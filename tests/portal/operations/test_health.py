"""/healthz and /readyz: what takes the portal out of service, and what is only degraded."""

import datetime as dt
import sqlite3
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from portal.files import store
from portal.files.models import StoredFile
from portal.notices.models import Notice
from portal.operations import clocks, health
from tests.servers import free_port

REAL = clocks.synchronised


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Whatever the machine of the tests has."""
    monkeypatch.setattr(clocks, "synchronised", lambda: clocks.Clock.YES)


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_URL = "smtp://mail.example.vn"
    settings.DEFAULT_FROM_EMAIL = "Cổng phối hợp <cong@example.vn>"


@pytest.fixture(autouse=True)
def embedded_broker(settings, tmp_path):
    """A DATA_DIR of its own, with the table that the embedded broker has after a start."""
    settings.DATA_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"
    broker = sqlite3.connect(tmp_path / "broker.sqlite3")
    broker.execute("CREATE TABLE kombu_queue (id)")
    broker.close()
    return tmp_path / "broker.sqlite3"


def ready(status: int) -> dict:
    response = Client().get("/readyz")
    assert response.status_code == status, response.content
    return response.json()


def test_healthz_asks_no_database():
    assert Client().get("/healthz").content == b"ok\n"  # without the db mark a query raises


def test_healthz_asks_none_for_a_browser_with_a_session_either(settings):
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert browser.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_all_is_well():
    assert ready(200) == {
        "ready": True,
        "faults": [],
        "degraded": [],
        "oldest_due_notice_seconds": 0,
        "backup_of": None,
        "clock": "synchronised",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("clock", "degraded"),
    [(clocks.Clock.YES, []), (clocks.Clock.NO, ["clock"]), (clocks.Clock.CANNOT_TELL, [])],
)
def test_clock_that_follows_no_other_is_degraded(monkeypatch, clock, degraded):
    monkeypatch.setattr(clocks, "synchronised", lambda: clock)
    answer = ready(200)
    assert (answer["clock"], answer["degraded"]) == (clock.value, degraded)


@pytest.mark.parametrize(
    ("state", "clock"), [(0, clocks.Clock.YES), (5, clocks.Clock.NO), (-1, clocks.Clock.CANNOT_TELL)]
)
def test_what_the_kernel_answers_is_told(monkeypatch, state, clock):
    kernel = SimpleNamespace(adjtimex=lambda question: state)
    monkeypatch.setattr(clocks.ctypes, "CDLL", lambda name, **given: kernel)
    assert REAL() is clock


def test_system_without_the_question_cannot_tell(monkeypatch):
    monkeypatch.setattr(clocks.ctypes, "CDLL", lambda name, **given: SimpleNamespace())
    assert REAL() is clocks.Clock.CANNOT_TELL


def test_real_kernel_is_asked_and_gives_the_same_answer_twice():
    assert REAL() is REAL()


@pytest.mark.django_db
def test_readyz_touches_no_session(django_assert_max_num_queries):
    with django_assert_max_num_queries(8) as queries:
        ready(200)
    assert not [q for q in queries.captured_queries if "session" in q["sql"]]


@pytest.mark.django_db
def test_metrics_say_the_same_in_figures(focal_point):
    waiting(focal_point, timezone.now(), late=301)
    answer = Client().get("/metrics")
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert "portal_ready 1" in lines
    assert 'portal_degraded{what="notices"} 1' in lines
    assert 'portal_degraded{what="broker"} 0' in lines
    assert "portal_mails_undelivered 0" in lines
    (late,) = [line for line in lines if line.startswith("portal_oldest_due_notice_seconds ")]
    assert int(late.split()[1]) > 300


@pytest.mark.django_db
def test_metrics_of_a_portal_out_of_service_say_so(monkeypatch):
    def refuse(self):
        raise OperationalError("connection refused")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", refuse)
    lines = Client().get("/metrics").content.decode().splitlines()
    assert "portal_ready 0" in lines
    assert not [line for line in lines if line.startswith("portal_mails")]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_monitors_only_look(address):
    assert Client().post(address).status_code == 405


@pytest.mark.django_db
def test_database_away_is_503(monkeypatch):
    def refuse(self):
        raise OperationalError("connection refused")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", refuse)
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["faults"]) == (503, ["database"])
    assert response["Retry-After"] == "10"


@pytest.mark.django_db
def test_unapplied_migration_is_503():
    MigrationRecorder(connection).record_unapplied("operations", "0001_initial")
    assert ready(503)["faults"] == ["migrations"]


@pytest.mark.django_db
def test_files_that_cannot_be_read_are_503(settings):
    settings.FILES_DIR.write_text("a file where the folder should be")
    assert ready(503)["faults"] == ["files"]


@pytest.mark.django_db
def test_lost_files_are_503(settings):
    StoredFile.objects.create(sha256="0" * 64, size=1, media_type="text/plain", stored_at=timezone.now())
    assert ready(503)["faults"] == ["files"]


@pytest.mark.django_db
def test_stored_files_are_fine():
    store.put(b"paper", media_type="text/plain", at=timezone.now())
    assert ready(200)["faults"] == []


@pytest.mark.django_db
def test_lost_embedded_broker_is_degraded(embedded_broker):
    embedded_broker.unlink()
    assert ready(200)["degraded"] == ["broker"]


@pytest.mark.django_db
def test_lost_redis_is_degraded(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert ready(200)["degraded"] == ["broker"]


@pytest.mark.redis
def test_redis_that_answers_is_well(settings, redis_url):
    settings.REDIS_URL = redis_url
    assert health.broker_answers()


def waiting(person, now: dt.datetime, *, late: int) -> None:
    """A notice that does not wait for the mail of the day, and is late by so many seconds."""
    Notice.objects.create(
        kind="assignment.rejected",
        subject_type="test",
        subject_id=1,
        recipient=person,
        rule="-7",
        due_on=now.date(),
        created_at=now,
        send_after=now - dt.timedelta(seconds=late),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("late", "degraded"), [(299, []), (301, ["notices"])])
def test_notice_that_waits_too_long_is_degraded(focal_point, late, degraded):
    now = timezone.now()
    waiting(focal_point, now, late=late)
    found = health.readiness(at=now)
    assert (found.oldest_due_notice_seconds, list(found.degraded)) == (late, degraded)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "degraded"),
    [
        ({}, []),
        ({"MAIL_ALL_TO": "van-hanh@example.vn"}, ["mail"]),
        ({"EMAIL_URL": ""}, ["mail"]),
        ({"DEFAULT_FROM_EMAIL": "cong-phoi-hop@localhost"}, ["mail"]),
        ({"DEFAULT_FROM_EMAIL": "Cổng <cong-phoi-hop@LOCALHOST>"}, ["mail"]),
        ({"EMAIL_URL": "", "DEFAULT_FROM_EMAIL": "cong-phoi-hop@localhost", "DEMO": True}, []),
        ({"MAIL_ALL_TO": "van-hanh@example.vn", "DEMO": True}, ["mail"]),
    ],
    ids=str,
)
def test_mail_that_reaches_nobody_is_degraded(settings, given, degraded):
    for name, value in given.items():
        setattr(settings, name, value)
    assert ready(200)["degraded"] == degraded
