"""What a home says of the rating of agencies: score, approve, verify, answer, propose, decide."""

import datetime as dt
from dataclasses import replace

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.dashboards.todos import Entry, Todo
from portal.users.models import Role, User
from tasks import rating_access as access
from tasks.access import APPROVES, WORKS
from tasks.deadlines import DUE_SOON_DAYS, Timeliness
from tasks.models import RatingRound, RatingSheet
from tasks.states import OWED_SHEET, RatingState, ReexaminationState, SheetState


def rows(user: User, today: dt.date) -> list[Todo]:
    """Return what waits on the reader's desk; one query."""
    if user.role in {Role.PROGRAMME_OFFICER, Role.COMMANDER}:
        return [todo for row in _rounds(user) if (todo := _of_command(row, user, today)) is not None]
    if user.role not in WORKS:
        return []
    wanted = Q(state=SheetState.DRAFT, round__state=RatingState.SCORING)
    if user.role in APPROVES:
        wanted |= Q(state=SheetState.AWAITING_HEAD, round__state=RatingState.SCORING)
        wanted |= Q(round__state=RatingState.REVIEW, round__review_until__gte=today)
    owed = access.visible_sheets(user).filter(wanted, agency=user.agency_id)
    found = owed.order_by("round__programme__year")
    return [_of_agency(row, today, approves=user.role in APPROVES) for row in found]


def _of_agency(row: RatingSheet, today: dt.date, *, approves: bool) -> Todo:
    year = {"year": row.round.programme.year}
    if row.round.state == RatingState.REVIEW and row.round.review_until:
        return Todo(
            what=_("Read your agency's points of %(year)s") % year,
            why=_("You may ask for re-examination of each point, with a reason."),
            on=row.round.review_until,
            state=_standing(row.round.review_until, today),
            url=row.get_absolute_url(),
            button=_("Open"),
            icon="clipboard-check",
            entry=Entry(f"reexamination-{row.pk}", _("Last day to ask for re-examination of points")),
        )
    waits = row.state == SheetState.AWAITING_HEAD
    is_returned = bool(row.send_back_reason) and not approves  # whoever sent it back waits for another
    what = _("Approve the self-score of %(year)s") if waits else _("Score your agency for %(year)s")
    if is_returned:
        what = _("Mend the self-score of %(year)s that your head sent back")
    return Todo(
        what=what % year,
        why=_("Points for each published criterion, and what they rest on."),
        on=row.round.self_due_on,
        state=_standing(row.round.self_due_on, today),
        url=row.get_absolute_url(),
        button=_("Read and approve") if waits else _("Open"),
        icon="clipboard-check",
        is_first=is_returned,
        entry=Entry(f"self-score-{row.pk}", _("Self-score of %(year)s due") % year),
    )


def _standing(day: dt.date, today: dt.date) -> str:
    if day < today:
        return Timeliness.OVERDUE
    return Timeliness.DUE_SOON if (day - today).days <= DUE_SOON_DAYS else Timeliness.NOT_DUE


# --- The command ---------------------------------------------------------------------------------------
def _rounds(user: User) -> list[RatingRound]:
    running = access.visible_rounds(user).exclude(state=RatingState.APPROVED)
    asked = Q(sheets__points__reexamination__state=ReexaminationState.ASKED)
    counted = running.annotate(
        sent=Count("sheets", filter=Q(sheets__state=SheetState.SENT), distinct=True),
        owed=Count("sheets", filter=Q(sheets__state__in=OWED_SHEET), distinct=True),
        asked=Count("sheets__points__reexamination", filter=asked, distinct=True),
    )
    return list(counted.order_by("programme__year"))


def _of_command(row: RatingRound, user: User, today: dt.date) -> Todo | None:
    if user.role == Role.COMMANDER:
        waits = row.state == RatingState.PROPOSED and access.may_decide(user, row.programme)
        return _about(row, _("Decide on the grades of the agencies"), _("Read and decide")) if waits else None
    if not access.may_prepare(user, row.programme):
        return None
    if row.state == RatingState.DRAFT:
        return _about(row, _("Publish the criteria of the rating"), _("Open"))
    if row.state == RatingState.SCORING:
        return _scoring(row, today)
    if row.asked:
        words = ngettext(
            "Answer %(n)s request for re-examination",
            "Answer %(n)s requests for re-examination",
            row.asked,
        )
        return _about(row, words % {"n": row.asked}, _("Open"))
    over = row.state == RatingState.REVIEW and row.review_until is not None and row.review_until < today
    return _proposing(row) if over else None


def _proposing(row: RatingRound) -> Todo:
    if not row.return_reason:
        return _about(row, _("Propose the grades of the agencies"), _("Open"))
    todo = _about(row, _("Mend the grades that the commander gave back"), _("See why"))
    return replace(todo, is_first=True)


def _scoring(row: RatingRound, today: dt.date) -> Todo | None:
    """Verify what came; after the day the silent ones too; then tell the agencies."""
    count = row.sent + (row.owed if row.self_due_on < today else 0)
    if count:
        words = ngettext("Verify the points of %(n)s agency", "Verify the points of %(n)s agencies", count)
        return _about(row, words % {"n": count}, _("Open"))
    return None if row.owed else _about(row, _("Tell the agencies their points"), _("Open"))


def _about(row: RatingRound, what: str, button: str) -> Todo:
    why = row.programme.title
    return Todo(what=what, why=why, url=row.get_absolute_url(), button=button, icon="clipboard-check")
