"""What a home says of consultations: answer until a day, approve, decide what agencies say."""

import datetime as dt

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import consultation_access as access
from agreements.models import Consultation, ConsultationAnswer
from agreements.states import AnswerState, ConsultationState
from portal.dashboards.todos import Entry, Todo
from portal.users.models import User
from tasks.access import APPROVES, RUNS, WORKS
from tasks.deadlines import DUE_SOON_DAYS, Timeliness


def rows(user: User, today: dt.date) -> list[Todo]:
    """Return what waits on the reader's desk; one query."""
    if user.role in RUNS:
        return [todo for row in _open_rounds(user) if (todo := _run(row, today)) is not None]
    if user.role not in WORKS:
        return []
    owed = access.visible_answers(user).filter(
        agency=user.agency_id, consultation__state=ConsultationState.OPEN
    )
    approves = user.role in APPROVES
    waiting = [AnswerState.DRAFT, AnswerState.AWAITING_HEAD] if approves else [AnswerState.DRAFT]
    found = owed.filter(state__in=waiting).order_by("consultation__closes_on")
    return [_answer(row, today, approves=approves) for row in found]


def _answer(row: ConsultationAnswer, today: dt.date, *, approves: bool) -> Todo:
    consultation = row.consultation
    is_prepared = row.state == AnswerState.AWAITING_HEAD
    is_returned = bool(row.sent_back) and not approves  # whoever sent it back waits for another
    what = _("Approve the comments on %(title)s") if is_prepared else _("Comment on the draft: %(title)s")
    if is_returned:
        what = _("Mend the comments that your head sent back: %(title)s")
    return Todo(
        what=what % {"title": consultation.programme.title},
        why=_("Agree with the whole text, or comment place by place."),
        state=_standing(consultation.closes_on, today),
        on=consultation.closes_on,
        url=consultation.get_absolute_url(),
        button=_("Read and approve") if is_prepared else _("Read and answer"),
        icon="chat-left-text",
        is_first=is_returned,
        entry=Entry(f"consultation-{row.pk}", _("Last day to comment on a draft")),
    )


def _standing(day: dt.date, today: dt.date) -> str:
    if day < today:
        return Timeliness.OVERDUE
    return Timeliness.DUE_SOON if (day - today).days <= DUE_SOON_DAYS else Timeliness.NOT_DUE


def _open_rounds(user: User) -> list[Consultation]:
    sent = Q(answers__state=AnswerState.ANSWERED)
    rounds = access.visible_consultations(user).filter(state=ConsultationState.OPEN)
    undecided = Count("answers__comments", filter=sent & Q(answers__comments__decision=""), distinct=True)
    silent = Count("answers", filter=~sent, distinct=True)
    return list(rounds.annotate(undecided=undecided, silent=silent).order_by("closes_on"))


def _run(row: Consultation, today: dt.date) -> Todo | None:
    """Decide what came; when the day is over and nothing waits, close."""
    counts = {"undecided": row.undecided, "silent": row.silent}
    if counts["undecided"]:
        words = ngettext(
            "Decide %(undecided)s comment on the draft",
            "Decide %(undecided)s comments on the draft",
            counts["undecided"],
        )
        return _about(row, words % counts, _("Read and decide"), f"{row.get_absolute_url()}#comments-h")
    if row.closes_on < today or not counts["silent"]:
        return _about(
            row, _("Close the consultation and publish the table"), _("Open"), row.get_absolute_url()
        )
    return None


def _about(row: Consultation, what: str, button: str, url: str) -> Todo:
    return Todo(what=what, why=row.programme.title, url=url, button=button, icon="chat-left-text")
