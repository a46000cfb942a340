"""Verification of the audit chain against bare reading and hashing of the same rows, in the same run.

    python -m bench.audit [EVENTS]                                       on SQLite
    python -m tests.servers with-postgres python -m bench.audit [EVENTS]     on PostgreSQL

1,000,000 events unless given. The promise is 60 s. `ratio` is verification / bare; the page of the
trail is measured on the same events: its newest page, a deep one, and one of a rare object.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from bench.sweep import NOW, prepare_portal

PROMISE = 60  # seconds
AT_ONCE = 5000
PAYLOAD = '{"after":{"deadline_on":"2026-04-15"},"before":{"deadline_on":"2026-03-31"}}'


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        prepare_portal(folder)
        fill(count)
        measure(count)


def fill(count: int) -> None:
    """Append events as the portal's own writer chains them, and sign two checkpoints."""
    from django.db import transaction

    from portal.audit import checkpoints, events

    for start in range(0, count, AT_ONCE):
        with transaction.atomic():
            events.append([pending(number) for number in range(start, min(start + AT_ONCE, count))])
    checkpoints.write(at=NOW)
    assert Path(checkpoints.files()[0]).exists()


def pending(number: int) -> object:
    from portal.audit.events import Pending

    return Pending(
        at=NOW,
        verb=("assignment.progress_reported", "assignment.changed", "signature.added")[number % 3],
        actor_id=number % 300 + 1,
        actor_label="Thiếu tá Lê Quang Đạt",
        agency_code=f"A{number % 46}",
        subject_type="tasks.assignment",
        subject_id=str(number % 5000),
        subject_label="1.01 Rà soát, bổ sung quy hoạch tổng thể bố trí quốc phòng",
        payload=PAYLOAD,
    )


def measure(count: int) -> None:
    from django.db import connection

    from portal.audit import verification

    verifying, bare, busy = [], [], []
    for _round in range(3):
        begun, cpu = time.perf_counter(), time.process_time()
        report = verification.verify()
        verifying.append(time.perf_counter() - begun)
        busy.append(time.process_time() - cpu)
        assert (report.outcome, report.count) == ("good", count), report
        bare.append(timed(read_and_hash))
    seconds, limit = statistics.median(verifying), statistics.median(bare)
    facts = {"cpu_s": statistics.median(busy), "database": connection.vendor, "events": count}
    show(
        figure="audit verification",
        s=seconds,
        bare_s=limit,
        ratio=seconds / limit,
        promise_s=PROMISE,
        **facts,
    )
    del facts["cpu_s"]
    for name, step in pages(count).items():
        show(
            figure=f"audit page, {name}", ms=1000 * statistics.median(timed(step) for _ in range(9)), **facts
        )


def read_and_hash() -> None:
    """Read every row in the same order and hash its text: what no verification can do without."""
    from django.db import connection

    from portal.audit import verifier

    columns = ", ".join((*verifier.FIELDS, "sha256"))
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM audit_event ORDER BY seq")
        while rows := cursor.fetchmany(AT_ONCE):
            for row in rows:
                sha256(repr(row).encode()).hexdigest()


def pages(count: int) -> dict[str, Callable[[], object]]:
    """Return what a reader does, by name; each makes one page of fifty events."""
    from portal.agencies.models import Agency
    from portal.dashboards.trail import choices
    from portal.dashboards.trail import pages as trail
    from portal.users.models import Role
    from tests import factories

    officer = factories.person("officer", Role.PROGRAMME_OFFICER, factories.AgencyFactory(code="A1"))
    assert Agency.objects.exists()

    def page(before: int | None = None, **chosen: str) -> Callable[[], object]:
        form = choices.TrailForm(chosen)
        return lambda: trail.page(choices.chosen(form, officer), officer, before=before, after=None)

    day = NOW.date().isoformat()
    return {
        "newest": page(),
        "in the middle": page(before=count // 2),
        "one object": page(subject="tasks.assignment:7"),
        "one agency": page(agency="A7"),
        "one action": page(action="signature.added"),
        "a kind of action": page(action="records"),
        "a rare action": page(action="audit.exported"),
        "a person": page(person="officer"),
        "nobody": page(person="khong ai"),
        "a day and an agency": page(since=day, until=day, agency="A7"),
        "an empty period": page(until="2001-01-01"),
    }


def timed(step: Callable[[], object]) -> float:
    """Return the seconds that a step took."""
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


def show(**figures: object) -> None:
    print(
        json.dumps({name: round(v, 3) if isinstance(v, float) else v for name, v in figures.items()}),
        flush=True,
    )


if __name__ == "__main__":
    main()
