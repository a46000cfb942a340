"""What tests of entries from paper share: a paper, and its scan as the gate hands it on."""

import datetime as dt
import hashlib
import io
from typing import Any

from portal.files.uploads import Upload
from portal.files.worker.findings import Kind
from portal.users.models import User
from tasks import reports
from tasks.models import Report
from tasks.paper_entries import Paper
from tests.factories import NOW
from tests.portal.files import samples
from tests.tasks.reporting import draft, of

AT = NOW.replace(year=2026, month=3, day=20)  # after the quarter's due day
RECEIVED = dt.date(2026, 3, 13)  # a Friday; the quarter is due on the 16th
TYPED = {
    "number": "27/BC-SXD",
    "issued_on": dt.date(2026, 3, 12),
    "subject": "Báo cáo quý I",
    "signer_name": "Lê Văn Giấy",
    "signer_title": "Giám đốc",
    "received_on": RECEIVED,
}


def paper(**changes: Any) -> Paper:
    return Paper(**(TYPED | changes))


def scan(content: bytes = b"") -> Upload:
    content = content or samples.picture()
    file = io.BytesIO(content)
    return Upload(file, "ban-giay.png", hashlib.sha256(content).hexdigest(), len(content), Kind.PNG)


def enter(
    report: Report, by: User, *, at: dt.datetime = AT, version: str = "", lines: Any = None, **changes: Any
) -> Report:
    """Enter a whole report; return it anew."""
    given = {"draft": draft(report, lines), "paper": paper(**changes), "scan": scan()}
    reports.enter_scanned(report, by=by, at=at, version=version, **given)
    return of(report.agency.code, report.period.code)
