"""Backups: only one that was restored and verified counts, and that none was is told and shown."""

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.audit import backups as proofs
from portal.audit.models import Event
from portal.dashboards import portal_facts
from portal.lib.dates import LOCAL
from portal.lib.errors import RuleError
from portal.notices import delivery, mailbox, planning
from portal.notices.models import Notice, Why
from portal.operations import backups, gauges, health
from tasks import programmes
from tests.factories import NOW, TODAY

DAY = dt.timedelta(days=1)
LIMIT = dt.timedelta(days=35)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def begun(programme, admin):
    """The programme came into force 50 days ago, and nothing else falls due."""
    programme.assignments.update(due_on=None)
    return programme


@pytest.fixture
def event(programme, commander) -> Event:
    """An event that every backup of today holds."""
    programmes.terminate(programme, by=commander, at=NOW - DAY, reason="Dừng theo chỉ đạo của cấp trên")
    type(programme).objects.update(state="in_force")
    return Event.objects.order_by("-seq").first()


def prove(event: Event, *, taken_at: dt.datetime = NOW, at: dt.datetime = NOW, **changes) -> None:
    facts = {"head_seq": event.seq, "head_sha256": event.sha256} | changes
    proofs.prove(taken_at=taken_at, at=at, **facts)


def told(at: dt.datetime) -> set[tuple[str, str]]:
    planning.plan(at=at)
    rows = Notice.objects.shown().filter(kind="backup.unproven")
    return set(rows.values_list("recipient__username", "rule"))


def test_administrator_hears_when_no_backup_was_ever_proven(begun):
    first = begun.in_force_at + LIMIT
    assert told(first - DAY) == set()
    assert told(first) == {("quantri", "+0")}
    text = Notice.objects.get(kind="backup.unproven").text_vi
    assert text.startswith("Chưa khôi phục thử bản sao lưu")
    assert f"{backups.due_on(begun, None):%d/%m/%Y}" in text


def test_proof_counts_from_the_day_on_which_the_backup_was_taken(begun, event):
    prove(event, taken_at=NOW - DAY / 24, at=NOW + 3 * DAY)
    assert backups.due_on(begun, proofs.newest()) == TODAY + LIMIT
    assert not backups.is_overdue(at=NOW + LIMIT)
    assert backups.is_overdue(at=NOW + LIMIT + DAY)


def test_reminder_that_a_proof_has_answered_is_not_mailed(event, settings, tmp_path):
    settings.MAIL_DIR = tmp_path
    settings.EMAIL_BACKEND = "portal.notices.mailbox.FolderBackend"
    at = dt.datetime(2026, 3, 9, 8, 5, tzinfo=LOCAL)  # 14 days after it was due
    assert told(at) == {("quantri", "+14")}
    prove(event, taken_at=NOW, at=NOW)
    delivery.deliver(at=NOW)
    notice = Notice.objects.shown().get(kind="backup.unproven")
    assert notice.skip_reason == Why.NOT_DUE
    assert not [letter for letter in mailbox.letters(lambda _to: True) if "quantri" in letter.to[0]]


def test_nobody_is_asked_before_a_programme_is_in_force(begun):
    type(begun).objects.update(state="draft")
    assert told(begun.in_force_at + LIMIT) == set()
    assert not backups.is_overdue(at=NOW + LIMIT)


@pytest.mark.parametrize(
    "changes",
    [
        {"head_sha256": "0" * 64},
        {"head_seq": 10**6},
        {"taken_at": NOW + DAY},
        {"taken_at": NOW - 3 * DAY},
    ],
    ids=["other hash", "more events", "in the future", "before its last event"],
)
def test_what_cannot_be_a_backup_of_this_portal_is_refused(event, changes):
    with pytest.raises(RuleError):
        prove(event, **changes)
    assert proofs.newest() is None


def run(monkeypatch, said: object, taken: str = "2026-03-10T08:30") -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(said if isinstance(said, str) else json.dumps(said)))
    out = io.StringIO()
    call_command("backup_proven", taken=dt.datetime.fromisoformat(taken).replace(tzinfo=LOCAL), stdout=out)
    return out.getvalue()


def test_command_takes_what_verify_audit_says_of_the_restored_copy(monkeypatch, event):
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_audit", json=True, stdout=out)
    said = json.loads(out.getvalue()) | {"outcome": "good"}  # here no checkpoint vouches for it
    assert "is good" in run(monkeypatch, said)
    assert proofs.newest().taken_at == dt.datetime(2026, 3, 10, 8, 30, tzinfo=LOCAL)
    assert json.loads(Event.objects.get(verb="backup.proven").payload)["events"] == event.seq


@pytest.mark.parametrize("said", ["", "[]", {"outcome": "good"}, {"outcome": "bad", "head_seq": 1}])
def test_command_refuses_anything_else(monkeypatch, event, said):
    with pytest.raises(CommandError):
        run(monkeypatch, said)
    assert proofs.newest() is None


def test_command_refuses_a_trail_that_is_not_good(monkeypatch, event):
    said = {"outcome": "cannot_tell", "head_seq": event.seq, "head_sha256": event.sha256}
    with pytest.raises(CommandError, match="cannot_tell"):
        run(monkeypatch, said)


def test_home_of_the_administrator_names_the_newest(event, settings):
    settings.LANGUAGE_CODE = "en"
    assert ("Newest proven backup", "none yet") in [row[:2] for row in portal_facts.rows(TODAY)]
    prove(event)
    assert ("Newest proven backup", "10/03/2026") in [row[:2] for row in portal_facts.rows(TODAY)]


def test_monitor_hears_it(event, time_machine):
    time_machine.move_to(NOW)
    assert "backup" in health.readiness(at=NOW).degraded
    prove(event, taken_at=NOW - DAY / 24)
    found = Client().get("/readyz").json()
    assert "backup" not in found["degraded"]
    assert found["backup_of"] == "2026-03-10T08:00:00+07:00"
    assert "portal_proven_backup_seconds 3600\n" in gauges.text(at=NOW)
