"""The conference of the small programme, for its tests."""

import datetime as dt

import pypdfium2

from agreements.models import Attendance, Conference, InvitedAgency
from portal.users.models import User
from tests import factories
from tests.factories import NOW

ENDED = NOW.replace(hour=11, minute=30)
AFTERWARDS = NOW + dt.timedelta(hours=5)


def of(conference: Conference, code: str) -> InvitedAgency:
    """Return an agency's invitation as pages load it."""
    rows = InvitedAgency.objects.select_related("conference__programme__host", "agency")
    return rows.get(conference=conference, agency__code=code)


def fresh(conference: Conference) -> Conference:
    rows = Conference.objects.select_related("programme__host", "chair", "secretary")
    return rows.get(pk=conference.pk)


def delegate(conference: Conference, code: str, by: User, **facts: object) -> Attendance:
    agency = of(conference, code).agency
    return factories.DelegateFactory(conference=conference, agency=agency, named_by=by, **facts)


def words(pdf: bytes) -> str:
    """Return the text of a paper, each run of white space one space."""
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    return " ".join(" ".join(pages).split())
