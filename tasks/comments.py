"""Write, edit and delete comments; whoever is mentioned hears of it.

The trail keeps the SHA-256 of the words, not the words: an internal comment is its agency's alone, and
what was deleted is gone.
"""

import datetime as dt
import hashlib
from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.files.refusals import check_words
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from tasks import comment_access, comment_reminders
from tasks.comment_access import Subject, programme_of
from tasks.models import Assignment, Clause, Comment, Mention, Programme
from tasks.models.comments import LONGEST
from tasks.states import ProgrammeState

EDIT_MINUTES = 15
"""So long its writer mends a comment; later there is another comment, or it is deleted."""

TALKED_ABOUT = frozenset({ProgrammeState.FROZEN, ProgrammeState.IN_FORCE})


def version_of(comment: Comment) -> str:
    """Name the state of a comment, to be carried by a form."""
    return (comment.edited_at or comment.at).astimezone(dt.UTC).isoformat()


def is_editable(comment: Comment, at: dt.datetime) -> bool:
    return not comment.is_deleted and at <= comment.at + dt.timedelta(minutes=EDIT_MINUTES)


@action
def add(
    subject: Subject,
    *,
    by: User,
    at: dt.datetime,
    text: str,
    is_internal: bool = False,
    mentioned: Collection[int] = (),
) -> Comment:
    """Write a comment; `mentioned` are keys of users who may read it, an internal one of one's own agency."""
    if not comment_access.may_write(by, subject) or by.agency_id is None:
        raise PermissionDenied
    _check_state(subject)
    words = _checked(text)
    posts = comment_access.mentionable(by, subject, local_day(at))
    if is_internal:
        posts = posts.filter(agency=by.agency_id)
    called = set(mentioned)
    if called - set(posts.values_list("user", flat=True)):
        raise RuleError(_("Somebody who was mentioned may not read this. Choose from the list again."))
    row = Comment.objects.create(
        **about(subject), agency_id=by.agency_id, is_internal=is_internal, text=words, by=by, at=at
    )
    Mention.objects.bulk_create(Mention(comment=row, user_id=pk) for pk in sorted(called))
    _record("comment.added", row, subject, by=by, at=at, mentioned=len(called))
    if called:
        comment_reminders.tell(row, subject, called, by=by, at=at)
    return row


@action
def edit(comment: Comment, *, by: User, at: dt.datetime, text: str, version: str = "") -> None:
    """Mend the words of one's own comment, shortly after it was written."""
    if not comment_access.may_edit(by, comment):
        raise PermissionDenied
    _lock(comment)
    if version and version != version_of(comment):
        raise StaleError(_("This comment was changed after you opened the page."))
    if not is_editable(comment, at):
        raise RuleError(_("A comment is edited within 15 minutes; write another one, or delete it."))
    _check_state(comment.subject)
    comment.text, comment.edited_at = _checked(text), at
    comment.save(update_fields=["text", "edited_at"])
    _record("comment.edited", comment, comment.subject, by=by, at=at)


@action
def delete(comment: Comment, *, by: User, at: dt.datetime) -> None:
    """Take the words away; who wrote them, and who deleted them when, stays."""
    if not comment_access.may_delete(by, comment):
        raise PermissionDenied
    _lock(comment)
    if comment.is_deleted:
        raise RuleError(_("This comment was deleted already."))
    _record("comment.deleted", comment, comment.subject, by=by, at=at)
    comment.text, comment.deleted_at, comment.deleted_by = "", at, by
    comment.save(update_fields=["text", "deleted_at", "deleted_by"])
    comment_reminders.settle(comment, at=at)


def count_clauses(user: User, programme: Programme, clauses: list[Clause]) -> list[Clause]:
    """Give each clause `comment_count`, None where its conversation is not the reader's. One query."""
    shown = programme.state in TALKED_ABOUT and user.role not in comment_access.OUTSIDE
    told = comment_access.visible_comments(user).filter(clause__programme=programme) if shown else None
    found = list(told.order_by().values_list("clause", flat=True)) if told is not None else []
    for clause in clauses:
        clause.comment_count = found.count(clause.pk) if shown else None  # type: ignore[attr-defined]
    return clauses


def about(subject: Subject) -> dict[str, Any]:
    """Return the column that names the subject."""
    if isinstance(subject, Assignment):
        return {"assignment": subject}
    return {"clause": subject} if isinstance(subject, Clause) else {"report": subject}


def _lock(comment: Comment) -> None:
    comment.refresh_from_db(from_queryset=Comment.objects.select_for_update(of=("self",)))


def _check_state(subject: Subject) -> None:
    state = Programme.objects.values_list("state", flat=True).get(pk=programme_of(subject).pk)
    if state not in TALKED_ABOUT:
        raise RuleError(_("The programme is not open for comments: it is being drafted, or has ended."))


def _checked(text: str) -> str:
    words = text.strip()
    if not words:
        raise RuleError(_("Write what you want to say."))
    if len(words) > LONGEST:
        raise RuleError(_("A comment has at most %(most)d characters.") % {"most": LONGEST})
    check_words(words)
    return words


def _record(
    verb: str, row: Comment, subject: Subject, *, by: User, at: dt.datetime, mentioned: int = 0
) -> None:
    payload: dict[str, Any] = {
        "year": programme_of(subject).year,
        "internal": row.is_internal,
        "content_sha256": hashlib.sha256(row.text.encode()).hexdigest(),
    }
    if isinstance(subject, Assignment):
        payload["code"] = subject.code
    if mentioned:
        payload["mentioned"] = mentioned
    record(verb, row, by=by, at=at, agency_code=row.agency.code, payload=payload)
