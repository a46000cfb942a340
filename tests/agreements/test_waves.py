"""Waves: who may sign when, who is told, and what holds nobody up."""

import pytest
from django.core.exceptions import PermissionDenied

from agreements import access, documents, parties, reminders, waves
from agreements.models import Document
from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices import planning
from portal.notices.models import Notice
from tests.factories import NOW, TODAY


def told(kind) -> set[str]:
    shown = Notice.objects.shown().filter(kind=kind.code)
    return set(shown.values_list("recipient__username", flat=True))


def waves_by_code(document) -> dict[str, int]:
    return dict(document.fields.values_list("agency__code", "wave"))


@pytest.fixture
def ordered(frozen, cast) -> Document:
    """Front, then the department, then the command; open."""
    waves.choose(frozen, by=cast.officer, at=NOW, order="host_last")
    documents.open_round(frozen, by=cast.officer, at=NOW)
    return frozen


def now_as_it_is(document) -> Document:
    """The same document, as a page reads it now."""
    return Document.objects.get(pk=document.pk)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("all", {"BCHQS": 1, "UBMTTQ": 1, "SXD": 1}),
        ("host_last", {"UBMTTQ": 1, "SXD": 2, "BCHQS": 3}),
        ("protocol", {"BCHQS": 1, "UBMTTQ": 2, "SXD": 3}),
    ],
)
def test_each_order_has_its_waves(frozen, officer, order, expected):
    waves.choose(frozen, by=officer, at=NOW, order=order)
    assert waves_by_code(frozen) == expected
    assert Event.objects.order_by("-seq")[0].verb == "document.order_chosen"


def test_without_a_front_there_is_no_gap(frozen, officer):
    frozen.programme.co_host = None
    frozen.programme.save()
    waves.choose(Document.objects.get(), by=officer, at=NOW, order="host_last")
    assert waves_by_code(frozen) == {"UBMTTQ": 1, "SXD": 1, "BCHQS": 2}


def test_order_is_chosen_before_the_round_opens(document, officer):
    with pytest.raises(RuleError):
        waves.choose(document, by=officer, at=NOW, order="host_last")


@pytest.mark.parametrize("who", ["head", "clerk", "viewer"])
def test_only_who_runs_the_round_chooses(frozen, cast, who):
    with pytest.raises(PermissionDenied):
        waves.choose(frozen, by=getattr(cast, who), at=NOW, order="host_last")


def test_choice_comes_too_late_when_it_was_opened_meanwhile(frozen, officer):
    late = Document.objects.get(pk=frozen.pk)
    documents.open_round(frozen, by=officer, at=NOW)
    with pytest.raises(RuleError):
        waves.choose(late, by=officer, at=NOW, order="host_last")


# --- Turn by turn -----------------------------------------------------------------------------------
def test_first_wave_alone_is_asked(ordered, cast):
    assert told(reminders.OPEN) == {"ubmttq.head"}
    assert list(access.documents_to_sign(cast.front_head, today=TODAY)) == [ordered]
    assert not access.documents_to_sign(cast.head, today=TODAY).exists()


def test_nobody_signs_before_the_turn(ordered, head, sign):
    with pytest.raises(RuleError):
        sign(ordered, head)


def test_next_wave_opens_with_the_last_signature_and_is_told(ordered, cast, sign):
    sign(ordered, cast.front_head)
    assert told(reminders.TURN) == {"sxd.head", "sxd.pgd"}
    assert Document.objects.get().wave == 2
    sign(now_as_it_is(ordered), cast.head)
    assert told(reminders.TURN) == {"sxd.head", "sxd.pgd", "bchqs.cht"}
    assert sign(now_as_it_is(ordered), cast.commander)


def test_who_is_absent_or_declined_holds_nobody_up(ordered, cast):
    of_front = ordered.fields.get(agency__code="UBMTTQ")
    parties.mark_absent(of_front, by=cast.officer, at=NOW)
    assert Document.objects.get().wave == 2
    parties.decline(
        ordered.fields.get(agency__code="SXD"), by=cast.head, at=NOW, reason="Chưa thống nhất kinh phí"
    )
    assert Document.objects.get().wave == 3
    parties.mark_present(of_front, by=cast.officer, at=NOW)
    assert Document.objects.get().wave == 3, "what is open stays open"


def test_who_was_absent_signs_later(ordered, cast, sign):
    parties.mark_absent(ordered.fields.get(agency__code="UBMTTQ"), by=cast.officer, at=NOW)
    sign(now_as_it_is(ordered), cast.head)
    assert sign(ordered, cast.front_head)


def test_who_is_not_on_turn_is_neither_reminded_nor_urged(ordered, cast):
    planning.plan(at=NOW.replace(day=23))  # a week before the closing date
    assert told(reminders.DUE) == {"ubmttq.head"}
    with pytest.raises(RuleError):
        parties.urge(ordered.fields.get(agency__code="SXD"), by=cast.officer, at=NOW)
