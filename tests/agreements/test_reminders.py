"""Heads are told that a document is open, and reminded until they have signed or it closes."""

import datetime as dt

import pytest

from agreements import documents, reminders
from agreements.models import Document, Signature
from agreements.states import DocumentState
from portal.lib.actions import action
from portal.notices import delivery, planning
from portal.notices.models import Notice
from portal.users.models import Membership
from tests.factories import NOW, AuthorisationFactory, ProgrammeFactory

CLOSES_ON = NOW.date() + dt.timedelta(days=20)

pytestmark = pytest.mark.usefixtures("cast")


def days_before(days: int) -> dt.datetime:
    return NOW + dt.timedelta(days=20 - days)


def told(kind, **where) -> set[str]:
    """Return the usernames that were told."""
    shown = Notice.objects.shown().filter(kind=kind.code, **where)
    return set(shown.values_list("recipient__username", flat=True))


SIGNERS = {"bchqs.cht", "ubmttq.head", "sxd.head", "sxd.pgd"}


@pytest.mark.parametrize("days", reminders.REMIND_DAYS_BEFORE)
def test_heads_and_deputies_are_reminded(document, days):
    planning.plan(at=days_before(days))
    assert told(reminders.DUE, rule=f"{-days:+d}") == SIGNERS


def test_nobody_is_reminded_on_another_day_or_after_closing(document):
    assert planning.plan(at=days_before(16)) == 0
    for days in range(15, -1, -1):
        planning.plan(at=days_before(days))
    assert planning.plan(at=days_before(-1)) == 0


def test_text_names_the_document_and_the_day(document):
    planning.plan(at=days_before(7))
    notice = Notice.objects.shown().filter(kind=reminders.DUE.code).first()
    assert notice.text_vi == f"Nhắc ký, hạn 30/03/2026: {document.title}"
    assert notice.text_en == f"Please sign by 30/03/2026: {document.title}"


@pytest.mark.parametrize("state", [DocumentState.FROZEN, DocumentState.CLOSED, DocumentState.TERMINATED])
def test_document_that_is_not_open_reminds_nobody(document, state):
    Document.objects.update(state=state)
    assert planning.plan(at=days_before(7)) == 0


def test_mail_is_due_while_the_field_is_empty_and_the_round_open(document):
    field = document.fields.first()
    notice = Notice(pk=1, subject_id=field.pk)
    for kind in reminders.ASKS:
        assert kind.still_due([notice], CLOSES_ON) == {1}
        assert kind.still_due([notice], CLOSES_ON + dt.timedelta(days=1)) == set()
    Document.objects.update(state=DocumentState.CLOSED)
    assert reminders.DUE.still_due([notice], CLOSES_ON) == set()


def test_notice_leads_to_the_document(document):
    assert reminders.DUE.path(document.fields.first().pk) == f"/agreements/{document.pk}/"


# --- Told and taken back by actions ---------------------------------------------------------------
def test_opening_the_round_tells_every_head(document):
    assert told(reminders.OPEN) == SIGNERS


def test_opening_for_many_parties_asks_for_their_people_once(frozen, officer, django_assert_num_queries):
    tell_open = action(reminders.tell_open)
    with django_assert_num_queries(6):  # fields, papers, people, one insert, and a savepoint's two
        tell_open(frozen, by=officer, at=NOW)
    assert told(reminders.OPEN) == SIGNERS


# --- Who may sign by a paper -------------------------------------------------------------------------
@pytest.fixture
def by_paper(frozen, cast):
    """The focal point may sign by a paper of the head."""
    return AuthorisationFactory(person=cast.focal_point, recorded_by=cast.head, programme=frozen.programme)


def test_who_may_sign_by_paper_is_asked_and_reminded(by_paper, frozen, officer):
    documents.open_round(frozen, by=officer, at=NOW)
    planning.plan(at=days_before(7))
    assert told(reminders.OPEN) == told(reminders.DUE) == SIGNERS | {"sxd.daumoi"}
    assert planning.plan(at=days_before(7)) == 0


@pytest.mark.parametrize(
    "given",
    [{"valid_until": NOW.date() - dt.timedelta(days=1)}, {"programme": None}, {}],
    ids=["paper over", "other programme", "left the agency"],
)
def test_paper_that_lets_nobody_sign_asks_nobody(given, frozen, officer, cast):
    paper = {"person": cast.focal_point, "recorded_by": cast.head, "programme": frozen.programme}
    if "programme" in given:
        given = {"programme": ProgrammeFactory(year=2031)}
    AuthorisationFactory(**(paper | given))
    if not given:
        Membership.objects.filter(user=cast.focal_point).update(valid_to=NOW.date() - dt.timedelta(days=1))
    documents.open_round(frozen, by=officer, at=NOW)
    planning.plan(at=days_before(7))
    assert told(reminders.OPEN) == told(reminders.DUE) == SIGNERS


def test_paper_asks_nobody_for_the_agencys_own_signature(twofold, cast, head, sign):
    AuthorisationFactory(person=cast.focal_point, recorded_by=cast.head, programme=twofold.programme)
    sign(twofold, head)
    planning.plan(at=days_before(7))
    assert told(reminders.AGENCY_DUE, recipient__memberships__agency=head.agency_id) == {head.username}
    assert "sxd.daumoi" not in told(reminders.DUE)


def test_signing_takes_back_what_asked_for_it(document, enrolled, sign, head, settings, tmp_path):
    enrolled(head)
    Notice.objects.filter(kind__startswith="certificate.").delete()  # told before, by another story
    settings.MAIL_DIR = tmp_path / "mail"
    settings.EMAIL_BACKEND = "portal.notices.mailbox.FolderBackend"
    planning.plan(at=days_before(15))
    signature: Signature = sign(document, head, at=days_before(15))
    left = Notice.objects.shown().filter(mail_state=Notice.MailState.WAITING)
    assert not left.filter(subject_id=signature.field_id).exists()
    assert set(left.values_list("recipient__username", flat=True)) == {"bchqs.cht", "ubmttq.head"}
    assert not Notice.objects.filter(subject_id=signature.field_id).unread().exists()
    assert delivery.deliver(at=days_before(15)) == delivery.Outcome(sent=2)  # a Sunday: the urgent ones
    assert delivery.deliver(at=days_before(14)) == delivery.Outcome(sent=2)


def test_withdrawing_takes_every_request_back_and_says_so(document, officer):
    documents.withdraw(document, by=officer, at=NOW, reason="Sửa lời văn mục III.")
    left = Notice.objects.filter(mail_state=Notice.MailState.WAITING)
    assert set(left.values_list("kind", flat=True)) == {reminders.WITHDRAWN.code}
    assert told(reminders.WITHDRAWN) == SIGNERS
    assert not Notice.objects.unread().exclude(kind=reminders.WITHDRAWN.code).exists()


def test_what_was_never_open_is_withdrawn_quietly(frozen, officer):
    documents.withdraw(frozen, by=officer, at=NOW, reason="Sửa lời văn mục III.")
    assert not Notice.objects.exists()
