"""Tell people at once what an action did, and take back what it settled."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib import walls
from portal.lib.actions import Stage, action, write_last
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.notices import access, kinds
from portal.notices.kinds import Audience, Kind
from portal.notices.models import Notice, NoticeQuerySet, Why
from portal.users.models import Membership, Role, User


@dataclass(frozen=True)
class About:
    """What a notice speaks of, and the agency whose people are told.

    `also` are users told besides them, as long as they hold a post there; `only` users told in their place,
    because the matter is their own.
    """

    subject: models.Model
    agency_id: int
    title_vi: str
    title_en: str = ""
    code: str = ""
    due_on: dt.date | None = None
    also: frozenset[int] = frozenset()
    only: frozenset[int] = frozenset()


def tell(kind: Kind, *abouts: About, by: User | None, at: dt.datetime) -> None:
    """Buffer a notice for everyone in each agency whom the kind is for, except the one who acts.

    Runs inside an @action, which writes the notices with its other rows or not at all. The moment
    is part of the key: the same thing may happen twice on one day.
    """
    today = local_day(at)
    posts, officers = _posts({about.agency_id for about in abouts}, today)
    for about in abouts:
        text_vi, text_en = kind.texts(
            code=about.code, title_vi=about.title_vi, title_en=about.title_en, due_on=about.due_on
        )
        people = _first_held(kind.audience, about.agency_id, posts) or officers
        meant = about.only or people | (about.also & _anyone(about.agency_id, posts))
        for recipient_id in meant - ({by.pk} if by else set()):
            notice = Notice(
                kind=kind.code,
                subject_type=about.subject._meta.label_lower,
                subject_id=about.subject.pk,
                recipient_id=recipient_id,
                rule=f"{kind.code.rpartition('.')[2]} {at.astimezone(dt.UTC):%H:%M:%S.%f}",
                due_on=today,
                text_vi=text_vi,
                text_en=text_en,
                created_at=at,
                send_after=at,
            )
            write_last(Stage.NOTICES, _insert, notice)


def _insert(notices: list[Notice]) -> None:
    with walls.everything():  # they are for other people
        Notice.objects.bulk_create(notices, ignore_conflicts=True)


def people_of(audience: Audience, agency_ids: Collection[int], today: dt.date) -> Mapping[int, set[int]]:
    """Return, per agency, the ids of the users whom the audience means today. One query.

    planning.WHOM says the same in SQL; a test holds the two equal.
    """
    posts, officers = _posts(agency_ids, today)
    return {agency_id: _first_held(audience, agency_id, posts) or officers for agency_id in agency_ids}


Posts = Mapping[tuple[int, str], set[int]]
"""Of an agency and a role: the ids of who holds that post."""


def _posts(agency_ids: Collection[int], today: dt.date) -> tuple[Posts, set[int]]:
    """Return who holds which post of these agencies today, and the officers. One query."""
    posts: dict[tuple[int, str], set[int]] = defaultdict(set)
    officers: set[int] = set()
    rows = Membership.objects.held_on(today).filter(
        models.Q(agency_id__in=agency_ids) | models.Q(role=Role.PROGRAMME_OFFICER), user__is_active=True
    )
    for agency_id, role, user_id in rows.values_list("agency_id", "role", "user_id"):
        posts[agency_id, role].add(user_id)
        if role == Role.PROGRAMME_OFFICER:
            officers.add(user_id)
    return posts, officers


def _first_held(audience: Audience, agency_id: int, posts: Posts) -> set[int]:
    for roles in audience:
        held = {user_id for role in roles for user_id in posts.get((agency_id, role), ())}
        if held:
            return held
    return set()


def _anyone(agency_id: int, posts: Posts) -> set[int]:
    return {user_id for (agency, _role), held in posts.items() if agency == agency_id for user_id in held}


def cancel(*subjects: models.Model, kinds: Iterable[Kind], at: dt.datetime) -> None:
    """Take back what an action settled: unsent mails are skipped, unread notices count as read.

    For actions that close or move their subject, inside their transaction. A mail that a worker
    has in hand already is stopped by the look at delivery, or was true when it left.
    """
    notices = _of(subjects, kinds)
    with walls.everything():  # whoever was told
        notices.filter(mail_state=Notice.MailState.WAITING).update(
            mail_state=Notice.MailState.SKIPPED, skip_reason=Why.NOT_DUE
        )
        notices.filter(read_at=None).update(read_at=at)


def _of(subjects: Collection[models.Model], kinds: Iterable[Kind]) -> NoticeQuerySet:
    return Notice.objects.filter(
        subject_type__in={subject._meta.label_lower for subject in subjects},
        subject_id__in=[subject.pk for subject in subjects],
        kind__in=[kind.code for kind in kinds],
    )


def forget(*subjects: models.Model, kinds: Iterable[Kind]) -> None:
    """Drop reminders that nobody read and no mail took in: the next sweep tells whom they are for by then.

    For actions that hand a thing to other people. What stays under its key would never be told anew.
    """
    with walls.everything():  # whoever was told
        _of(subjects, kinds).loose().filter(read_at=None, taken_on_at=None).delete()


@action
def take_on(notice: Notice, *, by: User, at: dt.datetime) -> None:
    """Say that the thing is in hand: of its reminders only the last before the day follows, and the day's.

    Raises RuleError for what is no reminder of a deadline, no early one, or settled meanwhile.
    """
    if not access.may_take_on(by, notice):
        raise PermissionDenied
    if notice.taken_on_at is None and not kinds.to_take_on([notice], local_day(at)):
        raise RuleError(_("Only a reminder of a deadline that is still far enough can be taken on."))
    rows = Notice.objects.filter(pk=notice.pk, taken_on_at=None)
    if rows.update(taken_on_at=at):
        mark_read(Notice.objects.filter(pk=notice.pk), at=at)
        payload = {"kind": notice.kind, "due_on": notice.due_on.isoformat()}
        record("notice.taken_on", notice, by=by, at=at, payload=payload)


def mark_read(notices: models.QuerySet[Notice], *, at: dt.datetime) -> int:
    """Note that the reader opened these; the first time counts. Not audited: it changes nothing."""
    return notices.filter(read_at=None).update(read_at=at)
