"""How the rating is prepared for the who-may matrix: the sheet is the lead's."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from portal.users.models import User
from tasks import rating_contents, rating_schemes, rating_sheets, rating_support, ratings
from tasks.models import (
    Assignment,
    Programme,
    RatingPoint,
    RatingProof,
    RatingRound,
    RatingSheet,
    Reexamination,
)
from tasks.models.ratings import MARKED
from tasks.rating_schemes import Terms
from tasks.rating_sheets import Given, Verdict
from tasks.ratings import Proposal
from tests.factories import NOW, TODAY
from tests.who_may_rounds import REASON, Ask, in_state

DAY = dt.timedelta(days=1)
TERMS = Terms(TODAY, TODAY + DAY)
POINTS = Decimal(1)


def _begun(world: SimpleNamespace) -> RatingRound:
    in_state(world.programme, "in_force")
    in_state(world.assignment, "assigned", "status")
    programme = Programme.objects.select_related("host").get(pk=world.programme.pk)
    return ratings.prepare(programme, by=world.people["host", "programme_officer"], at=NOW)


def _in(world: SimpleNamespace, state: str) -> RatingRound:
    """A rating in a state; what is not a draft has every sheet verified, and the day to ask is over."""
    round_ = _begun(world)
    if state != "draft":
        ratings.publish(round_, by=world.people["host", "programme_officer"], at=NOW)
        verified = {"verified_at": NOW, "verified_by": world.people["host", "programme_officer"]}
        RatingSheet.objects.update(state="verified", **verified)
        RatingPoint.objects.update(points=POINTS)
        RatingRound.objects.update(state=state, review_until=None if state == "scoring" else TODAY - DAY)
    return RatingRound.objects.select_related("programme__host").get()


def _year(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        _in(world, state)
        return lambda by: act(
            RatingRound.objects.select_related("programme__host").get(), by=by, at=NOW, **given
        )

    return prepare


def _prepare(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, state)
    return lambda by: ratings.prepare(Programme.objects.get(pk=world.programme.pk), by=by, at=NOW)


def _propose(world: SimpleNamespace, state: str) -> Ask:
    round_ = _in(world, state)
    worst = round_.grades.get(place=4)
    wanted = {line.sheet.pk: Proposal(worst, REASON) for line in rating_contents.lines(round_)}
    return lambda by: ratings.propose(RatingRound.objects.get(), by=by, at=NOW, proposals=wanted)


def _sheet(world: SimpleNamespace) -> RatingSheet:
    rows = RatingSheet.objects.select_related("round__programme__host", "agency")
    return rows.get(agency=world.agencies["lead"])


def _in_sheet_state(world: SimpleNamespace, state: str) -> RatingSheet:
    """A published rating, the lead's sheet in a state, every point given."""
    ratings.publish(_begun(world), by=world.people["host", "programme_officer"], at=NOW)
    by = {"sent_by": world.people["lead", "agency_head"], "verified_by": world.people["host", "commander"]}
    RatingSheet.objects.update(state=state, sent_at=NOW, verified_at=NOW, **by)
    RatingPoint.objects.update(self_points=POINTS, self_note=REASON)
    return _sheet(world)


def _of_sheet(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        _in_sheet_state(world, state)
        return lambda by: act(_sheet(world), by=by, at=NOW, **given)

    return prepare


def _save(world: SimpleNamespace, state: str) -> Ask:
    sheet = _in_sheet_state(world, state)
    given = {row.criterion_id: Given(POINTS) for row in sheet.points.all()}
    return lambda by: rating_sheets.save(_sheet(world), by=by, at=NOW, given=given)


def _verify(world: SimpleNamespace, state: str) -> Ask:
    sheet = _in_sheet_state(world, state)
    verdicts = {row.criterion_id: Verdict(POINTS, REASON) for row in sheet.points.all()}
    return lambda by: rating_sheets.verify(_sheet(world), by=by, at=NOW, verdicts=verdicts)


def _point(world: SimpleNamespace) -> RatingPoint:
    rows = RatingPoint.objects.select_related("criterion", "sheet__round__programme__host", "sheet__agency")
    return rows.filter(sheet__agency=world.agencies["lead"]).earliest("criterion__order")


def _prove(world: SimpleNamespace, state: str) -> Ask:
    _in_sheet_state(world, state)
    duty = Assignment.objects.get(pk=world.assignment.pk)
    return lambda by: rating_sheets.prove(_point(world), by=by, at=NOW, assignment=duty)


def _drop(world: SimpleNamespace, state: str) -> Ask:
    _in_sheet_state(world, state)
    RatingProof.objects.create(point=_point(world), assignment=world.assignment)
    rows = RatingProof.objects.select_related("point__sheet__round__programme__host", "assignment")
    return lambda by: rating_sheets.drop_proof(rows.get(), by=by, at=NOW)


def _ask_again(world: SimpleNamespace, state: str) -> Ask:
    _in(world, state)
    if state == "review":
        RatingRound.objects.update(review_until=TODAY)
    return lambda by: rating_sheets.ask_again(_point(world), by=by, at=NOW, reason=REASON)


def _answer(world: SimpleNamespace, state: str) -> Ask:
    _in(world, "review")
    officer = world.people["host", "programme_officer"]
    said = {"answer": REASON, "answered_at": NOW, "answered_by": officer} if state == "answered" else {}
    asked = {"asked_at": NOW, "asked_by": world.people["lead", "agency_head"], "reason": REASON}
    Reexamination.objects.create(point=_point(world), state=state, **asked, **said)

    def ask(by: User) -> None:
        row = Reexamination.objects.get()
        row.point = _point(world)
        rating_sheets.answer(row, by=by, at=NOW, points=POINTS, answer=REASON)

    return ask


PREPARE = {
    "tasks.ratings.prepare": _prepare,
    "tasks.ratings.edit": _year(ratings.edit, terms=TERMS, scheme=rating_schemes.preset()),
    "tasks.ratings.publish": _year(ratings.publish),
    "tasks.ratings.announce": _year(ratings.announce, review_until=TODAY + DAY),
    "tasks.ratings.propose": _propose,
    "tasks.ratings.give_back": _year(ratings.give_back, reason=REASON),
    "tasks.ratings.approve": _year(ratings.approve),
    "tasks.rating_sheets.save": _save,
    "tasks.rating_sheets.prove": _prove,
    "tasks.rating_sheets.drop_proof": _drop,
    "tasks.rating_sheets.submit": _of_sheet(rating_sheets.submit),
    "tasks.rating_sheets.send": _of_sheet(rating_sheets.send),
    "tasks.rating_sheets.send_back": _of_sheet(rating_sheets.send_back, reason=REASON),
    "tasks.rating_sheets.verify": _verify,
    "tasks.rating_sheets.ask_again": _ask_again,
    "tasks.rating_sheets.answer": _answer,
    "tasks.rating_support.rate": _year(rating_support.rate, marks=dict.fromkeys(MARKED, 4)),
}
