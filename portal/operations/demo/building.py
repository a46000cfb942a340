"""Build the demonstration, in order and whole; a second call returns at once."""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from django.db.models import Q

from agreements import certificates, keys
from agreements.models import SignatureField
from agreements.states import DocumentState
from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.notices.models import Notice, Why
from portal.operations import marks
from portal.operations.demo import (
    briefing,
    changes,
    citing,
    conferring,
    consolidations,
    consulting,
    cooperating,
    elsewhere,
    evidence,
    extending,
    grouping,
    history,
    lighting,
    people,
    pictures,
    quotas,
    rating,
    reports,
    reviewing,
    rounds,
    scenes,
    scheming,
    talking,
    turning,
    urging,
)
from portal.operations.demo.people import Cast
from portal.operations.demo.scenes import Content, Scene
from portal.users.models import User
from tasks import programmes
from tasks.loading.shifting import shift
from tasks.loading.writing import load, open_file
from tasks.models import Assignment, Programme

FILE = Path(__file__).with_name("programme-2023.yaml")
YEAR_BEGINS = dt.timedelta(days=31)
"""The demonstration year changes on 1 February: in January nobody has signed anything yet."""

CLOSES_IN = dt.timedelta(days=45)
Say = Callable[[str], None]
Step = Callable[[str], AbstractContextManager[None]]


def demonstration_year(today: dt.date) -> int:
    """Return the year whose programme is in force: of the day 31 days ago."""
    return (today - YEAR_BEGINS).year


def build(*, at: dt.datetime, say: Say = print) -> bool:
    """Build everything as of the moment `at`; False, at once, when a demonstration stands already.

    Runs in one action: a start that is broken off leaves nothing behind and the next one begins anew.
    """
    marks.mark_demonstration(at=at)
    if User.objects.exists():
        return False
    _build(at, _steps(say))
    _silence_the_past(at)
    say("All of it is invented. The agencies are those of 2023: their mergers of 2025 lie ahead in it.")
    return True


def _work_last_year(finished: Programme, past: Content, cast: Cast, *, until: dt.datetime) -> None:
    history.write(finished, scenes.last_year(past), cast, until=until)
    extending.write(finished, past, scenes.last_year(past), cast, until=until)
    programmes.close(finished, by=cast.officer, at=until)
    reports.write(finished, cast, until=until)
    urging.write(finished, past, cast, until=until)


def _work_this_year(
    running: Programme, present: Content, stage: Mapping[str, Scene], cast: Cast, *, at: dt.datetime
) -> None:
    history.write(running, stage, cast, until=at)
    extending.write(running, present, stage, cast, until=at)
    reports.write(running, cast, until=at)
    urging.write(running, present, cast, until=at)
    reports.give_leave(running, cast, at=at - dt.timedelta(days=20))


@action
def _build(at: dt.datetime, progress: Step) -> None:
    today = local_day(at)
    year = demonstration_year(today)
    with progress("Reading the programme"):
        source = open_file(FILE)
    past, present = shift(source, year - 1), shift(source, year)
    calendar = load_calendar()
    stage = scenes.this_year(present, today, calendar)
    _adjust(present, stage, closes_on=today + CLOSES_IN)
    with progress(f"Loading the programmes of {year - 1} and {year}"):
        # The later year first: its dates of validity are those that the register keeps, and last
        # year nothing of the reorganisation had happened either.
        running = load(present, by=None, at=at).programme
        finished = load(past, by=None, at=at).programme
    with progress("Making accounts"):
        cast = people.make(present, since=dt.date(year - 1, 1, 1), at=at)
    with progress("Issuing certificates"):
        ready = rounds.moment(dt.date(year - 1, 1, 4), 8)
        pin = rounds.issue_certificates(cast, at=ready)
        pictures.give(cast, at=ready)
    with progress(f"Signing the programme of {year - 1}"):
        consulting.write(finished, running, cast=cast)  # the texts are settled next
        rounds.last_year(finished, cast, pin)
    with progress(f"Amending the programme of {year - 1}"):
        elsewhere.amendment(finished, cast, pin)
    with progress(f"Signing the programme of {year}"):
        rounds.this_year(running, cast, pin)
    with progress("Checking the signatures"):
        rounds.check(finished, running, at=at)
    with progress("Writing two years of work"):
        conferring.write(finished, running, past, cast, at=at)
        end = rounds.moment(dt.date(year - 1, 12, 31), 16)
        _work_last_year(finished, past, cast, until=end)
        _work_this_year(running, present, stage, cast, at=at)
    with progress("Dividing targets over the districts"):
        quotas.write(finished, cast, until=end)
        quotas.write(running, cast, until=at)
    _sum_up(finished, running, past, cast, progress, end=end, at=at)
    _say_more(finished, running, cast, progress, at)
    _begin_things(cast, pin, at)
    counts = {"users": User.objects.count(), "assignments": Assignment.objects.count()}
    payload = {"years": [year - 1, year], **counts}
    record("demo.loaded", running, by=None, at=at, agency_code=running.host.code, payload=payload)


def _sum_up(
    finished: Programme,
    running: Programme,
    past: Content,
    cast: Cast,
    progress: Step,
    *,
    end: dt.datetime,
    at: dt.datetime,
) -> None:
    """Make of the work what the command makes of it, in the order in which that happens in two years."""
    with progress(f"Reviewing the first half of {finished.year}"):
        reviewing.half(finished, cast, until=end, number="61")
    with progress("Turning the year"):
        turning.write(finished, running, past, cast, until=end)
    with progress("Planning schemes of several years"):
        scheming.write(finished, running, cast, until=at)
    with progress("Consolidating reports"):
        consolidations.write(finished, cast, until=end)
        consolidations.write(running, cast, until=at)
    with progress("Rating agencies"):
        rating.last_year(finished, cast, until=end)
        rating.this_year(running, cast, until=at)
    with progress(f"Reviewing {finished.year} and what is over of {running.year}"):
        reviewing.year(finished, cast, at=end + dt.timedelta(days=22, hours=-7), number="15")
        reviewing.half(running, cast, until=at, number="64")


def _say_more(
    finished: Programme, running: Programme, cast: people.Cast, progress: Step, at: dt.datetime
) -> None:
    """Add what stands beside the work: lights that were set, conversations, files."""
    with progress("Setting lights, cooperating and talking"):
        cooperating.write(running, cast, until=at)
        lighting.write(running, cast, until=at)
        talking.write(running, cast, until=at)
        briefing.write(running, cast, until=at)
        grouping.write(running, cast, until=at)
    with progress("Adding files of evidence"):
        for programme in (finished, running):
            evidence.write(programme, cast)
            citing.write(programme, cast)


def _begin_things(cast: people.Cast, pin: keys.DerivedPin, at: dt.datetime) -> None:
    """Leave on desks what somebody has begun and nobody has decided."""
    changes.write(cast, at=at)
    elsewhere.token(cast, at=at - dt.timedelta(days=2))
    certificates.ask(cast.newcomer, pin=pin, by=cast.newcomer, at=at)


def _adjust(content: dict[str, Any], stage: Mapping[str, scenes.Scene], *, closes_on: dt.date) -> None:
    """Put into the text what the day demands: deadlines that come sooner, and a round that is open."""
    for row in content["assignments"]:
        row["deadline"] = stage[row["code"]].deadline_on.isoformat()
    content["programme"]["signing_closes_on"] = closes_on.isoformat()


def _silence_the_past(at: dt.datetime) -> None:
    """Take back the mails of things long past, and the notices that were answered by a signature.

    After the action, which writes its notices last.
    """
    notices = Notice.objects.filter(created_at__lt=at)
    notices.filter(mail_state=Notice.MailState.WAITING).update(
        mail_state=Notice.MailState.SKIPPED, skip_reason=Why.NOT_DUE
    )
    waiting = SignatureField.objects.filter(document__state=DocumentState.SIGNING, signature=None)
    to_sign = Q(subject_type=SignatureField._meta.label_lower, subject_id__in=waiting.values("pk"))
    notices.exclude(to_sign).update(read_at=at)


def _steps(say: Say) -> Step:
    """Return a step that says what goes on and, when it is done, how many seconds it took."""

    @contextmanager
    def step(name: str) -> Iterator[None]:
        began = time.monotonic()
        say(f"{name} …")
        yield
        say(f"  {time.monotonic() - began:.1f} s")

    return step
