"""What is said at a conference: contributions of the agencies, and how far each agrees."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agreements import conference_access as access
from agreements import conferences, drafts
from agreements.models import Conference, Contribution, DraftVersion, InvitedAgency
from portal.audit import pictures
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


@dataclass(frozen=True)
class Place:
    """A place of the text that a contribution may speak of, and what it is called there."""

    about: Clause | PriorityTask | Solution
    words: str


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


def version_of(invited: InvitedAgency) -> str:
    """Name how far the agency agrees on a page, to be compared when its form comes back."""
    return pictures.version(pictures.take(invited, ("assent", "reservation")))


@action
def agree(
    invited: InvitedAgency,
    *,
    by: User,
    at: dt.datetime,
    assent: str,
    reservation: str = "",
    version: str = "",
) -> None:
    """Say how far the agency agrees. Anything but full agreement says why. Raises RuleError, StaleError."""
    conferences.hold_invited(invited.conference, access.may_assent(by, invited))
    invited.refresh_from_db(fields=["assent", "reservation"])
    if version and version != version_of(invited):
        raise StaleError(_("Somebody of the agency has said meanwhile how far it agrees."))
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


# --- Places of the text -------------------------------------------------------------------------------
def places(conference: Conference, user: User) -> list[tuple[str, list[Place]]]:
    """Return what the user may speak of, under headings: of the text seen, else of the draft that was sent.

    Of a draft in the words that were sent, as far as the place is still there.
    """
    if programme := access.speaks_of(user, conference):
        headed: list[tuple[str, Any]] = [
            (_("Priority tasks"), programme.priority_tasks.all()),
            (_("Solutions"), programme.solutions.all()),
            (_("Clauses"), programme.clauses.all()),
        ]
        return [(heading, [Place(row, str(row)) for row in rows]) for heading, rows in headed]
    version = access.asked_about(user, conference)
    return _sent_places(version) if version else []


def _sent_places(version: DraftVersion) -> list[tuple[str, list[Place]]]:
    kinds: list[tuple[str, str, Any]] = [
        ("task", _("Priority tasks"), PriorityTask),
        ("solution", _("Solutions"), Solution),
        ("clause", _("Clauses"), Clause),
    ]
    rows, found = drafts.read(version.text), []
    for kind, heading, model in kinds:
        sent = {version.text["ids"][row.place]: row for row in rows if row.place.startswith(f"{kind}.")}
        there = model.objects.filter(programme=version.programme_id).in_bulk(list(sent))
        found.append((heading, [Place(there[pk], _words(row)) for pk, row in sent.items() if pk in there]))
    return found


def _words(row: drafts.Row) -> str:
    kind, _dot, number = row.place.partition(".")
    return row.label if kind == "clause" else f"{number}. {row.title}"


def _leave_trace(verb: str, row: Contribution, *, by: User, at: dt.datetime) -> None:
    conference = row.conference
    payload = {"year": conference.programme.year, "conference": conference.pk}
    record(verb, row, by=by, at=at, agency_code=row.agency.code, payload=payload)
