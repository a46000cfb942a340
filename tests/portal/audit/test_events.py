"""The audit chain: what is written, and that every tampering is named."""

import datetime as dt
import itertools

import pytest
from django.db import DatabaseError, connection, transaction

from portal.audit import events, verification, verifier
from portal.audit.models import Event, Head
from portal.lib.actions import action
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.both]
SQLITE = connection.vendor == "sqlite"


@action
def act(subject, by=None, count=1, **payload):
    for _place in range(count):
        events.record("agency.tested", subject, by=by, at=NOW, agency_code="SXD", payload=payload)


@pytest.fixture
def chain(department, officer) -> list[Event]:
    """Five events in three transactions."""
    act(department, officer, nội_dung="Đã rà soát")
    act(department, count=3)
    act(department, officer)
    return list(Event.objects.order_by("seq"))


def test_empty_chain_holds():
    report = verification.verify()
    assert (report.ok, report.count, report.head_sha256) == (True, 0, verifier.START_SHA256)


def test_chain_holds(chain):
    report = verification.verify()
    assert (report.ok, report.count, report.head_seq) == (True, 5, 5)
    assert [event.seq for event in chain] == [1, 2, 3, 4, 5]
    assert chain[0].prev_sha256 == verifier.START_SHA256
    for before, after in itertools.pairwise(chain):
        assert after.prev_sha256 == before.sha256


def test_event_says_who_did_what_to_what(chain, department, officer):
    event = chain[0]
    assert (event.actor_id, event.actor_label) == (officer.pk, "Thiếu tá Lê Quang Đạt")
    assert (event.subject_type, event.subject_id) == ("agencies.agency", str(department.pk))
    assert event.payload == '{"nội_dung":"Đã rà soát"}'
    assert event.at == NOW


def test_refused_action_leaves_no_event(department):
    @action
    def refused() -> None:
        act(department)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        refused()
    assert not Event.objects.exists()
    assert verification.verify().ok


def test_nothing_is_recorded_outside_an_action(department):
    with pytest.raises(RuntimeError):
        events.record("agency.tested", department, by=None, at=NOW)


def test_events_of_an_action_take_a_fixed_number_of_queries(department, django_assert_num_queries):
    with django_assert_num_queries(5):  # savepoint, head, insert, head, release
        act(department, count=20)


def test_text_is_one_whatever_the_order_and_form():
    assert events.canonical({"b": 1, "a": "Hòa"}) == events.canonical({"a": "Hòa", "b": 1})


def test_time_is_hashed_in_utc(chain):
    event = chain[0]
    before = events.digest(event)
    event.at = event.at.astimezone(dt.UTC)
    assert events.digest(event) == before


# --- Tampering, with the triggers out of the way --------------------------------------------------------
def without_triggers(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        if SQLITE:
            for name in ("no_update", "no_delete", "follows"):
                cursor.execute(f"DROP TRIGGER IF EXISTS audit_event_{name}")
        else:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    "column",
    [
        "verb",
        "actor_label",
        "agency_code",
        "subject_type",
        "subject_id",
        "subject_label",
        "address",
        "payload",
    ],
)
def test_every_changed_text_is_named(chain, column):
    without_triggers(f"UPDATE audit_event SET {column} = 'khác' WHERE seq = 3")
    assert verification.verify().bad_seq == 3


@pytest.mark.parametrize("change", ["at = '2020-01-01 00:00:00+00:00'", "actor_id = 999"])
def test_changed_time_and_actor_are_named(chain, change):
    without_triggers(f"UPDATE audit_event SET {change} WHERE seq = 2")
    assert verification.verify().bad_seq == 2


def test_rewritten_event_breaks_the_next(chain):
    """Who changes an event and its own hash too is found at the event after it."""
    event = chain[2]
    event.payload = '{"khác":1}'
    without_triggers(
        "UPDATE audit_event SET payload = %s, sha256 = %s WHERE seq = 3", event.payload, events.digest(event)
    )
    assert verification.verify().bad_seq == 4


def test_missing_event_is_named(chain):
    without_triggers("DELETE FROM audit_event WHERE seq = 3")
    assert verification.verify().bad_seq == 4


def test_cut_tail_is_named(chain):
    without_triggers("DELETE FROM audit_event WHERE seq >= 4")
    report = verification.verify()
    assert (report.ok, report.bad_seq) == (False, 4)


def test_head_set_back_is_named(chain):
    Head.objects.update(seq=3, sha256=chain[2].sha256)
    assert not verification.verify().ok


def test_swapped_events_are_named(chain):
    without_triggers("UPDATE audit_event SET seq = 90 WHERE seq = 2")
    without_triggers("UPDATE audit_event SET seq = 2 WHERE seq = 3")
    without_triggers("UPDATE audit_event SET seq = 3 WHERE seq = 90")
    assert verification.verify().bad_seq == 2


# --- What the triggers refuse --------------------------------------------------------------------------
REFUSED = {
    "update": "UPDATE audit_event SET payload = '{}' WHERE seq = 2",
    "delete": "DELETE FROM audit_event WHERE seq = 5",
    "replace": (
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE seq = 2"
        if SQLITE
        else "INSERT INTO audit_event SELECT * FROM audit_event WHERE seq = 2"
        " ON CONFLICT (seq) DO UPDATE SET payload = '{}'"
    ),
    "truncate": "DELETE FROM audit_event" if SQLITE else "TRUNCATE audit_event",
}


@pytest.mark.parametrize("name", REFUSED)
def test_database_refuses(chain, name):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(REFUSED[name])
    report = verification.verify()
    assert (report.ok, report.count) == (True, 5)


@pytest.mark.parametrize(("seq", "prev"), [(9, "last"), (6, "0" * 64), (5, "last")])
def test_database_refuses_what_does_not_follow(chain, seq, prev):
    """A gap, another past, a number twice; the same row with the right number and past goes in."""
    last = Event.objects.get(seq=5).sha256
    with pytest.raises(DatabaseError), transaction.atomic():
        forge(seq, last if prev == "last" else prev)
    forge(6, last)


def forge(seq, prev):
    Event.objects.create(seq=seq, at=NOW, verb="x", payload="{}", prev_sha256=prev, sha256="1" * 64)


def test_there_is_one_head():
    with pytest.raises(DatabaseError), transaction.atomic():
        Head.objects.create(pk=2, seq=0, sha256="0" * 64)
