"""A notice that waits, and a mail server that does what a test asks."""

import datetime as dt
import smtplib
from collections.abc import Iterator

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from portal.lib.dates import LOCAL
from portal.notices import planning
from portal.notices.models import Notice
from portal.users.models import User
from tasks.models import Assignment

WEEK_BEFORE = dt.datetime(2026, 3, 24, 8, 0, tzinfo=LOCAL)
"""A week before 1.01 is due."""


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

    def send_messages(self, email_messages):
        for message in email_messages:
            if Mailer.faults:
                raise Mailer.faults.pop(0)
            Mailer.sent.append(message.message())
        return len(email_messages)


@pytest.fixture
def mailer(settings) -> Iterator[type[Mailer]]:
    """The mail server of delivery; `sent` holds what went out."""
    Mailer.sent, Mailer.away, Mailer.faults = [], False, []
    settings.EMAIL_BACKEND = f"{Mailer.__module__}.Mailer"
    return Mailer


def refused(code: int = 550) -> smtplib.SMTPException:
    return smtplib.SMTPRecipientsRefused({"someone@example.vn": (code, b"no such person")})
