"""What the pages of the rating of agencies show."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from portal.lib.stages import Stage, stages
from portal.papers.tables import Cell
from portal.users.models import User
from tasks import access as tasks_access
from tasks import rating_access as access
from tasks import rating_contents, rating_figures, rating_support, ratings
from tasks.models import (
    Assignment,
    Evidence,
    Programme,
    RatingCriterion,
    RatingDecision,
    RatingGrade,
    RatingPoint,
    RatingRound,
    RatingSheet,
    Reexamination,
)
from tasks.rating_contents import Line
from tasks.rating_figures import Share
from tasks.rating_forms import AnnounceForm, ButtonForm, ReasonForm
from tasks.rating_sheet_forms import AnswerForm, AskForm, ProofForm
from tasks.states import OWED_SHEET, EvidenceState, RatingState, SheetState

WAY = {state.value: state.label for state in RatingState}
SHEET_WAY = {state.value: state.label for state in SheetState}


@dataclass(frozen=True)
class YearPage:
    """Everything that tasks/rating.html reads. `round_` None: the year has not been begun."""

    programme: Programme
    years: list[int]
    round_: RatingRound | None
    may_prepare: bool
    stages: list[Stage] = field(default_factory=list)
    criteria: list[RatingCriterion] = field(default_factory=list)
    grades: list[RatingGrade] = field(default_factory=list)
    is_command: bool = False
    lines: list[Line] = field(default_factory=list)
    own: RatingSheet | None = None
    decision: RatingDecision | None = None
    is_intact: bool = True
    may_edit: bool = False
    may_propose: bool = False
    may_rate_support: bool = False
    has_rated_support: bool = False
    steps: Mapping[str, forms.Form] = field(default_factory=dict)

    @property
    def year(self) -> int:
        return self.programme.year

    @property
    def weights(self) -> int:
        return sum(row.weight for row in self.criteria)

    @property
    def owed(self) -> int:
        return sum(line.sheet.state in OWED_SHEET for line in self.lines)

    @property
    def to_verify(self) -> int:
        return sum(line.sheet.state == SheetState.SENT for line in self.lines)


def year_page(
    programme: Programme, user: User, *, today: dt.date, sent: Mapping[str, forms.Form] | None = None
) -> YearPage:
    """Put the page of a year together; `sent` holds a step's form as it was refused."""
    years = list(tasks_access.visible_programmes(user).order_by("-year").values_list("year", flat=True))
    may_prepare = access.may_prepare(user, programme)
    round_ = access.visible_rounds(user).filter(programme=programme).first()
    if round_ is None:
        return YearPage(programme, years, None, may_prepare)
    is_command = access.may_see_table(user)
    decision = access.visible_decisions(user).filter(round=round_).first() if is_command else None
    own = None if is_command else access.visible_sheets(user).filter(round=round_).first()
    return YearPage(
        programme=programme,
        years=years,
        round_=round_,
        may_prepare=may_prepare,
        stages=stages(WAY, round_.state),
        criteria=list(round_.criteria.all()),
        grades=list(round_.grades.all()),
        is_command=is_command,
        lines=rating_contents.lines(round_) if is_command else [],
        own=own,
        decision=decision,
        is_intact=decision is None or ratings.is_intact(decision),
        may_edit=may_prepare and round_.state == RatingState.DRAFT,
        may_propose=may_prepare and round_.state == RatingState.REVIEW,
        may_rate_support=round_.state in rating_support.OPEN and access.may_rate_support(user, round_),
        has_rated_support=access.visible_receipts(user).filter(round=round_, agency=user.agency_id).exists(),
        steps={**_steps(round_, user, today), **(sent or {})},
    )


def _steps(round_: RatingRound, user: User, today: dt.date) -> dict[str, forms.Form]:
    """The forms of the steps that the reader can take now."""
    found: dict[str, forms.Form] = {}
    shown = {"version": ratings.version_of(round_)}
    if round_.state == RatingState.DRAFT and access.may_publish(user, round_):
        found["publish"] = ButtonForm(initial=shown)
    if round_.state == RatingState.SCORING and access.may_prepare(user, round_.programme):
        last = today + dt.timedelta(days=ratings.REVIEW_DAYS)
        found["announce"] = AnnounceForm(initial={"review_until": last})
    if round_.state == RatingState.PROPOSED and access.may_decide(user, round_.programme):
        found |= {"approve": ButtonForm(initial=shown), "give_back": ReasonForm()}
    return found


# --- One agency --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PointLine:
    """One criterion of a sheet as it is shown."""

    point: RatingPoint
    share: Share | None
    proofs: list[Any]
    reexamination: Reexamination | None
    proof_form: ProofForm | None = None
    ask_form: AskForm | None = None
    answer_form: AnswerForm | None = None

    @property
    def counted_points(self) -> Decimal | None:
        return self.share.points(self.point.criterion.weight) if self.share else None


@dataclass(frozen=True)
class SheetPage:
    """Everything that tasks/rating_sheet.html reads."""

    sheet: RatingSheet
    round_: RatingRound
    stages: list[Stage]
    lines: list[PointLine]
    line: Line
    self_total: Decimal | None
    is_scaled: bool  # something was left out of the total
    shows_points: bool
    shows_grade: bool
    may_score: bool
    may_verify: bool
    steps: Mapping[str, forms.Form]


def sheet_page(
    sheet: RatingSheet,
    user: User,
    *,
    today: dt.date,
    sent: Mapping[str, forms.Form] | None = None,
    about: int | None = None,
) -> SheetPage:
    """Put the page of a sheet together; `sent` holds a form as it was refused, `about` the point it is of."""
    round_ = sheet.round
    points = points_of(sheet)
    live = live_of(sheet, today) if sheet.state != SheetState.VERIFIED else {}
    may_score = access.may_score(user, sheet) and _is_open(sheet)
    offers = _offers(sheet, user) if may_score else None
    refused = {(name, about): form for name, form in (sent or {}).items()}
    reader = _Reader(sheet, user, today, live, offers, refused)
    lines = [_point_line(point, reader) for point in points]
    return SheetPage(
        sheet=sheet,
        round_=round_,
        stages=stages(SHEET_WAY, sheet.state),
        lines=lines,
        line=rating_contents.line(sheet, points, list(round_.grades.all())),
        self_total=_self_total(points),
        is_scaled=any(point.points is None for point in points),
        shows_points=access.shows_points(user, sheet) and sheet.verified_at is not None,
        shows_grade=access.shows_grade(user, sheet) and sheet.grade is not None,
        may_score=may_score,
        may_verify=may_verify_now(sheet, user, today),
        steps={**_sheet_steps(sheet, user), **(sent or {} if about is None else {})},
    )


def points_of(sheet: RatingSheet) -> list[RatingPoint]:
    """Return the points of a sheet with their criteria, in order."""
    rows = sheet.points.select_related("criterion", "reexamination__asked_by", "reexamination__answered_by")
    rows = rows.prefetch_related("proofs__assignment", "proofs__evidence__file__recall")
    found = list(rows.order_by("criterion__order"))
    for row in found:
        row.sheet = sheet
    return found


def live_of(sheet: RatingSheet, today: dt.date) -> Mapping[str, Share]:
    """Return the portal's figures of an agency as they are today."""
    return rating_figures.read(sheet.round, [sheet.agency_id], today=today)[sheet.agency_id]


def may_verify_now(sheet: RatingSheet, user: User, today: dt.date) -> bool:
    """Right and state together."""
    is_time = sheet.state not in OWED_SHEET or today > sheet.round.self_due_on
    return is_time and sheet.round.state == RatingState.SCORING and access.may_verify(user, sheet)


def _is_open(sheet: RatingSheet) -> bool:
    return sheet.round.state == RatingState.SCORING and sheet.state == SheetState.DRAFT


def _self_total(points: Sequence[RatingPoint]) -> Decimal | None:
    return rating_figures.total((point.criterion.weight, point.self_points) for point in points)


def _offers(sheet: RatingSheet, user: User) -> tuple[list[Assignment], list[Evidence]]:
    """What may be shown for a point: duties in which the agency takes part, and its files there."""
    part = tasks_access.assignments_with_progress(user).filter(programme=sheet.round.programme_id)
    files = tasks_access.visible_evidence(user).filter(
        assignment__programme=sheet.round.programme_id,
        agency=sheet.agency_id,
        state=EvidenceState.CURRENT,
        file__recall=None,
    )
    duties = part.prefetch_related("coordinations").order_by("code")
    return list(duties), list(files.select_related("assignment").order_by("assignment__code", "title"))


def proof_form(sheet: RatingSheet, user: User, data: Any = None, *, point: int = 0) -> ProofForm:
    """Return the form that shows a proof for a point."""
    duties, files = _offers(sheet, user)
    return ProofForm(data, duties=duties, files=files, auto_id=f"proof{point}_%s")


@dataclass(frozen=True)
class _Reader:
    """Who reads which sheet, with what every line of it needs."""

    sheet: RatingSheet
    user: User
    today: dt.date
    live: Mapping[str, Share]
    offers: tuple[list[Assignment], list[Evidence]] | None
    refused: Mapping[tuple[str, int | None], forms.Form]


def _point_line(point: RatingPoint, reader: _Reader) -> PointLine:
    sheet, user, today = reader.sheet, reader.user, reader.today
    offers, refused = reader.offers, reader.refused
    asked = getattr(point, "reexamination", None)
    in_review = sheet.round.state == RatingState.REVIEW
    last = sheet.round.review_until
    may_ask = in_review and last is not None and today <= last and access.may_approve(user, sheet)
    may_answer = asked is not None and not asked.is_answered and access.may_verify(user, sheet)
    form: Any = {name: refused.get((name, point.pk)) for name in ("prove", "ask_again", "answer")}
    if offers is not None and form["prove"] is None:
        form["prove"] = ProofForm(duties=offers[0], files=offers[1], auto_id=f"proof{point.pk}_%s")
    if may_ask and asked is None and form["ask_again"] is None:
        form["ask_again"] = AskForm(auto_id=f"ask{point.pk}_%s")
    if in_review and may_answer and form["answer"] is None:
        form["answer"] = AnswerForm(point=point, auto_id=f"answer{point.pk}_%s")
    return PointLine(
        point=point,
        share=rating_contents.share_of(point, reader.live),
        proofs=list(point.proofs.all()),
        reexamination=asked,
        proof_form=form["prove"],
        ask_form=form["ask_again"],
        answer_form=form["answer"],
    )


def _sheet_steps(sheet: RatingSheet, user: User) -> dict[str, forms.Form]:
    found: dict[str, forms.Form] = {}
    if _is_open(sheet) and access.may_score(user, sheet):
        found["submit"] = ButtonForm(initial={"version": str(sheet.revision)})
    waits = sheet.state == SheetState.AWAITING_HEAD and sheet.round.state == RatingState.SCORING
    if waits and access.may_approve(user, sheet):
        found |= {"send": ButtonForm(initial={"version": str(sheet.revision)}), "send_back": ReasonForm()}
    return found


# --- Tables as files ---------------------------------------------------------------------------------
WIDTHS = (6, 44, 26, 14, 14, 30, 30, 40)
REWARD_WIDTHS = (6, 50, 30, 50)


def table(lines: Sequence[Line]) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of every agency's points and grade, Party bodies last and unranked."""
    headings = [_("No."), _("Agency"), _("State"), _("Total"), _("Rank")]
    headings += [_("Grade by points"), _("Grade"), _("Reason")]
    rows: list[list[Cell]] = []
    for place, line in enumerate(lines, 1):
        computed, grade = line.computed_grade, line.sheet.grade
        rows.append(
            [
                place,
                line.sheet.agency.name,
                str(line.sheet.get_state_display()),
                "" if line.total is None else line.total,
                "" if line.rank is None else line.rank,
                computed.name if computed else "",
                grade.name if grade else "",
                line.sheet.grade_reason,
            ]
        )
    return headings, rows


def reward_table(rewarded: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of the list for rewards."""
    headings = [_("No."), _("Agency"), _("Grade"), _("Reward proposed")]
    return headings, [[n, row["name"], row["grade"], row["reward"]] for n, row in enumerate(rewarded, 1)]
