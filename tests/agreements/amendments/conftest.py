"""An amendment of the small programme for tests: proposed, written, frozen, signed, in force."""

import copy
import datetime as dt

import pytest

from agreements import amendments, documents
from agreements.models import Amendment, Document
from tasks.content import content
from tasks.models import Programme
from tests.factories import NOW

LATER = NOW + dt.timedelta(hours=1)
CLOSES_ON = NOW.date() + dt.timedelta(days=10)


@pytest.fixture
def issued(document, sign, commander, front_head, head, officer, clerk) -> Document:
    for user in (commander, front_head, head):
        sign(document, user)
    documents.bring_into_force(document, by=commander, at=NOW)
    documents.close_round(document, by=officer, at=NOW)
    documents.issue(document, by=clerk, at=NOW, number=1, issued_on=NOW.date())
    document.refresh_from_db()
    return document


@pytest.fixture
def amendment(issued, officer) -> Amendment:
    return amendments.propose(
        issued.programme, by=officer, at=LATER, reason="Thiên tai kéo dài", closes_on=CLOSES_ON
    )


def duty(programme: Programme, of: str, **changes):
    row = next(row for row in content(programme)["assignments"] if row["code"] == of)
    return copy.deepcopy(row) | changes


@pytest.fixture
def written(amendment, officer) -> Amendment:
    """1.01 later and more, 1.02 withdrawn, 2.02 new: it touches all three parties."""
    programme = amendment.programme
    later = duty(programme, "1.01", deadline_on="2026-06-30", target="25")
    new = duty(programme, "1.01", code="2.02", task=2, title="Diễn tập bổ sung", deadline_on="2026-09-30")
    for code, after in (("1.01", later), ("1.02", None), ("2.02", new)):
        amendments.put(amendment, by=officer, at=LATER, code=code, after=after)
    return amendment


@pytest.fixture
def paper(written, officer) -> Document:
    return amendments.freeze(written, by=officer, at=LATER)


@pytest.fixture
def closed(paper, sign, commander, front_head, head, officer) -> Document:
    documents.open_round(paper, by=officer, at=LATER)
    for user in (commander, front_head, head):
        sign(paper, user, at=LATER + dt.timedelta(minutes=2))
    paper.refresh_from_db()
    documents.close_round(paper, by=officer, at=LATER)
    return paper


@pytest.fixture
def in_force(closed, clerk) -> Document:
    amendments.issue(closed, by=clerk, at=LATER, number=2, issued_on=LATER.date())
    return closed
