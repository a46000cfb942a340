"""The end of an issued document, by a decision that everybody reads, also outside."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from agreements import documents, endings, reminders, sheets, verification
from agreements.models import Document
from agreements.states import DocumentState as S
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from tasks.models import Programme
from tests.factories import NOW

TODAY = NOW.date()
DECISION = {"reason": "Thay đổi tổ chức bộ máy", "decision_number": "12/QĐ-BCH", "decided_on": TODAY}


@pytest.fixture
def issued(document, sign, commander, front_head, head, officer, clerk) -> Document:
    for user in (commander, front_head, head):
        sign(document, user)
    verification.check_next(at=NOW)
    documents.bring_into_force(document, by=commander, at=NOW)
    documents.close_round(document, by=officer, at=NOW)
    documents.issue(document, by=clerk, at=NOW, number=1, issued_on=TODAY)
    document.refresh_from_db()
    return document


def test_superseded_document_says_so_and_the_programme_goes_on(issued, commander):
    endings.supersede(issued, by=commander, at=NOW, **DECISION)
    assert Document.objects.get().state == S.SUPERSEDED
    assert Programme.objects.get().state == "in_force"
    event = Event.objects.latest("seq")
    assert (event.verb, event.actor_id) == ("document.superseded", commander.pk)
    assert "12/QĐ-BCH" in sheets.cover_sheet(Document.objects.get(), at=NOW).warning


@pytest.mark.parametrize(
    ("act", "kind"),
    [(endings.supersede, reminders.SUPERSEDED), (endings.terminate, reminders.TERMINATED)],
)
def test_parties_hear_of_it(issued, cast, act, kind):
    act(issued, by=cast.commander, at=NOW, **DECISION)
    shown = Notice.objects.shown().filter(kind=kind.code)
    told = set(shown.values_list("recipient__username", flat=True))
    assert told == {"bchqs.troly", "ubmttq.head", "sxd.head", "sxd.pgd", "sxd.daumoi"}
    assert shown[0].text_vi.endswith(f"theo 12/QĐ-BCH: {issued.title}")
    assert kind.path(shown[0].subject_id) == reverse("agreements:detail", args=[issued.pk])


def test_what_was_refused_is_told_to_nobody(issued, commander):
    with pytest.raises(RuleError):
        endings.supersede(issued, by=commander, at=NOW, **(DECISION | {"decision_number": " "}))
    assert not Notice.objects.filter(kind=reminders.SUPERSEDED.code).exists()


def test_terminated_document_ends_its_programme(issued, commander):
    endings.terminate(issued, by=commander, at=NOW, **DECISION)
    assert (Document.objects.get().state, Programme.objects.get().state) == (S.TERMINATED, "terminated")


@pytest.mark.parametrize("who", ["officer", "clerk", "head", "front_head", "viewer", "admin"])
@pytest.mark.parametrize("act", [endings.supersede, endings.terminate])
def test_only_the_commander_ends_it(issued, cast, act, who):
    with pytest.raises(PermissionDenied):
        act(issued, by=getattr(cast, who), at=NOW, **DECISION)


def test_document_that_is_not_issued_is_not_ended(document, commander):
    with pytest.raises(RuleError):
        endings.terminate(document, by=commander, at=NOW, **DECISION)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "ng"},
        {"decision_number": " "},
        {"decided_on": TODAY - dt.timedelta(days=1)},
        {"decided_on": TODAY + dt.timedelta(days=1)},
    ],
)
def test_decision_is_whole_and_in_its_time(issued, commander, wrong):
    with pytest.raises(RuleError):
        endings.supersede(issued, by=commander, at=NOW, **(DECISION | wrong))


def test_second_end_comes_too_late(issued, commander):
    late = Document.objects.get()
    endings.supersede(issued, by=commander, at=NOW, **DECISION)
    with pytest.raises(RuleError):
        endings.terminate(late, by=commander, at=NOW, **DECISION)
    assert Document.objects.get().state == S.SUPERSEDED


@pytest.mark.parametrize("act", [endings.supersede, endings.terminate])
def test_public_page_tells_reason_and_decision(issued, commander, client, now, act):
    act(issued, by=commander, at=NOW, **DECISION)
    page = client.get(reverse("verify"), {"sha256": issued.head_id}).content.decode()
    for words in ("01/CTr-BCHQS-MTTQ", "12/QĐ-BCH", "Thay đổi tổ chức bộ máy"):
        assert words in page


def test_page_of_a_dropped_file_tells_it_too(issued, commander, client, now):
    endings.supersede(issued, by=commander, at=NOW, **DECISION)
    with store.path_of(issued.head_id).open("rb") as file:
        page = client.post(reverse("verify"), {"file": file}).content.decode()
    assert "12/QĐ-BCH" in page


def test_commander_ends_it_on_a_page_and_everybody_reads_why(issued, commander, viewer, login, now):
    browser, address = login(commander), reverse("agreements:end", args=[issued.pk])
    assert address in browser.get(reverse("agreements:detail", args=[issued.pk])).content.decode()
    assert browser.get(address).status_code == 200
    wrong = browser.post(address, {"how": "supersede", "reason": "Lý do đủ dài"})
    assert wrong.status_code == 400
    assert "Lý do đủ dài" in wrong.content.decode()
    sent = browser.post(address, {"how": "supersede", **DECISION, "decided_on": f"{TODAY:%Y-%m-%d}"})
    assert sent.status_code == 302
    page = login(viewer).get(reverse("agreements:detail", args=[issued.pk])).content.decode()
    assert "12/QĐ-BCH" in page
