"""Every mail to one address: for a rehearsal on real data, where nobody may be written to yet."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

HEADER = "X-Original-To"


class Backend(BaseEmailBackend):
    """Send through settings.REDIRECTED_BACKEND, to settings.MAIL_ALL_TO in place of whom it was for.

    Whom it was for stands in a header, and in front of the subject, where a reader sees it.
    """

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.server: BaseEmailBackend = get_connection(
            settings.REDIRECTED_BACKEND, fail_silently=fail_silently, **kwargs
        )

    def open(self) -> bool | None:
        return self.server.open()

    def close(self) -> None:
        self.server.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            meant = ", ".join(message.recipients())
            message.extra_headers[HEADER] = meant
            message.subject = f"[{meant}] {message.subject}"
            message.to, message.cc, message.bcc = [settings.MAIL_ALL_TO], [], []
        return self.server.send_messages(email_messages) or 0
