"""Heads who sign at the same moment: none lost, none twice, everyone told the truth.

Threads with connections of their own, on the database of the run: SQLite, or PostgreSQL with
DATABASE_URL.
"""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from django.db import connection

from agreements import certificates, crls, pki, sealing, signing, suspensions
from agreements.models import (
    Certificate,
    CertificateRequest,
    Document,
    Revision,
    RevocationList,
    Seal,
    Signature,
    Suspension,
)
from agreements.states import DocumentState
from portal.files import store
from portal.lib.errors import BusyError, RuleError
from portal.users import totp
from portal.users.models import Role, User
from tasks.models import Signatory
from tests.agreements.conftest import PIN
from tests.agreements.pdf_tools import pdfsig, qpdf_accepts
from tests.factories import NOW, AgencyFactory, SignatoryFactory, certify, person

HEADS = 46

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("on_disk")]


@dataclass
class Told:
    """What each caller heard, by the user's name."""

    signatures: dict[str, Signature] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    busy: int = 0


@pytest.fixture
def settled(settled):
    """The small programme with as many parties as a province has."""
    for order in range(4, HEADS + 1):
        agency = AgencyFactory(name_vi=f"Sở thứ {order}")
        SignatoryFactory(programme=settled, agency=agency, order=order, place=Signatory.Place.ANNEX)
    return settled


@pytest.fixture
def heads(settled, enrolled, commander, front_head, head) -> list[User]:
    known = {user.agency_id: user for user in (commander, front_head, head)}
    parties = settled.signatories.order_by("order").values_list("agency_id", "agency__code")
    users = [
        known.get(pk) or person(f"{code}.head".lower(), Role.AGENCY_HEAD, AgencyFactory._meta.model(pk=pk))
        for pk, code in parties
    ]
    return [enrolled(user) for user in users]


def sign_until_told(document: Document, user: User, key: uuid.UUID, code: str, told: Told) -> None:
    """What the page does: the same form again while it hears that many are signing."""
    try:
        while True:
            try:
                signature = signing.sign(
                    document,
                    by=user,
                    pin=PIN,
                    code=code,
                    shown_sha256=document.frozen_id,
                    request_key=key,
                    at=NOW,
                )
                told.signatures[user.username] = signature
                return
            except BusyError:
                told.busy += 1
                time.sleep(0.2)
    except RuleError as refusal:
        told.refusals.append(str(refusal))
    except BaseException as fault:
        told.faults.append(fault)
    finally:
        connection.close()


def all_at_once(calls: list[Callable[[], None]]) -> None:
    """Start every call at the same moment, each in a thread of its own."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], None]) -> None:
        gate.wait()
        call()

    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(run, calls))


def test_forty_six_heads_sign_at_once(document, heads, tmp_path):
    told = Told()
    forms = [(user, uuid.uuid4(), totp.next_code(user, at=NOW)) for user in heads]
    all_at_once([lambda f=form: sign_until_told(document, *f, told) for form in forms])

    assert told.faults == []
    assert told.refusals == []
    assert set(told.signatures) == {user.username for user in heads}
    document.refresh_from_db()
    assert document.head_seq == HEADS
    assert [s.seq for s in Signature.objects.order_by("seq")] == list(range(1, HEADS + 1))
    head = store.read(document.head_id)
    seen = pdfsig(head, tmp_path)
    assert len(seen) == HEADS + 1
    assert all(one.is_valid for one in seen)
    assert qpdf_accepts(head, tmp_path)
    files = [row.file_id for row in Revision.objects.filter(document=document).order_by("seq")]
    contents = [store.read(sha256) for sha256 in files]
    assert all(later.startswith(earlier) for earlier, later in pairwise(contents))


def test_two_workers_seal_once(document, heads):
    user = heads[2]
    sign_until_told(document, user, uuid.uuid4(), totp.next_code(user, at=NOW), Told())
    Signature.objects.update(check_state=Signature.Check.GOOD, checked_at=NOW)
    Document.objects.update(state=DocumentState.CLOSED)

    def seal() -> None:
        try:
            sealing.go_on(at=NOW)
        finally:
            connection.close()

    all_at_once([seal] * 3)
    assert (Seal.objects.get().check_state, Revision.objects.count()) == (Seal.Check.GOOD, 3)


def test_same_form_sent_twice_at_once_signs_once(document, heads):
    """A double click whose second request the browser waits for: both hear of the one signature."""
    user, told, key = heads[2], [Told(), Told()], uuid.uuid4()
    code = totp.next_code(user, at=NOW)
    all_at_once([lambda one=one: sign_until_told(document, user, key, code, one) for one in told])
    assert [one.refusals + one.faults for one in told] == [[], []]
    assert told[0].signatures == told[1].signatures != {}
    assert Signature.objects.count() == 1


def test_two_forms_of_one_head_at_once_sign_once(document, heads):
    """Two windows: one signs, the other hears that the agency has signed, or that the code is spent."""
    user = heads[2]
    told = [Told(), Told()]
    code = totp.next_code(user, at=NOW)
    all_at_once([lambda one=one: sign_until_told(document, user, uuid.uuid4(), code, one) for one in told])
    assert sorted(len(one.signatures) for one in told) == [0, 1]
    assert sorted(len(one.refusals) for one in told) == [0, 1]
    assert Signature.objects.count() == 1


def test_head_and_deputy_at_once_sign_once(document, heads, deputy, enrolled):
    enrolled(deputy)
    told = Told()
    pair = [(user, uuid.uuid4(), totp.next_code(user, at=NOW)) for user in (heads[2], deputy)]
    all_at_once([lambda f=form: sign_until_told(document, *f, told) for form in pair])
    assert told.faults == []
    assert (len(told.signatures), len(told.refusals)) == (1, 1)
    assert Signature.objects.count() == 1


def test_wrong_pins_sent_side_by_side_all_count(document, heads):
    user, told = heads[2], Told()
    credential = pki.current_credential(user, at=NOW)

    def guess(pin: str) -> None:
        try:
            pki.unlock(credential, pin, by=user, at=NOW)
        except pki.PinRefused as refusal:
            told.refusals.append(str(refusal))
        finally:
            connection.close()

    all_at_once([lambda n=n: guess(f"13572{n:03}") for n in range(12)])
    assert len(told.refusals) == 12
    credential.refresh_from_db()
    assert credential.locked_until is not None


def test_two_certificates_asked_for_at_once_make_one_request(settled, head, derived_pin):
    told = Told()

    def ask() -> None:
        try:
            certificates.ask(User.objects.get(pk=head.pk), pin=derived_pin, by=head, at=NOW)
        except RuleError as refusal:
            told.refusals.append(str(refusal))
        finally:
            connection.close()

    all_at_once([ask] * 4)
    assert len(told.refusals) == 3
    assert CertificateRequest.objects.count() == 1


def test_released_and_refused_at_once_is_one_of_both(settled, head, officer, commander, derived_pin):
    request = certificates.ask(head, pin=derived_pin, by=head, at=NOW)
    told = Told()

    def decide(step) -> None:
        try:
            step(CertificateRequest.objects.get(pk=request.pk))
        except RuleError as refusal:
            told.refusals.append(str(refusal))
        finally:
            connection.close()

    end = request.fingerprint[-certificates.HIDDEN_DIGITS :]
    all_at_once(
        [
            lambda: decide(lambda row: certificates.release(row, by=officer, compared=end, at=NOW)),
            lambda: decide(lambda row: certificates.refuse(row, by=commander, reason="Nhầm số", at=NOW)),
            lambda: decide(lambda row: certificates.withdraw(row, by=head, at=NOW)),
        ]
    )
    assert len(told.refusals) == 2
    released = CertificateRequest.objects.get().state == "released"
    assert Certificate.objects.count() == (1 if released else 0)


def test_lists_issued_at_once_have_numbers_of_their_own(settled, head, officer, derived_pin):
    certify(head, pin=derived_pin, at=NOW)
    told = Told()

    def issue() -> None:
        try:
            crls.issue_fresh(at=NOW)
        except Exception as fault:
            told.faults.append(fault)
        finally:
            connection.close()

    all_at_once([issue] * 4)
    assert told.faults == []
    rows = RevocationList.objects.filter(authority__kind="issuing").values_list("number", flat=True)
    assert sorted(rows) == [1, 2, 3, 4]


def test_suspended_twice_at_once_is_suspended_once(settled, head, officer, commander, derived_pin):
    held, told = certify(head, pin=derived_pin, at=NOW), Told()

    def suspend(by: User) -> None:
        try:
            suspensions.suspend(held, by=by, reason="Cùng lúc", at=NOW)
        except RuleError as refusal:
            told.refusals.append(str(refusal))
        finally:
            connection.close()

    all_at_once([lambda by=by: suspend(by) for by in (officer, commander, head)])
    assert len(told.refusals) == 2
    assert Suspension.objects.count() == 1
