"""Mails of a day: how many are made and sent a second, beside bare mails over the same server.

    python -m bench.digests [PEOPLE]                                       on SQLite
    python -m tests.servers with-postgres python -m bench.digests [PEOPLE]     on PostgreSQL

Each of PEOPLE (500 unless given) has eight reminders of one day. A digest is gathered, claimed, looked at
again, composed as text and HTML, sent over SMTP to a server on this machine, and marked. A bare mail is
one text of the same length over one such connection. Rounds are interleaved, medians compared; JSON lines.
`ratio` is digests over bare mails; it holds when it is at least `limit`.
"""

import datetime as dt
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from bench.sweep import prepare_portal, timed

ROUNDS = 3
EACH = 8
"""Reminders of one person."""
LEAST = 0.05
"""Of the bare rate."""
NOW = dt.datetime(2026, 6, 15, 1, 0, tzinfo=dt.UTC)  # eight in the morning of a Monday
TEXT = "Nhắc việc, hạn 22/06/2026: nhiệm vụ 1.01 Quy hoạch đất quốc phòng https://portal.example\n" * EACH


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, mail_server() as arrived:
        prepare_portal(folder)
        from django.conf import settings

        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = arrived.host, arrived.port
        fill(people)
        digests, bare = [], []
        for _round in range(ROUNDS):
            empty()
            before = len(arrived.envelopes)
            digests.append(timed(deliver))
            sent = len(arrived.envelopes) - before
            if sent != people:
                sys.exit(f"{sent} digests were sent, not {people}")
            bare.append(timed(lambda: send_bare(people)))
    report(people, people / statistics.median(digests), people / statistics.median(bare))


def report(people: int, digests: float, bare: float) -> None:
    from django.db import connection

    ratio = digests / bare
    row = {
        "figure": "digests",
        "per_s": round(digests, 1),
        "bare_per_s": round(bare, 1),
        "ratio": round(ratio, 3),
        "limit": LEAST,
        "holds": ratio >= LEAST,
        "people": people,
        "reminders_each": EACH,
        "database": connection.vendor,
    }
    print(json.dumps(row), flush=True)


@contextmanager
def mail_server() -> Iterator["Arrived"]:
    from aiosmtpd.controller import Controller

    from tests.servers import free_port

    arrived = Arrived("127.0.0.1", free_port())
    server = Controller(arrived, hostname=arrived.host, port=arrived.port)
    server.start()
    try:
        yield arrived
    finally:
        server.stop()


class Arrived:
    """What the mail server took."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port, self.envelopes = host, port, []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.envelopes.append(envelope)
        return "250 OK"


def fill(people: int) -> None:
    """Make people with EACH assignments due in a week; the sweep makes their reminders."""
    from portal.notices import planning
    from portal.users.models import Role
    from tasks.models import Programme
    from tests import factories

    host = factories.AgencyFactory(code="BCHQS")
    programme = factories.ProgrammeFactory(host=host)
    Programme.objects.update(state="in_force", in_force_at=NOW)
    task = factories.PriorityTaskFactory(programme=programme)
    for number in range(people):
        lead = factories.AgencyFactory(code=f"A{number}", name_vi=f"Sở {number}")
        factories.person(f"daumoi{number}", Role.FOCAL_POINT, lead)
        for place in range(EACH):
            factories.AssignmentFactory(
                task=task, lead=lead, code=f"1.{number * EACH + place}", due_on=dt.date(2026, 6, 22)
            )
    planning.plan(at=NOW)


def empty() -> None:
    """Let every reminder wait for its mail anew."""
    from portal.notices.models import Mail, Notice

    Notice.objects.filter(is_shown=True).update(mail=None, mail_state="waiting", sent_at=None)
    Mail.objects.all().delete()


def deliver() -> None:
    from portal.notices import delivery

    delivery.deliver(at=NOW, seconds=600)


def send_bare(count: int) -> None:
    from django.core.mail import EmailMessage, get_connection

    server = get_connection()
    server.open()
    for number in range(count):
        server.send_messages([EmailMessage(f"Bare {number}", TEXT, to=["a@example.vn"])])
    server.close()


if __name__ == "__main__":
    main()
