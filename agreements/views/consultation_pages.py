"""What the pages of consultations show: the round, an agency's answer, one comment beside its text."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from agreements import consultation_access as access
from agreements import consultation_tables as tables
from agreements import consultations, drafts
from agreements.consultation_answers import version_of
from agreements.consultation_forms import CommentForm, ExtendForm, RespondForm, SendBackForm
from agreements.consultation_tables import Line, Table
from agreements.drafts import Change, Row
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment
from agreements.states import AnswerState
from portal.users.models import User

EXTEND_ID = "extend_%s"


@dataclass(frozen=True)
class Place:
    """A row of the text with how many of the shown comments are about it."""

    row: Row
    comments: int


@dataclass(frozen=True)
class Group:
    title: str
    places: tuple[Place, ...]

    @property
    def comments(self) -> int:
        return sum(place.comments for place in self.places)


@dataclass(frozen=True)
class ConsultationPage:
    """Everything that agreements/consultation.html reads."""

    consultation: Consultation
    is_over: bool  # the last day has passed
    board: list[ConsultationAnswer]  # who has answered; empty for who may not know
    table: Table | None
    undecided: list[Line]
    mine: ConsultationAnswer | None
    my_comments: list[Line]
    my_version: str
    groups: list[Group]
    comment_form: CommentForm | None
    send_back_form: SendBackForm | None
    extend_form: ExtendForm | None
    may: dict[str, bool]


def consultation_page(
    consultation: Consultation,
    user: User,
    *,
    today: dt.date,
    comment_form: CommentForm | None = None,
    send_back_form: SendBackForm | None = None,
    extend_form: ExtendForm | None = None,
    chosen: str = "",
    edited: int | None = None,
) -> ConsultationPage:
    """Put the page together; forms as they were sent and refused, `chosen` the place to comment on."""
    answers = list(access.visible_answers(user).filter(consultation=consultation))
    comments = list(access.visible_comments(user).filter(answer__consultation=consultation))
    mine = next((row for row in answers if row.agency_id == user.agency_id), None)
    sees_all = access.may_see_table(user, consultation)
    sent = [row for row in comments if row.answer.is_answered]
    table = tables.table(consultation, answers, sent) if sees_all else None
    may = _may(consultation, mine, user, today)
    own = [row for row in comments if mine and row.answer_id == mine.pk]
    if may["write"] and comment_form is None:
        comment_form = _comment_form(consultation, own, chosen, edited)
    return ConsultationPage(
        consultation=consultation,
        is_over=today > consultation.closes_on,
        board=sorted(answers, key=_by_state) if sees_all else [],
        table=table,
        undecided=[line for line in table.lines if not line.comment.is_decided] if table else [],
        mine=mine,
        my_comments=_lines(consultation, own),
        my_version=version_of(own),
        groups=_groups(consultation, comments),
        comment_form=comment_form,
        send_back_form=send_back_form or (SendBackForm() if may["approve"] else None),
        extend_form=extend_form or (ExtendForm(auto_id=EXTEND_ID) if may["respond"] else None),
        may=may,
    )


def _by_state(row: ConsultationAnswer) -> tuple[int, int]:
    """Who still owes an answer first."""
    return (0 if not row.is_answered else 1 if row.verdict == "commented" else 2), row.agency.protocol_order


def _may(
    consultation: Consultation, mine: ConsultationAnswer | None, user: User, today: dt.date
) -> dict[str, bool]:
    """The buttons of the page: right and state together."""
    is_open, runs = consultation.is_open, access.may_run_consultation(user, consultation.programme)
    prepares = mine is not None and is_open and access.may_prepare(user, mine)
    answers = mine is not None and is_open and access.may_answer(user, mine)
    state = mine.state if mine else ""
    return {
        "write": prepares and state == AnswerState.DRAFT,
        "answer": answers,
        "approve": answers and state == AnswerState.AWAITING_HEAD,
        "take_back": prepares and not answers and state == AnswerState.AWAITING_HEAD,
        "withdraw": answers and state == AnswerState.ANSWERED,
        "respond": runs and is_open,
        "close": runs and is_open and consultations.may_end(consultation, today),
        "see_table": access.may_see_table(user, consultation),
    }


def _comment_form(
    consultation: Consultation, own: Sequence[ConsultationComment], chosen: str, edited: int | None
) -> CommentForm:
    row = next((one for one in own if one.pk == edited), None)
    if row is not None:
        return comment_form_of(consultation, row)
    return CommentForm(places=choices(consultation.version.text), initial={"place": chosen})


def comment_form_of(
    consultation: Consultation, row: ConsultationComment | None, data: Any = None
) -> CommentForm:
    """Return the form with a comment as it stands, or without one that was taken out, and what was sent."""
    names = ("pk", "revision", "place", "proposal", "reason")
    initial = {name: getattr(row, name) for name in names} if row else {}
    return CommentForm(data, places=choices(consultation.version.text), initial=initial)


def choices(text: Any) -> list[tuple[str, str]]:
    """Return every place of a text with its name and its first words, for a list to choose from."""
    rows = [(row.place, _named(row)) for row in drafts.read(text)]
    return [(drafts.WHOLE, drafts.label(drafts.WHOLE)), *rows]


def _named(row: Row) -> str:
    words = row.title or row.text
    short = f"{words[:70].rstrip()}…" if len(words) > 70 else words
    return short if row.label == words else f"{row.label}: {short}"


def _lines(consultation: Consultation, rows: Sequence[ConsultationComment]) -> list[Line]:
    """Return one's own comments; what became of them is told when the table is."""
    text = consultation.version.text
    return [Line(number, row, drafts.label(row.place, text), None) for number, row in enumerate(rows, 1)]


def _groups(consultation: Consultation, comments: Sequence[ConsultationComment]) -> list[Group]:
    counts = Counter(row.place for row in comments)
    rows = drafts.read(consultation.version.text)
    return [
        Group(title, tuple(Place(row, counts[row.place]) for row in group))
        for title, group in groupby(rows, key=lambda row: row.group)
    ]


# --- One comment -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CommentPage:
    """Everything that agreements/consultation_comment.html reads."""

    comment: ConsultationComment
    consultation: Consultation
    place: str
    row: Row | None  # as it was sent; None for the text as a whole
    changes: list[Change]  # the place itself, and what the decision points to
    others: list[ConsultationComment]  # on the same place
    next_pk: int | None  # of the next comment without a decision
    form: RespondForm | None


def comment_page(comment: ConsultationComment, user: User, *, form: RespondForm | None = None) -> CommentPage:
    """Put the page together; `form` as it was sent and refused."""
    consultation = comment.answer.consultation
    sent, now = consultation.version.text, tables.text_now(consultation)
    changed = drafts.by_place(drafts.changes(sent, now))
    rows = {row.place: row for row in drafts.read(sent)}
    about = access.visible_comments(user).filter(answer__consultation=consultation).exclude(pk=comment.pk)
    waiting = consultations.undecided(consultation).exclude(pk=comment.pk).order_by("pk").first()
    if form is None and consultation.is_open and access.may_respond(user, comment):
        form = respond_form(comment)
    pointed = [changed.get(comment.place), changed.get(comment.changed_place)]
    return CommentPage(
        comment=comment,
        consultation=consultation,
        place=drafts.label(comment.place, sent),
        row=rows.get(comment.place),
        changes=list(dict.fromkeys(change for change in pointed if change)),
        others=[row for row in about if row.place == comment.place and row.answer.is_answered],
        next_pk=waiting.pk if waiting else None,
        form=form,
    )


def respond_form(comment: ConsultationComment, data: Any = None) -> RespondForm:
    """Return the form; the places that changed come first among those that a decision may point to."""
    consultation = comment.answer.consultation
    sent, now = consultation.version.text, tables.text_now(consultation)
    changed = {change.after for change in drafts.changes(sent, now)}
    named = [(row.place, _named(row)) for row in drafts.read(now)]
    places = [one for one in named if one[0] in changed] + [one for one in named if one[0] not in changed]
    follows = drafts.followed(comment.place, sent, now) or ""
    initial = {
        "revision": comment.revision,
        "decision": comment.decision,
        "response": comment.response,
        "changed_place": comment.changed_place or (follows if follows in changed else ""),
    }
    return RespondForm(data, places=places, initial=initial)
