"""Heads who can sign, and programmes that wait for their signatures.

For the crowd it runs in the portal's own shell, and prints what the heads need to sign in and sign.
"""

import datetime as dt
import json

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.contrib.auth.hashers import make_password
from django.db.models import Max
from django.utils import timezone

from agreements import documents, keys
from agreements.models import Document
from portal.audit import checkpoints, verification
from portal.audit.models import Event
from portal.users import totp
from portal.users.models import Role, User
from tasks.models import Clause, Programme, Signatory
from tests import factories
from tests.browser.demo import PIN

ROWS = 57  # assignments, as in the programme of 2023
FIRST_YEAR = 2030


def make_people(count: int, pin: keys.DerivedPin, *, prefix: str = "head") -> list[User]:
    """Return heads with certificates and authenticator apps, at least two; the first heads the host.

    PIN and password are stretched once for all: what they cost is paid when they are typed.
    """
    people = []
    for number in range(max(count, 2)):
        username, name = f"{prefix}{number}", f"Nguyễn Văn {number}"
        agency = factories.AgencyFactory(code=username.upper(), name_vi=f"Sở Phối hợp thứ {number}")
        role = Role.COMMANDER if number == 0 else Role.AGENCY_HEAD
        user = factories.person(username, role, agency, full_name=name, password=None)
        factories.certify(user, pin=pin, at=timezone.now())
        totp.enrol(user)
        people.append(user)
    User.objects.filter(pk__in=[user.pk for user in people]).update(
        password=make_password(factories.PASSWORD)
    )
    return people


def open_document(year: int, parties: list[User]) -> Document:
    """Freeze a programme of the year for these heads' agencies, at least two, and open its round."""
    host = parties[0].post.agency
    programme = factories.ProgrammeFactory(year=year, host=host)
    for order, user in enumerate(parties, 1):
        place = Signatory.Place.MAIN if order == 1 else Signatory.Place.ANNEX
        factories.SignatoryFactory(programme=programme, agency=user.post.agency, order=order, place=place)
    factories.ClauseFactory(programme=programme, section=Clause.Section.ORGANISATION, number=1)
    task = factories.PriorityTaskFactory(programme=programme)
    for number in range(ROWS):
        factories.AssignmentFactory(
            task=task, lead=host, code=f"1.{number:02}", deadline_on=dt.date(year, 6, 1)
        )
    at = timezone.now()
    Programme.objects.filter(pk=programme.pk).update(state="settled", signing_closes_on=dt.date(2099, 1, 1))
    programme.refresh_from_db()
    document = documents.freeze(programme, by=parties[0], at=at)
    documents.open_round(document, by=parties[0], at=at)
    return document


def make(prefix: str, people: int, documents: int) -> None:
    """Make heads, and documents that all of them sign; print user names with secrets, and the documents."""
    heads = make_people(people, keys.derive_pin(PIN), prefix=prefix)
    newest = Programme.objects.aggregate(year=Max("year"))["year"] or 0
    years = range(max(FIRST_YEAR, newest + 1), 2100)
    opened = [open_document(year, heads) for year in years[:documents]]
    secrets = {user.username: _secret(user) for user in heads}
    print(json.dumps({"secrets": secrets, "documents": [document.pk for document in opened]}))


def show(document: int) -> None:
    """Print what the portal's records say of a document, and of the chain of its events.

    `signed`: [user name, field, number, SHA-256] of each row; `events`: the numbers in "signature.added".
    """
    rows = Document.objects.get(pk=document).signatures.order_by("seq")
    signed = rows.values_list("signer__username", "field__name", "seq", "file_id")
    added = map(json.loads, Event.objects.filter(verb="signature.added").values_list("payload", flat=True))
    events = [facts["seq"] for facts in added if facts["document"] == document]
    checkpoints.write(at=timezone.now(), gap=dt.timedelta(0))
    chain = verification.verify().outcome
    print(json.dumps({"signed": [list(row) for row in signed], "events": events, "chain": chain}))


def _secret(user: User) -> str:
    return decrypt(Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"])
