"""@action: one transaction, buffered rows written last and in order."""

import pytest
from django.db import IntegrityError, OperationalError

from portal.lib import actions
from portal.lib.actions import Stage, action, is_running, write_last
from tests import factories


def recorder(log: list[str], name: str):
    return lambda rows: log.append(f"{name}{rows}")


def test_rows_are_written_last_and_in_order(db):
    log: list[str] = []
    audit, notices = recorder(log, "audit"), recorder(log, "notices")

    @action
    def act() -> str:
        write_last(Stage.AUDIT, audit, 1)
        write_last(Stage.NOTICES, notices, 2)
        write_last(Stage.AUDIT, audit, 3)
        log.append("body")
        return "done"

    assert act() == "done"
    assert log == ["body", "notices[2]", "audit[1, 3]"]


def test_inner_action_joins_the_outer(db):
    log: list[str] = []
    writer = recorder(log, "rows")

    @action
    def inner() -> None:
        write_last(Stage.AUDIT, writer, "inner")

    @action
    def outer() -> None:
        inner()
        assert log == []
        write_last(Stage.AUDIT, writer, "outer")

    outer()
    assert log == ["rows['inner', 'outer']"]


def test_failure_takes_everything_back(db):
    log: list[str] = []

    @action
    def act() -> None:
        factories.AgencyFactory(code="SYT")
        write_last(Stage.AUDIT, recorder(log, "rows"), 1)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        act()
    assert log == []
    assert not is_running()
    assert not factories.AgencyFactory._meta.model.objects.exists()


def test_failure_of_a_writer_takes_everything_back(db):
    def broken(rows: list[int]) -> None:
        raise RuntimeError

    @action
    def act() -> None:
        factories.AgencyFactory(code="SYT")
        write_last(Stage.AUDIT, broken, 1)

    with pytest.raises(RuntimeError):
        act()
    assert not factories.AgencyFactory._meta.model.objects.exists()


def test_nothing_is_written_outside_an_action(db):
    with pytest.raises(RuntimeError):
        write_last(Stage.AUDIT, lambda rows: None, 1)


class _Cause(Exception):
    def __init__(self, pgcode: str) -> None:
        self.pgcode = pgcode


@pytest.mark.parametrize(("error", "pgcode"), [(OperationalError, "40P01"), (IntegrityError, "23505")])
@pytest.mark.parametrize(("failures", "works"), [(1, True), (2, True), (3, False)])
def test_what_somebody_elses_work_caused_is_tried_again(transactional_db, error, pgcode, failures, works):
    calls: list[int] = []

    @action
    def act() -> str:
        calls.append(1)
        if len(calls) <= failures:
            raise error from _Cause(pgcode)
        return "done"

    if works:
        assert act() == "done"
    else:
        with pytest.raises(error):
            act()
    assert len(calls) == min(failures + 1, actions.RETRIES)


@pytest.mark.parametrize("error", [OperationalError, IntegrityError])
def test_other_faults_of_the_database_are_not_tried_again(transactional_db, error):
    calls: list[int] = []

    @action
    def act() -> None:
        calls.append(1)
        raise error

    with pytest.raises(error):
        act()
    assert len(calls) == 1
