"""What is said at a conference: contributions of the agencies, and how far each agrees."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agreements import conference_access as access
from agreements import conferences
from agreements.models import Contribution, InvitedAgency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from tasks.models import Clause, PriorityTask, Solution

Assent = InvitedAgency.Assent


@dataclass(frozen=True)
class Said:
    """A contribution: `about` is the place of the text that it speaks of, None for all of it."""

    kind: str
    text: str
    speaker: str = ""
    about: Clause | PriorityTask | Solution | None = None


@action
def contribute(invited: InvitedAgency, *, by: User, at: dt.datetime, said: Said) -> Contribution:
    """Keep what an agency says; it may send it before the conference begins."""
    conferences.hold_invited(invited.conference, access.may_answer(by, invited))
    if not said.text.strip():
        raise RuleError(_("Write what is said."))
    about = said.about
    if about is not None and about.programme_id != invited.conference.programme_id:
        raise RuleError(_("That place belongs to another programme."))
    row = Contribution.objects.create(
        conference=invited.conference,
        agency=invited.agency,
        kind=said.kind,
        speaker=said.speaker.strip(),
        clause=about if isinstance(about, Clause) else None,
        task=about if isinstance(about, PriorityTask) else None,
        solution=about if isinstance(about, Solution) else None,
        text=said.text.strip(),
        by=by,
        at=at,
    )
    _leave_trace("contribution.added", row, by=by, at=at)
    return row


@action
def take_back(contribution: Contribution, *, by: User, at: dt.datetime) -> None:
    """Take a contribution back, while nothing is minuted: whoever wrote it, or who runs the programme."""
    conferences.hold_invited(contribution.conference, access.may_take_back(by, contribution))
    rows = Contribution.objects.select_related("conference__programme__host", "agency")
    row = rows.filter(pk=contribution.pk).first()
    if row is None:
        raise StaleError(_("The contribution was taken back meanwhile."))
    _leave_trace("contribution.withdrawn", row, by=by, at=at)
    row.delete()


@action
def agree(invited: InvitedAgency, *, by: User, at: dt.datetime, assent: str, reservation: str = "") -> None:
    """Say how far the agency agrees. Anything but full agreement says why."""
    conferences.hold_invited(invited.conference, access.may_assent(by, invited))
    if invited.conference.is_briefing:
        raise RuleError(_("At a briefing nobody is asked how far they agree."))
    words = reservation.strip()
    if assent == Assent.FULL:
        words = ""
    elif not words:
        raise RuleError(_("Write the reservation, or why the agency does not agree."))
    invited.assent, invited.reservation, invited.assent_by, invited.assent_at = assent, words, by, at
    invited.save(update_fields=["assent", "reservation", "assent_by", "assent_at"])
    conference = invited.conference
    payload = {"year": conference.programme.year, "assent": assent}
    code = invited.agency.code
    record("conference.assented", conference, by=by, at=at, agency_code=code, payload=payload)


def _leave_trace(verb: str, row: Contribution, *, by: User, at: dt.datetime) -> None:
    conference = row.conference
    payload = {"year": conference.programme.year, "conference": conference.pk}
    record(verb, row, by=by, at=at, agency_code=row.agency.code, payload=payload)
