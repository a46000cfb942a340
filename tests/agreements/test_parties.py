"""What a head decides in a round, and what the officer notes of a party."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from agreements import decisions, documents, parties, reminders, waves
from agreements.models import Document, SignatureField
from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users.models import Role
from tasks.states import ProgrammeState
from tests.agreements.conftest import MINUTE
from tests.factories import NOW, TODAY, AuthorisationFactory, ProgrammeFactory, person

REASON = "Chưa thống nhất kinh phí"
LATER = NOW + dt.timedelta(days=30)  # after the closing date
EVERY_PARTY = {"bchqs.cht", "bchqs.troly", "ubmttq.head", "sxd.head", "sxd.pgd"}


@pytest.fixture
def field(document, department, cast) -> SignatureField:
    return document.fields.get(agency=department)


def again(field: SignatureField) -> SignatureField:
    """The same field, as somebody read it before."""
    return SignatureField.objects.get(pk=field.pk)


def told(kind) -> set[str]:
    shown = Notice.objects.shown().filter(kind=kind.code)
    return set(shown.values_list("recipient__username", flat=True))


def verbs() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("verb", flat=True))


# --- Handed to a deputy -----------------------------------------------------------------------------
def test_deputy_alone_is_told_what_was_handed_over(field, head, deputy, department):
    person("sxd.pgd2", Role.DEPUTY_HEAD, department)
    parties.delegate(field, by=head, at=NOW, to=deputy)
    assert again(field).delegate == deputy
    assert told(reminders.DELEGATED) == {"sxd.pgd"}
    assert verbs()[-1] == "signature.delegated"


@pytest.mark.parametrize("who", ["deputy", "officer", "commander", "front_head", "focal_point"])
def test_only_the_head_hands_over(field, cast, who):
    with pytest.raises(PermissionDenied):
        parties.delegate(field, by=getattr(cast, who), at=NOW, to=cast.deputy)


@pytest.mark.parametrize("who", ["focal_point", "front_head"])
def test_it_is_handed_to_a_deputy_of_the_agency_only(field, cast, who):
    with pytest.raises(RuleError):
        parties.delegate(field, by=cast.head, at=NOW, to=getattr(cast, who))


def test_signed_document_is_not_handed_over(field, document, head, deputy, sign):
    late = again(field)
    sign(document, head)
    with pytest.raises(RuleError):
        parties.delegate(late, by=head, at=NOW, to=deputy)


def test_head_takes_it_back(field, head, deputy):
    parties.delegate(field, by=head, at=NOW, to=deputy)
    parties.take_back(field, by=head, at=NOW)
    assert again(field).delegate is None
    assert not Notice.objects.unread().filter(kind=reminders.DELEGATED.code).exists()
    with pytest.raises(RuleError):
        parties.take_back(field, by=head, at=NOW)


# --- Who acts for a head that is missing --------------------------------------------------------------
def acting(person, officer, **given):
    """The command has put on file that the person acts as head (Q.)."""
    facts = {"capacity": "q", "title": "", "programme": None, "recorded_by": officer} | given
    return AuthorisationFactory(person=person, **facts)


def test_acting_head_answers_for_the_agency(field, focal_point, deputy, officer):
    acting(focal_point, officer)
    parties.delegate(field, by=focal_point, at=NOW, to=deputy)
    parties.take_back(field, by=focal_point, at=NOW)
    parties.decline(field, by=focal_point, at=NOW, reason=REASON)
    parties.reconsider(field, by=focal_point, at=NOW)
    assert verbs()[-2:] == ["signature.declined", "signature.reconsidered"]


def test_acting_head_has_the_buttons(field, document, focal_point, deputy, officer, login, now):
    page = reverse("agreements:detail", args=[document.pk])
    hand_over = reverse("agreements:delegate", args=[document.pk])
    assert hand_over not in login(focal_point).get(page).content.decode()
    acting(focal_point, officer)
    client = login(focal_point)
    assert hand_over in client.get(page).content.decode()
    assert client.post(hand_over, {"deputy": deputy.pk}).status_code == 302
    assert again(field).delegate == deputy


@pytest.mark.parametrize(
    "given",
    [
        {"valid_from": TODAY + dt.timedelta(days=1)},
        {"valid_until": TODAY - dt.timedelta(days=1)},
        {"revoked_at": NOW, "revocation_reason": "Đã có giám đốc"},
        {"capacity": "tl", "title": "Chánh Văn phòng"},
    ],
    ids=["not yet", "over", "revoked", "by order"],
)
def test_paper_of_another_day_or_kind_answers_nothing(field, focal_point, officer, given):
    if "revoked_at" in given:
        given = given | {"revoked_by": officer}
    acting(focal_point, officer, **given)
    with pytest.raises(PermissionDenied):
        parties.decline(field, by=focal_point, at=NOW, reason=REASON)


def test_paper_for_another_programme_answers_nothing(field, focal_point, officer):
    acting(focal_point, officer, programme=ProgrammeFactory(year=2031))
    with pytest.raises(PermissionDenied):
        parties.decline(field, by=focal_point, at=NOW, reason=REASON)


def test_acting_head_of_another_agency_answers_nothing(field, document, focal_point, officer):
    acting(focal_point, officer)
    other = document.fields.get(agency__code="UBMTTQ")
    with pytest.raises(PermissionDenied):
        parties.decline(other, by=focal_point, at=NOW, reason=REASON)


def test_deputy_who_acts_hands_over_to_another_not_to_herself(field, deputy, officer, department):
    other = person("sxd.pgd2", Role.DEPUTY_HEAD, department)
    acting(deputy, officer)
    with pytest.raises(RuleError):
        parties.delegate(field, by=deputy, at=NOW, to=deputy)
    parties.delegate(field, by=deputy, at=NOW, to=other)
    assert again(field).delegate == other


def test_deputy_takes_nothing_back(field, head, deputy):
    parties.delegate(field, by=head, at=NOW, to=deputy)
    with pytest.raises(PermissionDenied):
        parties.take_back(field, by=deputy, at=NOW)


# --- Declined ---------------------------------------------------------------------------------------
def test_refusal_is_told_to_every_party(field, head, document):
    parties.decline(field, by=head, at=NOW, reason=REASON)
    declined = again(field)
    assert (declined.declined_by, declined.decline_reason) == (head, REASON)
    assert told(reminders.DECLINED) == EVERY_PARTY - {"sxd.head"}
    assert not Notice.objects.unread().filter(recipient=head).exists(), "nothing asks her any more"
    assert REASON not in Notice.objects.filter(kind=reminders.DECLINED.code)[0].text_vi, (
        "mail leaves the house"
    )


def test_refusal_needs_a_reason(field, head):
    with pytest.raises(RuleError):
        parties.decline(field, by=head, at=NOW, reason=" vì ")


@pytest.mark.parametrize("who", ["deputy", "officer", "commander", "front_head", "viewer"])
def test_only_the_head_declines(field, cast, who):
    with pytest.raises(PermissionDenied):
        parties.decline(field, by=getattr(cast, who), at=NOW, reason=REASON)


def test_who_declined_does_not_sign(field, document, head, deputy, sign):
    parties.decline(field, by=head, at=NOW, reason=REASON)
    for user in (head, deputy):
        with pytest.raises(RuleError):
            sign(document, user, grounds="Giám đốc đi công tác")


def test_second_refusal_comes_too_late(field, head):
    late = again(field)
    parties.decline(field, by=head, at=NOW, reason=REASON)
    with pytest.raises(RuleError):
        parties.decline(late, by=head, at=NOW, reason=REASON)


def test_refusal_after_the_signature_comes_too_late(field, document, head, sign):
    late = again(field)
    sign(document, head)
    with pytest.raises(RuleError):
        parties.decline(late, by=head, at=NOW, reason=REASON)


def test_refusal_is_taken_back_while_the_round_is_open(field, document, head, sign):
    parties.decline(field, by=head, at=NOW, reason=REASON)
    parties.reconsider(field, by=head, at=NOW)
    assert told(reminders.RECONSIDERED) == EVERY_PARTY - {"sxd.head"}
    assert sign(document, head)


def test_refusal_is_not_taken_back_when_the_round_is_over(field, document, head):
    parties.decline(field, by=head, at=NOW, reason=REASON)
    Document.objects.update(state="closed")
    with pytest.raises(RuleError):
        parties.reconsider(field, by=head, at=NOW)


def test_who_has_not_declined_takes_nothing_back(field, head, deputy):
    with pytest.raises(RuleError):
        parties.reconsider(field, by=head, at=NOW)
    with pytest.raises(PermissionDenied):
        parties.reconsider(field, by=deputy, at=NOW)


# --- Absent -----------------------------------------------------------------------------------------
def test_absent_head_can_sign_later(field, document, officer, head, sign):
    parties.mark_absent(field, by=officer, at=NOW)
    assert again(field).absent_at == NOW
    last = dt.datetime.combine(document.closes_on, dt.time(12), tzinfo=NOW.tzinfo)
    assert sign(document, head, at=last)


def test_absence_is_taken_back(field, officer):
    parties.mark_absent(field, by=officer, at=NOW)
    parties.mark_present(field, by=officer, at=NOW)
    assert again(field).absent_at is None
    with pytest.raises(RuleError):
        parties.mark_present(field, by=officer, at=NOW)


@pytest.mark.parametrize("act", [parties.mark_absent, parties.mark_present, parties.urge])
@pytest.mark.parametrize("who", ["head", "deputy", "clerk", "front_head"])
def test_only_who_runs_the_round_notes_and_urges(field, cast, who, act):
    with pytest.raises(PermissionDenied):
        act(field, by=getattr(cast, who), at=NOW)


def test_second_note_and_a_signature_come_first(field, document, officer, commander, head, sign):
    late = again(field)
    parties.mark_absent(field, by=officer, at=NOW)
    with pytest.raises(RuleError):
        parties.mark_absent(late, by=commander, at=NOW)
    sign(document, head)
    with pytest.raises(RuleError):
        parties.mark_present(late, by=commander, at=NOW)


# --- Urged ------------------------------------------------------------------------------------------
def test_agency_is_urged_once_a_day(field, officer):
    late = again(field)
    parties.urge(field, by=officer, at=NOW)
    assert told(reminders.URGED) == {"sxd.head", "sxd.pgd"}
    with pytest.raises(RuleError):
        parties.urge(late, by=officer, at=NOW)
    parties.urge(late, by=officer, at=NOW + dt.timedelta(days=1))


def test_deputy_who_has_it_is_urged(field, officer, head, deputy):
    parties.delegate(field, by=head, at=NOW, to=deputy)
    parties.urge(field, by=officer, at=NOW)
    assert told(reminders.URGED) == {"sxd.pgd"}


def test_deputy_who_left_is_not_urged_alone(field, officer, head, deputy):
    parties.delegate(field, by=head, at=NOW, to=deputy)
    deputy.memberships.update(valid_to=NOW.date() - dt.timedelta(days=1))
    parties.urge(field, by=officer, at=NOW)
    assert told(reminders.URGED) == {"sxd.head"}


def test_who_declined_signed_or_is_too_late_is_not_urged(field, document, officer, head, sign):
    with pytest.raises(RuleError):
        parties.urge(field, by=officer, at=LATER)
    parties.decline(field, by=head, at=NOW, reason=REASON)
    with pytest.raises(RuleError):
        parties.urge(field, by=officer, at=NOW)
    parties.reconsider(field, by=head, at=NOW)
    sign(document, head)
    with pytest.raises(RuleError):
        parties.urge(field, by=officer, at=NOW)


# --- The commander decides --------------------------------------------------------------------------
@pytest.fixture
def refused(field, head) -> Document:
    parties.decline(field, by=head, at=NOW, reason=REASON)
    return Document.objects.get(pk=field.document_id)


def test_round_goes_on_without_who_refused(refused, cast, sign):
    for user in (cast.commander, cast.front_head):
        sign(refused, user)
    with pytest.raises(RuleError):
        documents.bring_into_force(refused, by=cast.commander, at=NOW)
    decisions.go_on(refused, by=cast.commander, at=NOW, reason="Nhiệm vụ giao cơ quan khác")
    assert told(reminders.WENT_ON) == EVERY_PARTY - {"bchqs.cht"}
    documents.bring_into_force(refused, by=cast.commander, at=NOW)
    assert refused.programme.state == ProgrammeState.IN_FORCE


def test_round_does_not_go_on_without_the_front(document, cast):
    of_front = document.fields.get(agency__code="UBMTTQ")
    parties.decline(of_front, by=cast.front_head, at=NOW, reason=REASON)
    with pytest.raises(RuleError):
        decisions.go_on(document, by=cast.commander, at=NOW, reason="Nhiệm vụ giao cơ quan khác")


def test_left_out_party_may_still_come_back(refused, field, cast, sign):
    decisions.go_on(refused, by=cast.commander, at=NOW, reason="Nhiệm vụ giao cơ quan khác")
    parties.reconsider(field, by=cast.head, at=NOW)
    assert sign(refused, cast.head)


def test_round_ends_and_the_text_is_given_back(refused, cast, sign):
    sign(refused, cast.front_head)
    decisions.end(refused, by=cast.commander, at=NOW, reason="Sửa phân công rồi ký lại")
    ended = Document.objects.get(pk=refused.pk)
    assert (ended.state, ended.ended_reason) == ("terminated", "Sửa phân công rồi ký lại")
    assert ended.programme.state == ProgrammeState.SETTLED
    assert told(reminders.ENDED) == EVERY_PARTY - {"bchqs.cht"}
    assert documents.freeze(ended.programme, by=cast.officer, at=NOW).state == "frozen"


def test_round_without_a_reason_to_end_does_not_end(document, cast):
    with pytest.raises(RuleError):
        decisions.end(document, by=cast.commander, at=NOW, reason="Sửa phân công rồi ký lại")


def test_round_ends_that_command_and_front_did_not_sign_in_time(document, cast):
    decisions.end(document, by=cast.commander, at=LATER, reason="Quá hạn ký")
    assert Document.objects.get().state == "terminated"


def test_round_that_command_and_front_signed_does_not_end_by_the_date(document, cast, sign):
    for user in (cast.commander, cast.front_head):
        sign(document, user)
    with pytest.raises(RuleError):
        decisions.end(document, by=cast.commander, at=LATER, reason="Quá hạn ký")


@pytest.mark.parametrize("act", [decisions.go_on, decisions.end])
@pytest.mark.parametrize("who", ["officer", "head", "front_head", "clerk"])
def test_only_the_commander_decides(refused, cast, who, act):
    with pytest.raises(PermissionDenied):
        act(refused, by=getattr(cast, who), at=NOW, reason="Nhiệm vụ giao cơ quan khác")


@pytest.mark.parametrize("act", [decisions.go_on, decisions.end])
def test_decision_needs_a_reason_and_comes_once(refused, cast, act):
    with pytest.raises(RuleError):
        act(refused, by=cast.commander, at=NOW, reason=" ")
    late = SimpleNamespace(document=Document.objects.get(pk=refused.pk))
    act(refused, by=cast.commander, at=NOW, reason="Nhiệm vụ giao cơ quan khác")
    with pytest.raises(RuleError):
        act(late.document, by=cast.commander, at=NOW, reason="Nhiệm vụ giao cơ quan khác")


# --- Two signatures for each agency ----------------------------------------------------------------
def test_who_keeps_the_key_is_urged_once_its_head_has_signed(
    twofold, officer, head, keeper, sign, login, now
):
    sign(twofold, head)
    field = twofold.parties.get(agency=head.agency_id)
    page = login(officer).get(reverse("agreements:detail", args=[twofold.pk])).content.decode()
    assert reverse("agreements:urge", args=[twofold.pk, field.order]) in page
    parties.urge(field, by=officer, at=NOW + MINUTE)
    told = Notice.objects.filter(kind=reminders.AGENCY_URGED.code)
    assert {row.recipient for row in told} == {head, keeper}
    with pytest.raises(RuleError, match="hôm nay"):
        parties.urge(field, by=officer, at=NOW + 2 * MINUTE)


def test_round_does_not_wait_for_an_agency_that_lost_its_key(settled, officer, front_head, sign):
    document = documents.freeze(settled, by=officer, at=NOW, agency_marks=True)
    waves.choose(document, by=officer, at=NOW, order=Document.Order.HOST_LAST)
    documents.open_round(document, by=officer, at=NOW)
    sign(document, front_head)
    parties.mark_absent(document.parties.get(agency=front_head.agency_id), by=officer, at=NOW + MINUTE)
    document.refresh_from_db()
    assert document.wave == 2


def test_agency_that_signed_twice_is_not_urged(twofold, officer, head, keeper, sign, mark):
    sign(twofold, head)
    mark(twofold, keeper)
    with pytest.raises(RuleError, match="đã ký"):
        parties.urge(twofold.parties.get(agency=head.agency_id), by=officer, at=NOW + MINUTE)
