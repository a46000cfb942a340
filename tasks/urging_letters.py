"""Letters of urging (công văn đôn đốc): written from what an agency owes, issued with number and date.

The third level of urging. The paper is signed outside the portal; with the number that the records office
gave it the letter counts, for each thing it names, and the agency is told.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users.models import User
from tasks import access, report_reminders, urging_reminders
from tasks.models import Assignment, Programme, Report, Urging, UrgingLetter
from tasks.states import OPEN_ASSIGNMENT, SENT_REPORT, URGING_LETTER, ProgrammeState, UrgingLetterState

_S = UrgingLetterState


@dataclass(frozen=True)
class Thing:
    """One thing that an agency owes and whose day has passed."""

    kind: str  # "assignment" or "report"
    id: int
    code: str
    title: str  # Vietnamese, as it is printed
    due_on: dt.date

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.id}"

    def stored(self, today: dt.date) -> dict[str, Any]:
        """Return it as UrgingLetter.things keeps it."""
        return {
            "kind": self.kind,
            "id": self.id,
            "code": self.code,
            "title": self.title,
            "due_on": self.due_on.isoformat(),
            "days": (today - self.due_on).days,
        }


@action
def write(
    agency: Agency,
    *,
    programme: Programme,
    by: User,
    at: dt.datetime,
    chosen: Collection[str],
    text: str,
    reply_by: dt.date,
) -> UrgingLetter:
    """Write a letter about the things chosen by their keys; what came meanwhile is left out."""
    if not access.may_urge(by, programme):
        raise PermissionDenied
    today = local_day(at)
    things = [thing for thing in overdue(agency, programme, today) if thing.key in chosen]
    if not things:
        raise RuleError(
            _("Choose what the letter urges about; nothing of it is owed any more, or nothing was chosen.")
        )
    if not text.strip():
        raise RuleError(_("Write what the agency is asked to do."))
    if reply_by < today:
        raise RuleError(_("The day of the answer lies in the past."))
    letter = UrgingLetter(
        programme=programme,
        agency=agency,
        things=[thing.stored(today) for thing in things],
        text=text.strip(),
        reply_by=reply_by,
        written_at=at,
        written_by=by,
    )
    _insert(letter)
    _record("urging.letter_written", letter, by=by, at=at, codes=letter.codes)
    return letter


@action
def issue(letter: UrgingLetter, *, by: User, at: dt.datetime, number: str, issued_on: dt.date) -> None:
    """Note number and date of the signed letter; the agency is told, and each thing was urged about."""
    if not access.may_number_letter(by, letter.programme):
        raise PermissionDenied
    if letter.programme.state != ProgrammeState.IN_FORCE or not _is_there(letter.agency, local_day(at)):
        raise RuleError(_("The programme or the agency has ended since it was written; discard the letter."))
    number = number.strip()
    if not number:
        raise RuleError(_("Give the number that the records office gave."))
    if not local_day(letter.written_at) <= issued_on <= local_day(at):
        raise RuleError(_("It is issued on a day from its writing to today."))
    issued = UrgingLetter.objects.filter(programme__host=letter.programme.host_id, number=number)
    if issued.filter(issued_on__year=issued_on.year).exists():
        raise RuleError(_("Another letter of this year has this number."))
    move(letter, _S.ISSUED, URGING_LETTER, number=number, issued_on=issued_on, issued_by=by)
    Urging.objects.bulk_create(_urgings(letter, by, at))
    _record(
        "urging.letter_issued", letter, by=by, at=at, codes=letter.codes, number=number, issued_on=issued_on
    )
    urging_reminders.tell_letter(letter, by=by, at=at)


@action
def discard(letter: UrgingLetter, *, by: User, at: dt.datetime, reason: str) -> None:
    """Give up a letter that has no number yet; it stays on record."""
    if not access.may_urge(by, letter.programme):
        raise PermissionDenied
    if not reason.strip():
        raise RuleError(_("Say why it is discarded."))
    move(letter, _S.DISCARDED, URGING_LETTER, reason=reason.strip())
    _record("urging.letter_discarded", letter, by=by, at=at, reason=letter.reason)


# --- Facts that pages ask too ---------------------------------------------------------------------
def overdue(agency: Agency, programme: Programme, today: dt.date) -> list[Thing]:
    """Return what the agency owes and whose day has passed, assignments first. Two queries."""
    if programme.state != ProgrammeState.IN_FORCE:
        return []
    rows = programme.assignments.filter(lead=agency, status__in=OPEN_ASSIGNMENT, due_on__lt=today)
    duties = [
        Thing("assignment", row.pk, row.code, row.title_vi, row.due_on)
        for row in rows.order_by("due_on", "code")
        if row.due_on is not None
    ]
    return duties + [
        Thing(
            "report", report.pk, report.period.code, report_reminders.titles(report.period)[0], report.due_on
        )
        for report in silent(Report.objects.filter(period__programme=programme, agency=agency), today)
    ]


def silent(rows: QuerySet[Report], today: dt.date) -> QuerySet[Report]:
    """Return those reports that did not come by their day and can still be sent, the oldest first."""
    rows = rows.filter(Q(period__locked_at=None) | Q(open_until__gte=today)).exclude(state__in=SENT_REPORT)
    rows = rows.annotate(binding_on=Coalesce("own_due_on", "period__due_on")).filter(binding_on__lt=today)
    return rows.select_related("period").order_by("binding_on", "period__code")


def still_owed(letter: UrgingLetter) -> frozenset[str]:
    """Return which of its things are owed today, by key "assignment-12". Two queries."""
    duties = Assignment.objects.filter(pk__in=letter.keys("assignment"), status__in=OPEN_ASSIGNMENT)
    reports = Report.objects.filter(pk__in=letter.keys("report")).exclude(state__in=SENT_REPORT)
    return frozenset(
        [f"assignment-{pk}" for pk in duties.values_list("pk", flat=True)]
        + [f"report-{pk}" for pk in reports.values_list("pk", flat=True)]
    )


def wording(programme: Programme) -> str:
    """Return a text to begin with, in the language of the portal's papers."""
    return (
        f"Đề nghị quý cơ quan khẩn trương chỉ đạo hoàn thành các nội dung trên, gửi báo cáo trên cổng phối "
        f"hợp và thông báo bằng văn bản về {programme.host.name_vi}; nếu có vướng mắc, nêu rõ nguyên nhân và "
        "thời gian hoàn thành."
    )


# --- What the actions share -------------------------------------------------------------------------
def _insert(letter: UrgingLetter) -> None:
    try:
        with transaction.atomic():
            letter.save(force_insert=True)
    except IntegrityError as error:
        raise RuleError(_("A letter to this agency stands already and has no number yet.")) from error


def _is_there(agency: Agency, today: dt.date) -> bool:
    return Agency.objects.valid_on(today).filter(pk=agency.pk).exists()


def _urgings(letter: UrgingLetter, by: User, at: dt.datetime) -> list[Urging]:
    """Return an urging for each of its things that is still kept: a change of agencies folds reports."""
    kept = {f"assignment-{pk}" for pk in _kept(Assignment, letter.keys("assignment"))}
    kept |= {f"report-{pk}" for pk in _kept(Report, letter.keys("report"))}
    return [
        Urging(
            **{f"{thing['kind']}_id": thing["id"]},
            agency=letter.agency,
            letter=letter,
            channel=Urging.Channel.LETTER,
            level=Urging.Level.LETTER,
            text=letter.text,
            by=by,
            at=at,
            on=local_day(at),
        )
        for thing in letter.things
        if f"{thing['kind']}-{thing['id']}" in kept
    ]


def _kept(model: type[Assignment] | type[Report], keys: list[int]) -> list[int]:
    return list(model._default_manager.filter(pk__in=keys).values_list("pk", flat=True))


def _record(verb: str, letter: UrgingLetter, *, by: User, at: dt.datetime, **more: Any) -> None:
    payload = {"year": letter.programme.year, **more}
    record(verb, letter, by=by, at=at, agency_code=letter.agency.code, payload=payload)
