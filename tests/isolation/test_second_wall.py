"""The first wall taken away: every rule of access says yes, and PostgreSQL still shows nothing foreign.

Control: with the second wall open as well, the same pages show the same people what is not theirs. So it
is the second wall that hides it, and nothing else.
"""

import pytest
from django.db.models import Q

from agreements import access as agreements_access
from agreements.models import Credential
from portal.lib import walls
from portal.notices import access as notices_access
from portal.notices.models import Notice
from portal.users import middleware
from tasks import access as tasks_access
from tasks.models import Programme, Progress
from tests.isolation.crawler import Crawler

pytestmark = pytest.mark.postgres

BEHIND_THE_WALL = {"log", "notice", "credential"}
PEOPLE = ("syt_head", "syt_focal", "viewer")
PAGES = ("home", "assignments:detail", "notices:list", "agreements:certificate")


@pytest.fixture
def first_wall_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every rule about who sees what say yes."""
    for module, name, rule in (
        (tasks_access, "visible_programmes", lambda user: Programme.objects.all()),
        (tasks_access, "progress_rule", lambda user: Q(pk__isnull=False)),
        (tasks_access, "may_see_log", lambda user, assignment: True),
        (tasks_access, "visible_log", lambda user, row: Progress.objects.filter(assignment=row)),
        (notices_access, "visible_notices", lambda user: Notice.objects.shown()),
        (agreements_access, "may_hold_certificate", lambda user: True),
        (
            agreements_access,
            "visible_credentials",
            lambda user: Credential.objects.select_related("certificate"),
        ),
    ):
        monkeypatch.setattr(module, name, rule)


def kinds_shown(world) -> set[str]:
    """Crawl a few pages as a few people; return the kinds of foreign words that they meet."""
    leaks = Crawler(world, people=PEOPLE, only=PAGES).crawl().leaks
    return {line.partition(" shows ")[2].split()[0] for line in leaks if " shows " in line}


def test_the_second_wall_stands_alone(world, first_wall_gone):
    shown = kinds_shown(world)
    assert not shown & BEHIND_THE_WALL
    assert "reason" in shown or "result" in shown  # columns of rows that everybody reads: see the decision


def test_without_it_the_same_pages_tell(world, first_wall_gone, monkeypatch):
    monkeypatch.setattr(middleware, "reach_of", lambda user: walls.EVERYTHING)
    assert {"log", "notice"} <= kinds_shown(world)


def test_a_sealed_key_is_its_owners_alone(world, first_wall_gone):
    def serials(name: str) -> list[str]:
        user = world.people[name]
        with walls.request():
            walls.let_in(middleware.reach_of(user))
            return [row.certificate.serial for row in agreements_access.visible_credentials(user)]

    assert len(serials("sxd_head")) == len(serials("stc_head")) == 1
    assert serials("sxd_head") != serials("stc_head")
    assert serials("commander") == serials("sxd_deputy") == serials("viewer") == []
    assert len(serials("admin")) == 2  # that they are there and locked; the key itself stays in the database


def test_nobody_writes_in_anothers_name(world):
    """What the actions refuse the database refuses too."""
    stranger, row = world.people["syt_focal"], world.assignments["1.01"]
    with walls.request():
        walls.let_in(middleware.reach_of(stranger))
        assert not Progress.objects.filter(assignment=row).exists()
        assert Notice.objects.exclude(recipient=stranger).update(read_at=None) == 0
        assert Credential.objects.update(failures=0) == 0
        assert Progress.objects.update(text="") == 0
        assert Progress.objects.all().delete()[0] == 0
