"""The reminder sweep against an INSERT of the same number of prepared rows, in the same run.

    python -m bench.sweep [ASSIGNMENTS]                                       on SQLite
    python -m tests.servers with-postgres python -m bench.sweep [ASSIGNMENTS]     on PostgreSQL

The open assignments (1,000,000 unless given) are spread over a year and over 500 agencies, each tenth
without a focal point. Rounds are interleaved, medians compared; JSON lines. `ratio` is sweep / insert.
"""

import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

ROUNDS = 3
AGENCIES = 500
MOST_INSERTS = 3.0
"""So many times an INSERT of the prepared rows may a sweep take."""
MOST_SECONDS = 1.0
"""So long may a sweep take that finds nothing new."""
NOW = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        prepare_portal(folder)
        fill(count)
        measure(count)


def measure(count: int) -> None:
    sweeps, repeats, inserts = [], [], []
    for number in range(ROUNDS):
        empty_notices()
        sweeps.append(timed(sweep))
        run("ANALYZE")  # as PostgreSQL does by itself within a minute
        repeats.append(timed(sweep))
        if number == 0:
            keep_prepared_rows()
        empty_notices()
        inserts.append(timed(insert_prepared_rows))
    report(count, statistics.median(sweeps), statistics.median(repeats), statistics.median(inserts))


def report(count: int, sweep_s: float, repeat_s: float, insert_s: float) -> None:
    from django.db import connection

    from portal.notices.models import Notice

    facts = {"database": connection.vendor, "assignments": count, "notices": Notice.objects.count()}
    ratio = sweep_s / insert_s
    figures = [
        {
            "figure": "reminder sweep",
            "s": sweep_s,
            "insert_s": insert_s,
            "ratio": ratio,
            "limit": MOST_INSERTS,
            "holds": ratio <= MOST_INSERTS,
        },
        {
            "figure": "sweep that finds nothing new",
            "s": repeat_s,
            "limit": MOST_SECONDS,
            "holds": repeat_s <= MOST_SECONDS,
        },
    ]
    for row in figures:
        rounded = {name: round(v, 3) if isinstance(v, float) else v for name, v in row.items()}
        print(json.dumps(rounded | facts), flush=True)


def prepare_portal(folder: str) -> None:
    """Set Django up on an empty database and bring it to the newest migration."""
    os.environ |= {"DATA_DIR": folder, "DEMO": "0", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    os.environ.setdefault("SECRET_KEY", "bench-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH")
    os.environ.setdefault("KEY_ENCRYPTION_KEY", "bench-only-key-encryption-key-0123456789")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.introspection.table_names():
        sys.exit("the benchmark fills the database: give it an empty one")
    call_command("migrate", verbosity=0)


def fill(count: int) -> None:
    """Make a province with `count` open assignments, by SQL from one that the tests' factory made."""
    from django.db import connection

    from portal.agencies.models import Agency
    from portal.users.models import Membership, Role, User
    from tasks.models import Assignment, Programme
    from tests import factories

    host = factories.AgencyFactory(code="BCHQS")
    factories.person("officer", Role.PROGRAMME_OFFICER, host)
    programme = factories.ProgrammeFactory(host=host)
    Programme.objects.update(state="in_force", in_force_at=NOW)
    task = factories.PriorityTaskFactory(programme=programme)
    for number in range(AGENCIES):
        agency = Agency(code=f"A{number}", name_vi=f"Sở {number}", signature_block="GIÁM ĐỐC")
        agency.save()
        roles = [Role.AGENCY_HEAD] if number % 10 == 0 else [Role.AGENCY_HEAD, Role.FOCAL_POINT]
        for role in roles:
            user = User(username=f"{role}{number}", full_name=f"Người {number}", email="a@example.vn")
            user.save()
            Membership(user=user, agency=agency, role=role, valid_from=dt.date(2020, 1, 1)).save()
    first = Agency.objects.get(code="A0").pk
    sample = factories.AssignmentFactory(task=task, lead=host, code="0", due_on=None)
    changed = {"code", "lead_id", "due_on"}
    columns = [f.column for f in Assignment._meta.concrete_fields if not f.primary_key]
    kept = [column for column in columns if column not in changed]
    day = (
        "DATE '2026-01-01' + number %% 365"
        if connection.vendor == "postgresql"
        else "date('2026-01-01', '+' || (number %% 365) || ' days')"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO tasks_assignment (code, lead_id, due_on, {", ".join(kept)})
                WITH RECURSIVE counted (number) AS (
                    SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < %s)
                SELECT CAST(number AS varchar(10)), %s + number %% {AGENCIES}, {day}, {", ".join(kept)}
                  FROM counted CROSS JOIN tasks_assignment sample WHERE sample.id = %s""",
            [count, first, sample.pk],
        )
    run("ANALYZE")


def sweep() -> None:
    from portal.notices import planning

    planning.plan(at=NOW)


def notice_columns() -> str:
    from portal.notices.models import Notice

    return ", ".join(field.column for field in Notice._meta.concrete_fields if not field.primary_key)


def keep_prepared_rows() -> None:
    run(f"CREATE TABLE prepared AS SELECT {notice_columns()} FROM notices_notice")


def insert_prepared_rows() -> None:
    run(f"INSERT INTO notices_notice ({notice_columns()}) SELECT {notice_columns()} FROM prepared")


def empty_notices() -> None:
    from django.db import connection

    run(
        "TRUNCATE notices_notice CASCADE"
        if connection.vendor == "postgresql"
        else "DELETE FROM notices_notice"
    )


def run(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def timed(step: Callable[[], None]) -> float:
    """Return the seconds that a step took."""
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
