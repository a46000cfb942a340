"""What the pages of programmes show."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet

from agreements import access as agreements_access
from agreements import boards, consultation_access
from agreements.models import Consultation, Document
from portal.dashboards.figures import FourNumbers, four_numbers
from portal.dashboards.matrix import Matrix, matrix
from portal.lib.stages import Stage, stages
from portal.users.models import User
from tasks import (
    access,
    comments,
    coverage,
    draft_access,
    points,
    programmes,
    rating_access,
    review_access,
    standings,
    year_access,
)
from tasks.models import Clause, LegalBasis, Programme, ReportingPeriod, Signatory
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import EDITABLE_PROGRAMME, ENDED_PROGRAMME, ProgrammeState, YearPaperState

_S = ProgrammeState
WAY = {
    state.value: state.label
    for state in (_S.DRAFT, _S.CONSULTING, _S.SETTLED, _S.FROZEN, _S.IN_FORCE, _S.CLOSED)
}
"""The usual way; a terminated programme is beside it."""


def shown(user: User) -> QuerySet[Programme]:
    """Programmes the user sees, newest first, with the number of their assignments."""
    return access.visible_programmes(user).annotate(n=Count("assignments")).order_by("-year")


@dataclass(frozen=True)
class ProgrammePage:
    """Everything that dashboards/programme.html reads."""

    programme: Programme
    version: str
    today: dt.date
    stages: list[Stage]
    gaps: list[str]
    points: int  # of a text that may still change: what must be looked at
    uncovered: list[str]  # warnings, to who runs the programme while its text is open
    may: dict[str, bool]
    document: Document | None
    consultations: list[Consultation]
    may_see_drifts: bool
    numbers: FourNumbers | None
    numbers_are_whole: bool  # counted over all assignments, not only those the reader has a part in
    matrix: Matrix
    bases: list[LegalBasis]
    clauses: list[tuple[str, list[Clause]]]
    signatories: list[Signatory]
    periods: list[ReportingPeriod]


def programme_page(programme: Programme, user: User, *, today: dt.date) -> ProgrammePage:
    """Put the page together in a fixed number of queries; only what the user may see."""
    rows = access.visible_assignments(user).filter(programme=programme)
    with_progress = standings.with_standing(rows.filter(access.progress_rule(user)), user, today)
    papers = Count("papers", filter=Q(papers__state=YearPaperState.ENTERED))
    tasks: list[Any] = list(programme.priority_tasks.annotate(paper_count=papers))
    solutions: list[Any] = list(programme.solutions.annotate(paper_count=papers))
    may = _may(programme, user)
    document = _document(programme, user)
    rounds = consultation_access.visible_consultations(user).filter(programme=programme)
    consultations = list(rounds.order_by("round"))
    clauses = comments.count_clauses(user, programme, list(programme.clauses.annotate(paper_count=papers)))
    return ProgrammePage(
        programme=programme,
        version=programmes.version_of(programme),
        today=today,
        stages=stages(_way(programme, consultations), programme.state),
        gaps=programmes.gaps(programme) if may["settle"] else [],
        points=len(points.open_points(programme, today=today)) if may["look_through"] else 0,
        uncovered=coverage.warnings(programme) if may["assign"] else [],
        may=may,
        document=document,
        consultations=consultations,
        may_see_drifts=document is not None and agreements_access.may_see_drifts(user, document),
        numbers=_numbers(programme, with_progress),
        numbers_are_whole=access.may_see_every_figure(user),
        matrix=matrix(programme, tasks, solutions, shown=rows, with_progress=with_progress),
        bases=list(programme.bases.order_by("programmebasis__order")),
        clauses=[
            (str(Clause.Section(section).label), list(group))
            for section, group in groupby(sorted(clauses, key=_place), key=lambda clause: clause.section)
        ],
        signatories=list(programme.signatories.select_related("agency")),
        periods=list(programme.periods.all()),
    )


def _way(programme: Programme, consultations: list[Consultation]) -> dict[str, str]:
    """The usual way; a text about which nobody was asked went past that stage."""
    asked = bool(consultations) or programme.state == _S.CONSULTING
    return {state: label for state, label in WAY.items() if asked or state != _S.CONSULTING}


def _place(clause: Clause) -> tuple[int, int]:
    return [section.value for section in Clause.Section].index(clause.section), clause.number


def _may(programme: Programme, user: User) -> dict[str, bool]:
    """The buttons of the page: right and state together."""
    runs, state = access.may_settle(user, programme), programme.state
    return {
        "settle": runs and state in programmes.WRITTEN,
        "assign": draft_access.may_draft(user, programme) and state in EDITABLE_PROGRAMME,
        "reopen": runs and state == _S.SETTLED,
        "freeze": state == _S.SETTLED and access.may_freeze(user, programme),
        "look_through": state in EDITABLE_PROGRAMME and year_access.may_look_through(user, programme),
        "close": state == _S.IN_FORCE and access.may_close(user, programme),
        "see_decisions": state in {_S.IN_FORCE, _S.CLOSED} and access.may_close(user, programme),
        "see_review": state in {_S.IN_FORCE, _S.CLOSED} and review_access.may_see_review(user),
        "see_rating": state in {_S.IN_FORCE, _S.CLOSED} and rating_access.may_follow(user),
        "terminate": state in {_S.FROZEN, _S.IN_FORCE} and access.may_terminate(user, programme),
        "make_periods": state not in ENDED_PROGRAMME and access.may_edit_periods(user, programme),
        "edit_records": user.is_staff,
        "see_versions": consultation_access.may_see_versions(user),
    }


def _document(programme: Programme, user: User) -> Document | None:
    """The newest paper of the programme itself that the user sees, with how many are to sign."""
    documents = agreements_access.visible_documents(user).filter(
        programme=programme, kind=Document.Kind.PROGRAMME
    )
    return boards.counted(documents).first()


def _numbers(programme: Programme, rows: AssignmentQuerySet) -> FourNumbers | None:
    """The four numbers over what the user may know; an outsider to all of it gets none."""
    if programme.state not in {_S.IN_FORCE, _S.CLOSED}:
        return None
    numbers = four_numbers(rows, {"year": str(programme.year)})
    return numbers if numbers.total else None
