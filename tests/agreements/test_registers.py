"""The register of numbers: from 01 each year, no gap, no double, also when two take one at once."""

import datetime as dt
import threading

import pytest
from django.db import connections
from django.urls import reverse

from agreements import documents, registers
from agreements.models import Document
from agreements.states import DocumentState as S
from portal.lib.errors import RuleError
from tests.factories import NOW

pytestmark = pytest.mark.both

TODAY = NOW.date()


def waiting(document: Document) -> Document:
    """Another paper whose signing is closed. Superseded ones of one programme may be many."""
    copy = Document.objects.get(pk=document.pk)
    copy.pk, copy.state, copy.number, copy.number_year, copy.issued_on = None, S.CLOSED, None, None, None
    copy.save()
    return copy


@pytest.fixture
def closed(document, sign, commander, front_head, officer):
    for user in (commander, front_head):
        sign(document, user)
    documents.bring_into_force(document, by=commander, at=NOW)
    documents.close_round(document, by=officer, at=NOW)
    return document


@pytest.fixture
def issued(closed, clerk):
    documents.issue(closed, by=clerk, at=NOW, number=1, issued_on=TODAY)
    Document.objects.filter(pk=closed.pk).update(state=S.SUPERSEDED)  # the next of this programme may live
    return closed


def test_first_number_of_a_year_is_one(closed, clerk):
    with pytest.raises(RuleError, match=r"Số tiếp theo|next one"):
        documents.issue(closed, by=clerk, at=NOW, number=2, issued_on=TODAY)
    documents.issue(closed, by=clerk, at=NOW, number=1, issued_on=TODAY)


def test_number_after_it_leaves_no_gap_and_is_no_double(issued, clerk):
    second = waiting(issued)
    for number in (1, 3):
        with pytest.raises(RuleError):
            documents.issue(second, by=clerk, at=NOW, number=number, issued_on=TODAY)
    documents.issue(second, by=clerk, at=NOW, number=2, issued_on=TODAY)


def test_later_number_has_no_earlier_date(issued, clerk):
    second = waiting(issued)
    later = NOW + dt.timedelta(days=3)
    Document.objects.filter(pk=issued.pk).update(issued_on=TODAY + dt.timedelta(days=2))
    with pytest.raises(RuleError):
        documents.issue(second, by=clerk, at=later, number=2, issued_on=TODAY + dt.timedelta(days=1))
    documents.issue(second, by=clerk, at=later, number=2, issued_on=TODAY + dt.timedelta(days=2))


def test_register_begins_again_with_the_year(issued, clerk):
    second = waiting(issued)
    new_year = NOW.replace(year=2027, month=1, day=4)
    documents.issue(second, by=clerk, at=new_year, number=1, issued_on=new_year.date())
    assert (registers.next_number(2026), registers.next_number(2027)) == (2, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("on_disk")
def test_one_number_is_given_once_to_two_papers_at_the_same_moment(closed, clerk):
    Document.objects.filter(pk=closed.pk).update(state=S.TERMINATED)
    papers = [Document.objects.get(pk=closed.pk)]
    for _turn in range(4):
        copy = Document.objects.get(pk=closed.pk)
        copy.pk = None
        copy.save()
        papers.append(copy)
    kinds = [f"k{place}" for place in range(len(papers))]  # one alive of each kind
    for paper, kind in zip(papers, kinds, strict=True):
        Document.objects.filter(pk=paper.pk).update(state=S.CLOSED, kind=kind)
    said: list[str] = []

    def issue(paper: Document) -> None:
        try:
            documents.issue(paper, by=clerk, at=NOW, number=1, issued_on=TODAY)
            said.append("done")
        except RuleError:
            said.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=issue, args=[paper]) for paper in papers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done"] + ["refused"] * 4
    assert list(Document.objects.exclude(number=None).values_list("number", flat=True)) == [1]


# --- The page -------------------------------------------------------------------------------------
def test_register_shows_numbers_and_what_waits(issued, clerk, login, now):
    second = waiting(issued)
    page = login(clerk).get(reverse("agreements:register")).content.decode()
    assert "CTr-BCHQS-MTTQ" in page
    assert '<td class="num">01</td>' in page
    assert reverse("agreements:detail", args=[second.pk]) in page
    assert "02" in page


def test_register_of_another_year_is_empty(issued, clerk, login, now):
    page = login(clerk).get(reverse("agreements:register"), {"year": "2025"}).content.decode()
    assert "<td" not in page
    assert "?year=2026" in page


@pytest.mark.parametrize("year", ["x", "-1", "99999999999999999999", "%00"])
def test_year_that_is_none_is_this_one(issued, clerk, login, now, year):
    assert "?year=" not in login(clerk).get(reverse("agreements:register"), {"year": year}).content.decode()


@pytest.mark.parametrize("who", ["head", "focal_point", "viewer", "admin"])
def test_register_is_the_command_s(issued, cast, login, who):
    assert login(getattr(cast, who)).get(reverse("agreements:register")).status_code == 403


def test_register_costs_the_same_for_many(issued, clerk, login, now, django_assert_max_num_queries):
    browser = login(clerk)
    for number in range(2, 12):
        copy = waiting(issued)
        Document.objects.filter(pk=copy.pk).update(
            state=S.SUPERSEDED, number=number, number_year=2026, issued_on=TODAY
        )
    with django_assert_max_num_queries(20) as found:
        browser.get(reverse("agreements:register"))
    assert len([q for q in found if "agreements_document" in q["sql"]]) == 4
