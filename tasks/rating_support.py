"""Agencies rate the command's support: once each, without their name; the command reads sums.

What was said and who has answered stand in two tables that nothing joins: no agency, no person, no time, a
random key. The trail says that an agency answered, not what. Fewer than FEWEST answers are not shown, and
none while another may come: two looks at the sums would tell what came between them, and the trail who.
Decision 0037 says what this cannot hide.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Avg, Count
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import rating_access as access
from tasks.models import RatingRound, SupportAnswer, SupportReceipt
from tasks.models.ratings import MARKED, QUESTIONS
from tasks.states import RatingState

FEWEST = 5
"""Below so many answers a sum would betray who gave which."""

OPEN = frozenset({RatingState.SCORING, RatingState.REVIEW})


@dataclass(frozen=True)
class Sum:
    """One question: its average mark, and how often each mark was given, the best first."""

    label: str
    average: Decimal
    counts: list[tuple[int, str, int]]


@dataclass(frozen=True)
class Sums:
    """What the command reads; `questions` and `words` are empty until it is for good, and of too few."""

    answered: int
    is_final: bool
    questions: list[Sum]
    words: list[str]

    @property
    def is_shown(self) -> bool:
        return self.is_final and self.answered >= FEWEST


@action
def rate(
    round_: RatingRound, *, by: User, at: dt.datetime, marks: Mapping[str, int], words: str = ""
) -> None:
    """Give the agency's answer, for good: nobody can find it again to change it."""
    if by.agency_id is None or not access.may_rate_support(by, round_):
        raise PermissionDenied
    locked = RatingRound.objects.select_for_update(of=("self",)).select_related("programme__host")
    round_.refresh_from_db(from_queryset=locked)
    if round_.state not in OPEN:
        raise RuleError(_("The command's support is rated from publication until grades are proposed."))
    if SupportReceipt.objects.filter(round=round_, agency=by.agency_id).exists():
        raise RuleError(_("Your agency has answered already."))
    SupportReceipt.objects.create(round=round_, agency_id=by.agency_id)
    given = {name: marks[name] for name in MARKED}
    SupportAnswer.objects.create(id=uuid.uuid4(), round=round_, words=words.strip(), **given)
    payload = {"year": round_.programme.year}
    agency = by.post.agency.code if by.post else ""
    record("support.rated", round_, by=by, at=at, agency_code=agency, payload=payload)


def sums(round_: RatingRound, user: User) -> Sums:
    """Return what the answers come to, for whoever may read them. Marks and words do not stand together."""
    rows = access.visible_support(user).filter(round=round_)
    answered = rows.count()
    is_final = round_.state == RatingState.APPROVED  # a proposal that is given back opens the answers again
    if answered < FEWEST or not is_final:
        return Sums(answered, is_final, [], [])
    average = rows.aggregate(**{name: Avg(name) for name in MARKED})
    questions = [_sum(name, rows, average[name]) for name in MARKED]
    return Sums(answered, is_final, questions, [row for row in rows.values_list("words", flat=True) if row])


def _sum(name: str, rows: Any, average: float) -> Sum:
    given = dict(rows.order_by().values_list(name).annotate(n=Count("pk")))
    counts = [(mark, str(label), given.get(mark, 0)) for mark, label in SupportAnswer.MARKS]
    return Sum(str(QUESTIONS[name]), round(Decimal(average), 1), counts)
