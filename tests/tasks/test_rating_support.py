"""Agencies rate the command's support: once, without their name, and read in sum."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.users.models import Role
from tasks import rating_support
from tasks.models import RatingRound, SupportAnswer, SupportReceipt
from tasks.models.ratings import MARKED
from tests import factories
from tests.factories import NOW, person
from tests.tasks import rating
from tests.tasks.rating import round_of

pytestmark = pytest.mark.django_db
MARKS = dict.fromkeys(MARKED, 4)


@pytest.fixture
def round_(programme, officer, head, front_head) -> RatingRound:
    return rating.published(programme, officer)


def approved() -> RatingRound:
    """The round as it is once nobody may answer any more."""
    RatingRound.objects.update(state="approved", review_until=NOW.date())
    return round_of()


def test_an_answer_names_nobody_and_stands_apart_from_its_receipt(round_, head):
    rating_support.rate(round_, by=head, at=NOW, marks=MARKS, words="Cần hướng dẫn sớm.")
    columns = {column.name for column in SupportAnswer._meta.get_fields()}
    assert columns == {"id", "round", *MARKED, "words"}
    assert SupportReceipt.objects.get().agency == head.post.agency
    event = Event.objects.get(verb="support.rated")
    assert "Cần hướng dẫn sớm" not in event.payload
    assert "4" not in event.payload


def test_an_agency_answers_once(round_, head, deputy):
    rating_support.rate(round_, by=head, at=NOW, marks=MARKS)
    with pytest.raises(RuleError):
        rating_support.rate(round_of(), by=deputy, at=NOW, marks=MARKS)
    assert SupportAnswer.objects.count() == 1


@pytest.mark.parametrize("name", ["officer", "commander", "admin", "focal_point", "viewer", "stranger"])
def test_only_heads_of_agencies_answer(round_, cast, name):
    with pytest.raises(PermissionDenied):
        rating_support.rate(round_, by=getattr(cast, name), at=NOW, marks=MARKS)


@pytest.mark.parametrize("state", ["proposed", "approved"])
def test_nobody_answers_once_grades_are_proposed(round_, head, state):
    RatingRound.objects.update(state=state, review_until=NOW.date())
    with pytest.raises(RuleError):
        rating_support.rate(round_of(), by=head, at=NOW, marks=MARKS)


def test_few_answers_are_not_shown(round_, programme, officer, head, front_head):
    for by in (head, front_head):
        rating_support.rate(round_of(), by=by, at=NOW, marks=MARKS, words="Góp ý")
    few = rating_support.sums(approved(), officer)
    assert (few.answered, few.is_shown, few.questions, few.words) == (2, False, [], [])
    RatingRound.objects.update(state="scoring")
    for n in range(3):
        agency = factories.AgencyFactory()
        factories.SignatoryFactory(programme=programme, agency=agency, order=90 + n)
        by = person(f"thu.truong{n}", Role.AGENCY_HEAD, agency)
        rating_support.rate(round_of(), by=by, at=NOW, marks=MARKS | {"help_mark": 2})
    enough = rating_support.sums(approved(), officer)
    assert enough.is_shown
    helped = next(row for row in enough.questions if row.label.startswith("giúp"))
    assert str(helped.average) == "2.8"
    assert [n for _mark, _label, n in helped.counts] == [0, 2, 0, 3, 0]
    assert enough.words == ["Góp ý", "Góp ý"]


@pytest.mark.parametrize("state", ["scoring", "review", "proposed"])
def test_no_sum_is_shown_while_another_answer_may_come(round_, officer, state):
    for _n in range(6):
        SupportAnswer.objects.create(id=uuid.uuid4(), round=round_, words="Góp ý", **MARKS)
    RatingRound.objects.update(state=state, review_until=NOW.date())
    growing = rating_support.sums(round_of(), officer)
    assert (growing.answered, growing.is_shown, growing.questions, growing.words) == (6, False, [], [])


def test_agencies_read_no_answer(round_, head):
    rating_support.rate(round_, by=head, at=NOW, marks=MARKS)
    assert rating_support.sums(round_of(), head).answered == 0
