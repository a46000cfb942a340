"""The second wall on its own: who the connection is, and that nothing of it stays or is lost."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction

from portal.lib import walls
from portal.lib.walls import EVERYTHING, NOBODY, Reach, Scope
from portal.users import middleware
from tasks.models import Progress
from tests.factories import ProgressFactory

pytestmark = pytest.mark.both

ONE = Reach(Scope.OWN, 7, 11)


def told() -> tuple[str, str, str]:
    """What PostgreSQL was told, by its own answer."""
    with connection.cursor() as cursor:
        names = ("app.scope", "app.person", "app.agency")
        cursor.execute("SELECT current_setting(%s), current_setting(%s), current_setting(%s)", names)
        return cursor.fetchone()


@pytest.fixture
def served():
    """The process serves the web: outside of requests it is nobody."""
    walls.close()
    yield
    walls._outside = EVERYTHING
    walls._put(EVERYTHING)


# --- On both engines: who the code is -------------------------------------------------------------
def test_commands_and_jobs_see_everything():
    assert walls.reach() == EVERYTHING


def test_a_request_begins_as_nobody_and_leaves_nothing_behind(db):
    with walls.request():
        assert walls.reach() == NOBODY
        walls.let_in(ONE)
        assert walls.reach() == ONE
    assert walls.reach() == EVERYTHING


def test_outside_of_a_request_nobody_is_let_in(db):
    walls.let_in(ONE)
    assert walls.reach() == EVERYTHING


def test_a_fault_leaves_nothing_behind(db):
    with pytest.raises(ZeroDivisionError), walls.request(), walls.everything():
        raise ZeroDivisionError
    assert walls.reach() == EVERYTHING


def test_another_thread_is_not_let_in(db):
    seen = []
    with walls.request():
        walls.let_in(ONE)
        thread = threading.Thread(target=lambda: seen.append(walls.reach()))
        thread.start()
        thread.join()
    assert seen == [EVERYTHING]


def test_a_process_that_serves_is_nobody_between_requests(db, served):
    assert walls.reach() == NOBODY
    with walls.request():
        walls.let_in(ONE)
    assert walls.reach() == NOBODY


REACH = {
    "officer": Scope.COMMAND,
    "commander": Scope.COMMAND,
    "clerk": Scope.COMMAND,
    "admin": Scope.RECORDS,
    "front_head": Scope.OWN,
    "head": Scope.OWN,
    "deputy": Scope.OWN,
    "focal_point": Scope.OWN,
    "viewer": Scope.OWN,
    "stranger": Scope.OWN,
}


def test_every_post_has_its_reach(cast):
    reaches = {name: middleware.reach_of(getattr(cast, name)) for name in REACH}
    assert {name: reach.scope for name, reach in reaches.items()} == REACH
    assert {reach.person for reach in reaches.values()} == {user.pk for user in vars(cast).values()}
    of_no_agency = {name for name, reach in reaches.items() if reach.agency is None}
    assert of_no_agency == {"admin", "viewer"}


def test_a_visitor_stays_nobody(db):
    with walls.request():
        middleware.let_in(AnonymousUser())
        assert walls.reach() == NOBODY


# --- PostgreSQL: what the connection was told -------------------------------------------------------
@pytest.mark.postgres
class TestConnection:
    def test_it_is_told_and_told_again(self, db):
        assert told() == ("all", "", "")
        with walls.request():
            assert told() == ("none", "", "")
            walls.let_in(ONE)
            assert told() == ("own", "7", "11")
            with walls.everything():
                assert told() == ("all", "", "")
            assert told() == ("own", "7", "11")
        assert told() == ("all", "", "")

    def test_a_new_connection_within_a_request_is_told(self, transactional_db):
        with walls.request():
            walls.let_in(ONE)
            connection.close()
            assert told() == ("own", "7", "11")

    def test_a_connection_that_broke_between_requests_comes_back_as_nobody(self, transactional_db, served):
        with walls.request():
            walls.let_in(ONE)
            assert told()[0] == "own"
        connection.connection.close()  # as when the server restarted
        connection.close_if_unusable_or_obsolete()
        connection.close()
        assert told() == ("none", "", "")

    def test_a_connection_that_cannot_be_told_at_the_end_is_closed(self, transactional_db, served):
        with walls.request():
            walls.let_in(ONE)
            assert told()[0] == "own"
            connection.connection.close()
        assert connection.connection is None

    def test_a_rollback_never_leaves_more_than_before(self, db):
        with walls.request():
            walls.let_in(ONE)
            with pytest.raises(ZeroDivisionError), transaction.atomic(), walls.everything():
                raise ZeroDivisionError
            assert told() == ("own", "7", "11")

    def test_an_aborted_transaction_within_everything_goes_back_too(self, transactional_db, focal_point):
        with walls.request():
            walls.let_in(ONE)
            with pytest.raises(IntegrityError), transaction.atomic(), walls.everything():
                type(focal_point).objects.create(username=focal_point.username)
            assert told() == ("own", "7", "11")

    def test_nobody_sees_and_writes_nothing(self, assignment, focal_point):
        ProgressFactory(assignment=assignment, by=focal_point)
        with walls.request():
            assert not Progress.objects.exists()
            assert Progress.objects.update(text="x") == 0
        assert Progress.objects.count() == 1

    def test_what_was_never_told_sees_nothing(self, assignment, focal_point):
        """A connection of another program: no setting at all, then an emptied one."""
        ProgressFactory(assignment=assignment, by=focal_point)
        with connection.cursor() as cursor:
            for scope in ("", "ALL", "everything"):
                cursor.execute("SELECT set_config('app.scope', %s, false)", [scope])
                cursor.execute("SELECT count(*) FROM tasks_progress")
                assert cursor.fetchone() == (0,)
