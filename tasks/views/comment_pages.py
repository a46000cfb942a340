"""What pages show of conversations, worked out before the template."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import capfirst

from portal.users.models import User
from tasks import comment_access, comments
from tasks.comment_access import Subject
from tasks.comment_forms import CommentForm, Group
from tasks.comment_reminders import path_of
from tasks.models import Assignment, Clause, Comment

PAGE_SIZE = 30
SHOWN = 2
"""Comments on the page of the thing itself; the others on their own."""


@dataclass(frozen=True)
class Row:
    """One comment, and what its reader may do with it now."""

    comment: Comment
    may_edit: bool
    may_delete: bool


@dataclass(frozen=True)
class ThreadPage:
    """Everything that tasks/comments.html reads."""

    subject: Subject
    title: str
    back_url: str
    page: Page[Any]
    rows: list[Row]
    form: CommentForm | None
    edit_minutes: int


@dataclass(frozen=True)
class CommentPanel:
    """The newest comments about a thing, how many there are, and where all of them stand."""

    is_shown: bool
    count: int
    rows: list[Comment]
    url: str


def thread_page(
    subject: Subject, user: User, *, at: dt.datetime, number: str | None, form: CommentForm | None
) -> ThreadPage:
    """Put the page together in a fixed number of queries; the newest comment first."""
    rows = of_subject(user, subject).prefetch_related("mentions__user")
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    for comment in page.object_list:
        setattr(comment, subject._meta.model_name or "", subject)  # in hand: not read for each row
    title, back_url = name_of(subject)
    shown = [
        Row(
            comment,
            may_edit=comment_access.may_edit(user, comment) and comments.is_editable(comment, at),
            may_delete=not comment.is_deleted and comment_access.may_delete(user, comment),
        )
        for comment in page.object_list
    ]
    return ThreadPage(subject, title, back_url, page, shown, form, comments.EDIT_MINUTES)


def of_subject(user: User, subject: Subject) -> QuerySet[Comment]:
    return comment_access.visible_comments(user).filter(**comments.about(subject))


def name_of(subject: Subject) -> tuple[str, str]:
    """Return what the thing is called, and the address of its page."""
    if isinstance(subject, Assignment):
        return f"{subject.code} {subject.title}", subject.get_absolute_url()
    if isinstance(subject, Clause):
        name = f"{subject.number}. {subject.title}" if subject.title else str(subject)
        return name, reverse("programmes:detail", args=[subject.programme.year]) + "#clauses-h"
    return f"{capfirst(subject.period.title)}, {subject.agency.name}", subject.get_absolute_url()


def people(user: User, subject: Subject, today: dt.date) -> list[Group]:
    """Return who may be mentioned, by agency, one's own first. One query."""
    posts = list(comment_access.mentionable(user, subject, today))
    posts.sort(key=lambda post: post.agency_id != user.agency_id)
    return [
        (name, [(post.user_id, f"{post.user.get_full_name()}, {post.get_role_display()}") for post in held])
        for name, held in groupby(posts, key=lambda post: post.agency.name)
    ]


def comment_panel(user: User, subject: Subject) -> CommentPanel:
    """Put the panel of a thing's own page together; two queries, none for who does not read it."""
    is_open = comment_access.programme_of(subject).state in comments.TALKED_ABOUT
    if not comment_access.may_read(user, subject):
        return CommentPanel(False, 0, [], "")
    rows = of_subject(user, subject)
    count = rows.count()
    return CommentPanel(
        is_open or count > 0, count, list(rows.filter(deleted_at=None)[:SHOWN]), path_of(subject)
    )
