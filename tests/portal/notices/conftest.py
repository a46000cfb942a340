"""A notice that waits, and a mail server that does what a test asks."""

import datetime as dt
import smtplib
from collections.abc import Iterator
from email.header import decode_header, make_header

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from portal.lib.dates import LOCAL
from portal.notices import kinds, planning
from portal.notices.models import Notice
from portal.operations import reminders as operations_reminders
from portal.users.models import Role, User
from tasks import vacancy_reminders
from tasks.models import Assignment
from tests import factories

WEEK_BEFORE = dt.datetime(2026, 3, 24, 8, 0, tzinfo=LOCAL)
"""A week before 1.01 is due."""


@pytest.fixture(autouse=True)
def other_planners_rest(monkeypatch) -> None:
    """The small programme has empty posts and no backup: what is told of that is tested with those."""
    resting = {vacancy_reminders.plan, operations_reminders.plan}
    monkeypatch.setattr(kinds, "_planners", [one for one in kinds.planners() if one not in resting])


@pytest.fixture
def notice(assignment: Assignment, focal_point: User, head: User, officer: User) -> Notice:
    """The focal point's reminder of 1.01, its mail waiting."""
    assignment.programme.assignments.exclude(pk=assignment.pk).update(due_on=None)
    planning.plan(at=WEEK_BEFORE)
    return Notice.objects.shown().get()


class Mailer(BaseEmailBackend):
    """Keeps what it sends; refuses, breaks or stays away as the test sets it."""

    sent: list = []
    away: bool = False
    faults: list[Exception] = []

    def open(self) -> bool:
        if Mailer.away:
            raise ConnectionRefusedError(111, "away")
        return True

    @classmethod
    def subject(cls, number: int = 0) -> str:
        return str(make_header(decode_header(cls.sent[number]["Subject"])))

    @classmethod
    def text(cls, kind: str = "text/plain", number: int = 0) -> str:
        """The part of a mail of one content type."""
        parts = {part.get_content_type(): part for part in cls.sent[number].walk()}
        return parts[kind].get_payload(decode=True).decode()

    def send_messages(self, email_messages):
        for message in email_messages:
            if Mailer.faults:
                raise Mailer.faults.pop(0)
            Mailer.sent.append(message.message())
        return len(email_messages)


@pytest.fixture
def several(notice: Notice, assignment: Assignment) -> None:
    """Four more people, of as many agencies, to whom something is due on the day of 1.01."""
    for number in range(4):
        lead = factories.AgencyFactory()
        factories.person(f"daumoi{number}", Role.FOCAL_POINT, lead)
        factories.AssignmentFactory(task=assignment.task, lead=lead, due_on=assignment.due_on)
    planning.plan(at=WEEK_BEFORE)


@pytest.fixture
def mailer(settings) -> Iterator[type[Mailer]]:
    """The mail server of delivery; `sent` holds what went out."""
    Mailer.sent, Mailer.away, Mailer.faults = [], False, []
    settings.EMAIL_BACKEND = f"{Mailer.__module__}.Mailer"
    return Mailer


def refused(
    code: int = 550, said: bytes = b"no such person", *, address: str = "someone@example.vn"
) -> smtplib.SMTPException:
    return smtplib.SMTPRecipientsRefused({address: (code, said)})
