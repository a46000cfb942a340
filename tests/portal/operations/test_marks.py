"""The demonstration and the real portal never run on each other's data."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.utils import timezone

from portal.operations import marks
from portal.operations.models import DemonstrationMark

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
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
