"""What the portal tells about comments: to whoever is mentioned in one."""

import datetime as dt
from collections.abc import Collection

from django.urls import reverse

from portal.notices import outbox
from portal.notices.kinds import EVERYBODY, Group, Kind, among
from portal.users.models import User
from tasks.comment_access import Subject
from tasks.models import Assignment, Clause, Comment
from tasks.report_reminders import titles


def path_of(subject: Subject) -> str:
    """Return the address of the conversation about a thing."""
    return reverse(f"comments:{subject._meta.model_name}", args=[subject.pk])


def _path(comment_id: int) -> str:
    comment = Comment.objects.select_related("assignment", "clause", "report").get(pk=comment_id)
    return f"{path_of(comment.subject)}#comment-{comment_id}"


MENTIONED = Kind(
    code="comment.mentioned",
    text_vi="Được nhắc đến trong trao đổi về $title",
    text_en="You were mentioned in the conversation about $title",
    path=_path,
    audience=EVERYBODY,
    group=Group.DUTY,
    still_due=among(lambda: Comment.objects.filter(deleted_at=None)),
)
KINDS = (MENTIONED,)


def tell(comment: Comment, subject: Subject, called: Collection[int], *, by: User, at: dt.datetime) -> None:
    """Tell those who are mentioned; inside the action."""
    title_vi, title_en = _titles(subject)
    about = outbox.About(
        comment, comment.agency_id, title_vi=title_vi, title_en=title_en, only=frozenset(called)
    )
    outbox.tell(MENTIONED, about, by=by, at=at)


def settle(comment: Comment, *, at: dt.datetime) -> None:
    """Take it back once the comment is gone."""
    outbox.cancel(comment, kinds=KINDS, at=at)


def _titles(subject: Subject) -> tuple[str, str]:
    if isinstance(subject, Assignment):
        title_en = subject.title_en or subject.title_vi
        return f"nhiệm vụ {subject.code} {subject.title_vi}", f"assignment {subject.code} {title_en}"
    if isinstance(subject, Clause):
        year, name = subject.programme.year, subject.title or f"{subject.number}"
        return f"mục “{name}” của chương trình {year}", f"clause “{name}” of the {year} programme"
    name_vi, name_en = titles(subject.period)
    return name_vi, name_en
