"""The demonstration and the real portal never run on each other's data."""

import http.client
import os
import subprocess
import sys
from collections.abc import Mapping
from ipaddress import ip_network

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.utils import timezone

from agreements import authorities, keys
from portal.operations import marks
from portal.operations.models import DemonstrationMark
from portal.operations.serving import checks, welcome
from portal.users import totp
from tests.servers import free_port, wait_for_port
from tests.source import BASE

WSGI = "portal.wsgi:application"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.PKI_DIR = tmp_path / "pki"
    return tmp_path


def mode(settings, *, demo: bool) -> str | None:
    settings.DEMO = demo
    return marks.wrong_mode()


@pytest.mark.parametrize("demo", [True, False])
def test_empty_portal_may_become_either(settings, demo):
    assert mode(settings, demo=demo) is None


def test_demonstration_goes_on_as_one(settings, focal_point):
    marks.mark_demonstration(at=timezone.now())
    assert mode(settings, demo=True) is None


def test_marking_twice_is_harmless():
    first = timezone.now()
    marks.mark_demonstration(at=first)
    marks.mark_demonstration(at=timezone.now())
    assert DemonstrationMark.objects.get().made_at == first


def test_real_portal_refuses_the_database_of_a_demonstration(settings, folder):
    marks.mark_demonstration(at=timezone.now())
    (folder / marks.FILE_NAME).unlink()
    assert "DATABASE_URL" in mode(settings, demo=False)


def test_real_portal_refuses_the_folder_of_a_demonstration(settings):
    marks.mark_demonstration(at=timezone.now())
    DemonstrationMark.objects.all().delete()
    assert "DATA_DIR" in mode(settings, demo=False)


def test_demonstration_refuses_real_people(settings, focal_point):
    assert "real people" in mode(settings, demo=True)


def test_process_stops_in_one_line(settings, focal_point):
    settings.DEMO = True
    with pytest.raises(SystemExit) as stopped:
        marks.refuse_wrong_mode()
    assert "\n" not in stopped.value.code


def test_check_of_the_database_refuses(settings, focal_point):
    settings.DEMO = True
    with pytest.raises(SystemCheckError, match="E001"):
        call_command("check", databases=["default"])


def test_checks_without_database_do_not_ask_it(settings, focal_point):
    settings.DEMO = True
    assert marks.check_mode(databases=None) == []


# --- The certificate authority ------------------------------------------------------------------------
@pytest.mark.parametrize(("made", "asked"), [(True, False), (False, True)])
def test_authority_of_the_other_mode_is_refused(settings, made, asked):
    settings.DEMO = made
    authorities.authority(at=timezone.now())
    assert mode(settings, demo=made) is None
    assert "The authority in" in mode(settings, demo=asked)


def test_authority_and_codes_are_random_for_each_portal(settings, tmp_path, head, deputy):
    settings.DEMO = True
    first = authorities.authority(at=timezone.now()).root
    settings.PKI_DIR = tmp_path / "other"
    assert authorities.authority(at=timezone.now()).root != first
    for person in (head, deputy):
        totp.enrol(person)
    assert Authenticator.objects.get(user=head).data != Authenticator.objects.get(user=deputy).data


# --- A demonstration for the network --------------------------------------------------------------------
@pytest.fixture
def public(settings):
    settings.DEMO = settings.DEMO_PUBLIC = True
    settings.DEMO_PASSWORD = settings.DEMO_PIN = ""
    marks.mark_demonstration(at=timezone.now())
    return settings


def test_public_demonstration_draws_its_own_password_and_pin(public):
    password, pin = marks.password_and_pin()
    assert len(set(password)) >= 8
    assert len(password) == 23
    keys.check_pin(pin)
    DemonstrationMark.objects.all().delete()
    marks.mark_demonstration(at=timezone.now())
    assert marks.password_and_pin() != (password, pin)


def test_public_demonstration_keeps_them(public):
    drawn = marks.password_and_pin()
    marks.mark_demonstration(at=timezone.now())
    assert marks.password_and_pin() == drawn


def test_public_demonstration_prints_them_and_nothing_else_shows_the_password(public, client):
    password, pin = marks.password_and_pin()
    greeting = welcome.text(checks.Address("0.0.0.0", "0.0.0.0", 8000))
    assert password in greeting
    assert pin in greeting
    page = client.get("/login/").content.decode()
    assert password not in page
    assert "phoi-hop-quan-dan" not in page + greeting


def test_printed_password_never_meets_the_network(settings, focal_point):
    settings.DEMO, settings.DEMO_PUBLIC = True, False
    marks.mark_demonstration(at=timezone.now())
    settings.DEMO_PUBLIC = True
    assert "leave DEMO_PUBLIC out" in marks.wrong_mode()


def test_public_demonstration_is_started_as_one(public, focal_point):
    public.DEMO_PUBLIC = False
    assert "set DEMO_PUBLIC=1" in marks.wrong_mode()


# --- Every way of starting -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "command", [("load_demo",), ("demo_code", "sxd.daumoi")], ids=lambda command: command[0]
)
def test_demonstration_commands_leave_real_people_alone(settings, focal_point, command):
    settings.DEMO = True
    with pytest.raises(SystemExit, match="real people"):
        call_command(*command)
    assert not DemonstrationMark.objects.exists()


@pytest.mark.parametrize("command", [("demo_code", "snv.gd"), ("load_demo",)], ids=lambda command: command[0])
def test_outside_of_the_demonstration_its_commands_refuse(settings, command):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command(*command)


def test_debug_is_refused(settings):
    settings.DEBUG = True
    assert "DEBUG" in marks.wrong_mode()


ASKED = "/healthz"


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7"}, 403),
        ({"REMOTE_ADDR": "::ffff:192.0.2.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1, 192.0.2.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "nobody"}, 403),
    ],
)
def test_demonstration_answers_this_machine_only(settings, facts, status):
    settings.DEMO = True
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    answer = Client().get(ASKED, **facts)
    assert answer.status_code == status
    assert status == 200 or "TRÌNH DIỄN" in answer.content.decode()


@pytest.mark.parametrize(("demo", "public"), [(False, False), (True, True)])
def test_others_answer_the_network(settings, demo, public):
    settings.DEMO, settings.DEMO_PUBLIC = demo, public
    assert Client().get(ASKED, REMOTE_ADDR="192.0.2.7").status_code == 200


SERVERS = {
    "runserver": ("manage.py", "runserver", "--noreload", "0.0.0.0:{port}"),
    "granian": ("-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "{port}", WSGI),
}


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
def test_servers_that_listen_everywhere_refuse_the_network(folder, server):
    port = free_port()
    command = [sys.executable, *(word.format(port=port) for word in SERVERS[server])]
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = known | {"DJANGO_SETTINGS_MODULE": "portal.settings", "DATA_DIR": str(folder), "DEMO": "1"}
    running = subprocess.Popen(
        command, cwd=BASE, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for_port(port, seconds=60)
        statuses = {
            "here": asked(port, "localhost"),
            "another name": asked(port, "portal.example.vn"),
            "through a proxy": asked(port, "localhost", {"X-Forwarded-For": "192.0.2.7"}),
        }
    finally:
        running.terminate()
        running.wait(20)
    assert statuses == {"here": 200, "another name": 400, "through a proxy": 403}


def asked(port: int, host: str, headers: Mapping[str, str] = {}) -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", ASKED, headers={"Host": host, **headers})
    return link.getresponse().status
