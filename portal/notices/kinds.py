"""Kinds of notices, registered by the apps above: the only inversion in the house.

This app lies below what it speaks of. Each app says in its reminders.py what there is to tell, and
registers that from its apps.py, in ready().
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from portal.notices.models import Notice
from portal.users.models import HEAD_ROLES, Role

Audience = tuple[frozenset[Role], ...]
"""Whom in an agency a notice is for: the first set of posts that anybody there holds.

An agency where nobody holds any of them, and the empty audience, mean the programme officers.
"""

FOCAL_POINTS: Audience = (frozenset({Role.FOCAL_POINT}), HEAD_ROLES)
FOCAL_POINTS_AND_HEAD: Audience = (HEAD_ROLES | {Role.FOCAL_POINT},)
HEADS: Audience = (HEAD_ROLES,)
HEADS_AND_DEPUTIES: Audience = (HEAD_ROLES | {Role.DEPUTY_HEAD},)
EVERYBODY: Audience = (frozenset(Role),)
OFFICERS: Audience = ()

StillDue = Callable[[Sequence[Notice], dt.date], set[int]]
"""Given notices of the kind and the local day: the keys of those still worth a mail, in one query."""

Planner = Callable[[dt.datetime], int]
"""Plans what fell due by the moment given; returns how many notices are new."""


def always(notices: Sequence[Notice], today: dt.date) -> set[int]:
    """StillDue of what stays true: something happened."""
    return {notice.pk for notice in notices}


def among(rows: Callable[[], QuerySet[Any]]) -> StillDue:
    """StillDue of notices while their subject is one of these rows."""

    def still_due(notices: Sequence[Notice], today: dt.date) -> set[int]:
        subjects = [notice.subject_id for notice in notices]
        found = set(rows().filter(pk__in=subjects).values_list("pk", flat=True))
        return {notice.pk for notice in notices if notice.subject_id in found}

    return still_due


def owed(rows: Callable[[], QuerySet[Any]], due_on: str, *, until_due: bool = False) -> StillDue:
    """StillDue of notices while their subject is one of these rows, and due on the day they speak of.

    `due_on` names the column. `until_due`: from the day after on another kind speaks, of what is overdue.
    """

    def still_due(notices: Sequence[Notice], today: dt.date) -> set[int]:
        spoken = [notice for notice in notices if not until_due or notice.due_on >= today]
        subjects = [notice.subject_id for notice in spoken]
        days = dict(rows().filter(pk__in=subjects).values_list("pk", due_on))
        return {notice.pk for notice in spoken if days.get(notice.subject_id) == notice.due_on}

    return still_due


class Group(TextChoices):
    """What a notice asks of its reader; a daily mail lists them in this order."""

    SIGN = "sign", _("To sign")
    DECIDE = "decide", _("To decide")
    DUTY = "duty", _("Assignments")
    REPORT = "report", _("Reports")
    KEYS = "keys", _("Certificates")
    KNOW = "know", _("For your information")


@dataclass(frozen=True)
class Kind:
    """What is told, to whom, and on which days.

    The texts are string templates over $code, $title and $due (dd/mm/yyyy). They say nothing about
    progress: mail leaves the building. `days` count from the due date, -7 a week before, +1 a day
    after; a kind without days is told at once, and is mailed with the next mail of the day, or by
    itself when it is `urgent`. Whoever is only informed gets no mail for that alone. Nobody can switch
    off what is to be signed, and what `cannot_be_off`. `counts_waiting`: its days count from the day on
    which something was asked, not from one on which it is due.
    """

    code: str
    text_vi: str
    text_en: str
    path: Callable[[int], str]
    audience: Audience
    group: Group
    still_due: StillDue = always
    days: tuple[int, ...] = ()
    urgent: bool = False
    cannot_be_off: bool = False
    counts_waiting: bool = False

    def __post_init__(self) -> None:
        if self.days and not self.audience:
            raise ValueError(f"{self.code} is planned by the calendar, so it needs an audience")

    @property
    def last_early(self) -> int | None:
        """The last of its days before the due day; None for a kind that has no earlier one than that."""
        early = sorted(day for day in self.days if day < 0)
        return early[-1] if len(early) > 1 and not self.cannot_be_off else None

    @property
    def is_optional(self) -> bool:
        """Whether its reader may do without its mail. The notice itself always stands in the portal."""
        return not (self.cannot_be_off or self.urgent or self.group == Group.SIGN)

    def texts(self, *, code: str, title_vi: str, title_en: str, due_on: dt.date | None) -> tuple[str, str]:
        """Return the Vietnamese and the English text, cut to what a notice holds."""
        due = f"{due_on:%d/%m/%Y}" if due_on else ""
        return (
            Template(self.text_vi).substitute(code=code, title=title_vi, due=due)[:TEXT_LENGTH],
            Template(self.text_en).substitute(code=code, title=title_en or title_vi, due=due)[:TEXT_LENGTH],
        )


TEXT_LENGTH = 800  # characters of Notice.text_vi

_kinds: dict[str, Kind] = {}
_planners: list[Planner] = []


def register(kinds: Iterable[Kind], *, planner: Planner | None = None) -> None:
    """Make kinds known, and the sweep that plans those with days, if any has. Called once, from ready()."""
    for kind in kinds:
        if kind.code in _kinds:
            raise ValueError(f"two kinds of notices are called {kind.code}")
        if kind.days and not planner:
            raise ValueError(f"{kind.code} has days, so it needs a planner")
        _kinds[kind.code] = kind
    if planner:
        _planners.append(planner)


def last_reminder_on(notice: Notice) -> dt.date | None:
    """Return the day of the last reminder before the due day; None for what has no reminders that early."""
    kind = find(notice.kind)
    if kind is None or kind.last_early is None or not notice.rule.startswith("-"):
        return None
    return notice.due_on + dt.timedelta(days=kind.last_early)


def still_due(notices: Iterable[Notice], today: dt.date) -> set[int]:
    """Return the keys of those that are still worth a mail. A query a kind."""
    by_kind: dict[str, list[Notice]] = {}
    for notice in notices:
        by_kind.setdefault(notice.kind, []).append(notice)
    found: set[int] = set()
    for code, group in by_kind.items():
        if kind := find(code):
            found |= kind.still_due(group, today)
    return found


def to_take_on(notices: Iterable[Notice], today: dt.date) -> set[int]:
    """Return the keys of those that can be taken on: earlier reminders than the last may still follow."""
    early = [row for row in notices if (last := last_reminder_on(row)) and today < last]
    return still_due([row for row in early if row.taken_on_at is None], today)


def find(code: str) -> Kind | None:
    """Return the kind, None when no app knows it any more."""
    return _kinds.get(code)


def codes() -> list[str]:
    """Every kind that some app tells."""
    return list(_kinds)


def urgent_codes() -> list[str]:
    """Kinds whose mail does not wait for the mail of the day."""
    return [kind.code for kind in _kinds.values() if kind.urgent]


def informing_codes() -> list[str]:
    """Kinds that ask nothing of their reader."""
    return [kind.code for kind in _kinds.values() if kind.group == Group.KNOW]


def optional_codes(groups: Collection[str]) -> list[str]:
    """Kinds of these groups whose mail may be switched off."""
    return [kind.code for kind in _kinds.values() if kind.group in groups and kind.is_optional]


def planners() -> tuple[Planner, ...]:
    return tuple(_planners)
