"""A small programme through its document's life: settled, frozen, open for signing."""

import datetime as dt
import hashlib
import uuid

import pytest
from cryptography import x509
from django.db import connection

from agreements import certificates, documents, keys, pki, signing, tokens
from agreements.models import (
    Certificate,
    CertificateRequest,
    Conference,
    Document,
    ExternalCertificate,
    ExternalList,
    ExternalRoot,
    Signature,
)
from agreements.states import RootState
from portal.users import totp
from portal.users.models import Role, User
from tasks.models import Clause, Programme
from tasks.states import ProgrammeState
from tests.agreements.token_tools import DAY, Issuer, Token
from tests.factories import NOW, ClauseFactory, ConferenceFactory, UserFactory, certify, person

PIN = "2468-1357"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    """Each test signs with an authority and a file store of its own."""
    settings.PKI_DIR = tmp_path / "pki"
    settings.FILES_DIR = tmp_path / "files"
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture(scope="session")
def derived_pin() -> keys.DerivedPin:
    """The PIN stretched once: scrypt is slow on purpose. Tests of the PIN itself use enough."""
    return keys.derive_pin(PIN, n=2**14)


@pytest.fixture
def settled(draft_programme: Programme) -> Programme:
    Programme.objects.filter(pk=draft_programme.pk).update(
        state=ProgrammeState.SETTLED, signing_closes_on=NOW.date() + dt.timedelta(days=20)
    )
    ClauseFactory(
        programme=draft_programme,
        section=Clause.Section.ORGANISATION,
        number=1,
        text="Thực hiện theo Phụ lục I, Phụ lục II.",
    )
    draft_programme.refresh_from_db()
    return draft_programme


@pytest.fixture
def frozen(settled: Programme, officer: User) -> Document:
    return documents.freeze(settled, by=officer, at=NOW)


@pytest.fixture
def document(frozen: Document, officer: User) -> Document:
    """Frozen, certified, open for signing."""
    documents.open_round(frozen, by=officer, at=NOW)
    return frozen


@pytest.fixture
def enrolled(derived_pin, officer):
    """Give a signer a certificate, released by the officer, and a second factor."""

    def enrol(user: User) -> User:
        certify(user, pin=derived_pin, at=NOW)
        if not totp.is_enrolled(user):
            totp.enrol(user)
        return user

    return enrol


@pytest.fixture
def asked(head, officer, derived_pin) -> CertificateRequest:
    """The head's request for a certificate, which waits for its release."""
    return certificates.ask(head, pin=derived_pin, by=head, at=NOW)


@pytest.fixture
def sign(enrolled):
    """Sign as a user, with a certificate made on the way."""

    def do(document: Document, user: User, *, at: dt.datetime = NOW, **given) -> Signature:
        if pki.current_credential(user, at=at) is None:
            enrolled(user)
        wanted = {
            "pin": PIN,
            "code": totp.next_code(user, at=at),
            "shown_sha256": document.frozen_id,
            "request_key": uuid.uuid4(),
        }
        return signing.sign(document, by=user, at=at, **(wanted | given))

    return do


# --- Two signatures for each agency -----------------------------------------------------------------
@pytest.fixture
def twofold(settled, officer) -> Document:
    """Open for signing, with two signatures for each agency."""
    document = documents.freeze(settled, by=officer, at=NOW, agency_marks=True)
    documents.open_round(document, by=officer, at=NOW)
    return document


@pytest.fixture
def give_key(officer, derived_pin):
    """Give somebody the key of their agency, released by the officer."""

    def give(user: User, *, at: dt.datetime = NOW) -> Certificate:
        asked = certificates.ask(user, pin=derived_pin, by=user, at=at, for_agency=True)
        end = asked.fingerprint[-certificates.HIDDEN_DIGITS :]
        if not totp.is_enrolled(user):
            totp.enrol(user)
        return certificates.release(asked, by=officer, compared=end, at=at)

    return give


@pytest.fixture
def mark(give_key):
    """Sign for the agency as who keeps its key, with a key made on the way."""

    def do(document: Document, user: User, *, at: dt.datetime = NOW + MINUTE, **given) -> Signature:
        if pki.current_credential(user, at=at, for_agency=True) is None:
            give_key(user)
        wanted = {
            "pin": PIN,
            "code": totp.next_code(user, at=at),
            "shown_sha256": document.frozen_id,
            "request_key": uuid.uuid4(),
        }
        return signing.sign(document, by=user, at=at, for_agency=True, **(wanted | given))

    return do


@pytest.fixture
def keeper(department) -> User:
    """Who keeps the key beside the head. The forms give this post in the host's agency alone."""
    return person("vanthu.sxd", Role.RECORDS_CLERK, department)


@pytest.fixture
def on_disk(transactional_db, tmp_path):
    """Keep SQLite in a file: connections to a database in memory share one lock and do not wait for it."""
    if connection.vendor != "sqlite":
        yield
        return
    memory, held = connection.settings_dict["NAME"], connection.connection
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(tmp_path / "portal.sqlite3")])
    connection.settings_dict["NAME"] = str(tmp_path / "portal.sqlite3")
    connection.connection = None
    yield
    connection.close()
    connection.settings_dict["NAME"], connection.connection = memory, held


# --- USB tokens ----------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """Somebody else's authority."""
    return Issuer(at=NOW - 900 * DAY)


@pytest.fixture(scope="session")
def token(issuer) -> Token:
    return new_token(issuer)


def new_token(issuer: Issuer, name: str = "Mạc Văn Hùng", **given) -> Token:
    return issuer.token(name, **({"start": NOW - 30 * DAY, "end": NOW + 700 * DAY} | given))


@pytest.fixture
def believed(db, issuer):
    """Enable the authority of the tokens, with its lists; again with who is revoked."""

    root = enabled_root(issuer.root)

    def put(*revoked, at: dt.datetime = NOW, **given) -> None:
        root.lists.all().delete()
        for der in issuer.trust(*revoked, at=at, **given).crls:
            add_list(root, der)

    put()
    return put


@pytest.fixture
def pinned(believed, issuer) -> None:
    """The issuing authority is enabled, too: to the signing program a token's certificate comes alone."""
    enabled_root(issuer.issuing)


def enabled_root(der: bytes) -> ExternalRoot:
    """An authority of somebody else, proposed by one person and enabled by another."""
    found = x509.load_der_x509_certificate(der)
    return ExternalRoot.objects.create(
        kind=ExternalRoot.Kind.PUBLIC,
        owner="Tổ chức chứng thực",
        common_name=found.subject.rfc4514_string(),
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
        state=RootState.ENABLED,
        proposed_by=UserFactory(),
        proposed_at=NOW,
        decided_by=UserFactory(),
        decided_at=NOW,
    )


def add_list(root: ExternalRoot, der: bytes) -> ExternalList:
    found = x509.load_der_x509_crl(der)
    return ExternalList.objects.create(
        root=root,
        issuer_sha256=hashlib.sha256(found.issuer.public_bytes()).hexdigest(),
        issuer_name=found.issuer.rfc4514_string(),
        der=der,
        this_update=found.last_update_utc,
        next_update=found.next_update_utc,
        added_by=root.proposed_by,
        added_at=NOW,
    )


@pytest.fixture
def holder(believed, officer):
    """Register a token for a person, released by the officer."""

    def hold(user: User, token: Token) -> ExternalCertificate:
        certificate = tokens.register(user, content=token.certificate, kind="public", by=user, at=NOW)
        end = certificate.fingerprint[-certificates.HIDDEN_DIGITS :]
        tokens.release(certificate, by=officer, compared=end, at=NOW)
        return certificate

    return hold


@pytest.fixture
def held(head, holder, token):
    """Return the head's token, released."""
    return holder(head, token)


@pytest.fixture
def conference(programme: Programme, commander: User, officer: User) -> Conference:
    """The conference of the small programme, this morning; the invitations are sent."""
    return ConferenceFactory(programme=programme, chair=commander, secretary=officer)
