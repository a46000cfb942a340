"""What happens to the minutes of a conference: written, frozen, opened again, confirmed by two people.

Frozen they are JSON with their SHA-256; page and paper read that alone.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import briefings, conferences, minutes_draft
from agreements import conference_access as access
from agreements import conference_reminders as reminders
from agreements.minutes_draft import Facts, Section
from agreements.models import Conference, MinutesPart
from agreements.states import CONFERENCE, ConferenceState
from portal.audit.events import canonical
from portal.files.store import sha256_of
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.lib.text import filled_lines
from portal.users.models import User


@dataclass(frozen=True)
class Part:
    """A section as it reads, beside what is drafted now."""

    section: Section
    title: str
    text: str
    drafted: str
    is_edited: bool
    has_moved: bool  # what was recorded changed after it was edited


@action
def write(
    conference: Conference,
    *,
    by: User,
    at: dt.datetime,
    texts: Mapping[str, str],
    ended_at: dt.datetime | None,
    version: str = "",
) -> None:
    """Keep what was written; a section that reads as it is drafted goes on following what is recorded."""
    conferences.begin(conference, access.may_write_minutes(by, conference), version)
    _check_held(conference, at)
    if ended_at and not conference.starts_at < ended_at <= at:
        raise RuleError(_("The conference ended after it began, and not later than now."))
    before = minutes_draft.draft(minutes_draft.gather(conference))
    conference.ended_at = ended_at
    conferences.touch(conference, "ended_at")
    conference.parts.filter(section__in=list(texts)).delete()
    MinutesPart.objects.bulk_create(
        MinutesPart(conference=conference, section=section, text=_plain(text), drafted=before[section])
        for section, text in texts.items()
        if _plain(text) != before[section]
    )
    conferences.leave_trace("minutes.written", conference, by=by, at=at)


@action
def freeze(conference: Conference, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Freeze the minutes as they read now, and ask chair and secretary to confirm them."""
    conferences.begin(conference, access.may_prepare(by, conference.programme), version)
    _check_held(conference, at)
    if conference.ended_at is None:
        raise RuleError(_("Write when the conference ended before the minutes are frozen."))
    if conference.is_briefing and briefings.frozen(conference) is None:
        raise RuleError(_("Freeze the list of the briefing before the minutes."))
    content = written(conference)
    move(
        conference,
        ConferenceState.FROZEN,
        CONFERENCE,
        content=content,
        content_sha256=sha256_of(canonical(content).encode()),
        frozen_at=at,
        revision=conference.revision + 1,
    )
    reminders.tell_signers(conference, by=by, at=at)
    sha256 = conference.content_sha256
    conferences.leave_trace("minutes.frozen", conference, by=by, at=at, content_sha256=sha256)


@action
def reopen(conference: Conference, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Open frozen minutes to mend them, until both have confirmed; who has confirmed is told."""
    if not access.may_prepare(by, conference.programme):
        raise PermissionDenied
    conferences.hold(conference, version)
    if conference.state == ConferenceState.SIGNED:
        raise RuleError(_("The minutes are confirmed already; nothing of them changes any more."))
    reason = reasons.given(reason)
    if conference.state != ConferenceState.FROZEN:
        raise RuleError(_("The minutes are not frozen."))
    signed = {"chair": conference.chair_signed_at, "secretary": conference.secretary_signed_at}
    had = {who: signed_at for who, signed_at in signed.items() if signed_at}
    people = frozenset(getattr(conference, f"{who}_id") for who in had)
    none: dict[str, Any] = dict.fromkeys(("content", "frozen_at", "chair_signed_at", "secretary_signed_at"))
    revision = conference.revision + 1
    move(conference, ConferenceState.INVITED, CONFERENCE, content_sha256="", revision=revision, **none)
    reminders.settle_minutes(conference, at=at)
    reminders.tell_reopened(conference, people, by=by, at=at)
    taken_back = {"taken_back": had} if had else {}
    conferences.leave_trace("minutes.reopened", conference, by=by, at=at, reason=reason, **taken_back)


@action
def sign(conference: Conference, *, by: User, at: dt.datetime, shown_sha256: str) -> None:
    """Confirm what was read, as chair or as secretary, once each; the second lets everybody invited know."""
    if not access.may_sign_minutes(by, conference):
        raise PermissionDenied
    conferences.hold(conference)
    if conference.state != ConferenceState.FROZEN:
        raise RuleError(_("There are no minutes that wait for confirmation."))
    if shown_sha256 != conference.content_sha256:
        raise RuleError(_("The minutes changed after you opened the page. Read them again."))
    who = "chair" if by.pk == conference.chair_id else "secretary"
    column = f"{who}_signed_at"
    if getattr(conference, column):
        raise RuleError(_("You have confirmed these minutes already."))
    setattr(conference, column, at)
    conferences.touch(conference, column)
    if conference.chair_signed_at and conference.secretary_signed_at:
        move(conference, ConferenceState.SIGNED, CONFERENCE)
        reminders.settle_minutes(conference, at=at)
        reminders.tell_signed(conference, by=by, at=at)
    sha256 = conference.content_sha256
    conferences.leave_trace("minutes.signed", conference, by=by, at=at, signs_as=who, content_sha256=sha256)


# --- What they say ------------------------------------------------------------------------------------
def parts(conference: Conference, facts: Facts | None = None) -> list[Part]:
    """Return every section as it would be frozen now, in the order of the paper."""
    drafted = minutes_draft.draft(facts or minutes_draft.gather(conference))
    edited = {row.section: row for row in conference.parts.all()}
    found = []
    for section, title in minutes_draft.titles_of(conference).items():
        row, now = edited.get(section), drafted[section]
        moved = row is not None and row.drafted != now
        found.append(Part(section, title, row.text if row else now, now, row is not None, moved))
    return found


def written(conference: Conference) -> dict[str, Any]:
    """Return what the minutes say: the frozen content, or that of the draft."""
    if conference.content is not None:
        return dict(conference.content)
    facts = minutes_draft.gather(conference)
    host, programme = conference.programme.host, conference.programme
    return {
        "title": conference.title,
        "programme": {"year": programme.year, "title": programme.title_vi, "place": programme.place},
        "profile": programme.page_profile,
        "host": {"name": host.name_vi, "parent": host.header_parent, "symbol": host.symbol or host.code},
        "starts_at": conference.starts_at.isoformat(),
        "chair": minutes_draft.with_title(conference.chair, facts.titles),
        "secretary": minutes_draft.with_title(conference.secretary, facts.titles),
        "names": {
            "chair": conference.chair.get_full_name(),
            "secretary": conference.secretary.get_full_name(),
        },
        "counts": {
            "invited": len(facts.invited),
            "present": len(facts.delegates),
            **{assent.value: len(facts.assented(assent)) for assent in minutes_draft.Assent},
        },
        "sections": [
            {"name": part.section.value, "title": part.title, "lines": list(filled_lines(part.text))}
            for part in parts(conference, facts)
        ],
    }


def is_intact(conference: Conference) -> bool:
    """Whether the frozen content still has the hash that the audit trail knows."""
    return sha256_of(canonical(conference.content).encode()) == conference.content_sha256


def _plain(text: str) -> str:
    return "\n".join(filled_lines(text))


def _check_held(conference: Conference, at: dt.datetime) -> None:
    if conference.state != ConferenceState.INVITED:
        raise RuleError(_("The invitations have not been sent yet."))
    if at < conference.starts_at:
        raise RuleError(_("The conference has not begun yet."))
