"""What happens to the consolidated report of a period: drafted, edited, gathered anew, frozen, numbered.

Every step asks who may and looks again under the row's lock. `version` is the revision that the person
saw (version_of()); a page older than the row is refused with StaleError, an empty one is not compared.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import canonical, record
from portal.files.store import sha256_of
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import access, consolidation_contents, paragraphs
from tasks.consolidation_contents import Cited, Passage, Shown
from tasks.models import (
    Consolidation,
    ConsolidationParagraph,
    ConsolidationSource,
    PriorityTask,
    Report,
    ReportingPeriod,
)
from tasks.paragraphs import OWN_LAST, Typed
from tasks.states import CONSOLIDATION, ConsolidationState, ProgrammeState

Section = ConsolidationParagraph.Section
Kind = ConsolidationParagraph.Kind


@dataclass(frozen=True)
class Part:
    """What one page edits: a section, of the results one priority task."""

    section: Section
    task: PriorityTask | None = None


def version_of(consolidation: Consolidation) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return str(consolidation.revision)


@action
def draft(period: ReportingPeriod, *, by: User, at: dt.datetime) -> Consolidation:
    """Make the draft from the reports that were sent. One for each period."""
    if not access.may_consolidate(by, period):
        raise PermissionDenied
    period.refresh_from_db(from_queryset=ReportingPeriod.objects.select_for_update(of=("self",)))
    _check_runs(period)
    if local_day(at) < period.data_from:
        raise RuleError(_("This period has not begun yet."))
    if Consolidation.objects.filter(period=period).exists():
        raise RuleError(_("The reports of this period were consolidated already."))
    found = consolidation_contents.gather(period)
    row = Consolidation.objects.create(
        period=period,
        gathered=consolidation_contents.sent_when(found.reports),
        gathered_at=at,
        saved_at=at,
        saved_by=by,
    )
    wanted = consolidation_contents.passages(found)
    _write([(_new(row, passage, place), passage) for place, passage in enumerate(wanted)])
    _record("consolidation.drafted", row, by=by, at=at, sent=len(found.sent), silent=len(found.silent))
    return row


@action
def save(
    consolidation: Consolidation,
    *,
    by: User,
    at: dt.datetime,
    part: Part,
    typed: Typed,
    version: str = "",
) -> None:
    """Keep what was typed. Pages do this by themselves; the trail hears when somebody takes over."""
    _begin(consolidation, access.may_consolidate(by, consolidation.period), version)
    takes_over = consolidation.saved_by_id != by.pk
    paragraphs.keep(consolidation.paragraphs.filter(section=part.section, task=part.task), typed)
    consolidation.saved_by, consolidation.saved_at = by, at
    _touch(consolidation, "saved_by", "saved_at")
    if takes_over:
        _record("consolidation.edited", consolidation, by=by, at=at)


@action
def add(consolidation: Consolidation, *, by: User, at: dt.datetime, part: Part, text: str) -> None:
    """Add the officer's own paragraphs at the end of a part, one a line. No page is too old for that."""
    _begin(consolidation, access.may_consolidate(by, consolidation.period), "")
    lines = paragraphs.own_lines(text)
    count = consolidation.paragraphs.filter(kind=Kind.OWN).count()
    ConsolidationParagraph.objects.bulk_create(
        ConsolidationParagraph(
            consolidation=consolidation,
            section=part.section,
            task=part.task,
            kind=Kind.OWN,
            key=f"own:{n}",
            order=OWN_LAST + n,
            text=line,
        )
        for n, line in enumerate(lines, count + 1)
    )
    consolidation.saved_by, consolidation.saved_at = by, at
    _touch(consolidation, "saved_by", "saved_at")
    _record("consolidation.paragraph_added", consolidation, by=by, at=at)


@action
def refresh(consolidation: Consolidation, *, by: User, at: dt.datetime, version: str = "") -> int:
    """Gather the reports anew; return how many paragraphs are new or say something else.

    1. What the officer edited keeps her words, beside what the reports say now.
    2. What she did not touch follows the reports; what came is marked new.
    3. What no report says any more goes, unless she edited it: then it stays without a source.
    """
    _begin(consolidation, access.may_consolidate(by, consolidation.period), version)
    found = consolidation_contents.gather(consolidation.period)
    wanted = consolidation_contents.passages(found)
    have = {row.key: row for row in consolidation.paragraphs.exclude(kind=Kind.OWN)}
    ConsolidationSource.objects.filter(paragraph__in=[row.pk for row in have.values()]).delete()
    pairs = []
    for place, passage in enumerate(wanted):
        known = have.pop(passage.key, None)
        if known is None:
            row = _new(consolidation, passage, place, is_new=True)
        else:
            row = _follow(known, passage, place)
        pairs.append((row, passage))
    _write(pairs)
    _drop(have.values())
    consolidation.gathered, consolidation.gathered_at = consolidation_contents.sent_when(found.reports), at
    _touch(consolidation, "gathered", "gathered_at")
    count = sum(row.is_new for row, _passage in pairs)
    _record("consolidation.refreshed", consolidation, by=by, at=at, changed=count)
    return count


def _new(
    consolidation: Consolidation, passage: Passage, place: int, *, is_new: bool = False
) -> ConsolidationParagraph:
    return ConsolidationParagraph(
        consolidation=consolidation,
        section=passage.section,
        task=passage.task,
        kind=passage.kind,
        key=passage.key,
        order=place,
        text=passage.text,
        drafted=passage.text,
        figure=passage.figure,
        is_new=is_new,
    )


def _follow(row: ConsolidationParagraph, passage: Passage, place: int) -> ConsolidationParagraph:
    """Bring a paragraph up to what the reports say now."""
    paragraphs.follow(row, passage.text, place)
    row.figure = passage.figure
    return row


def _drop(gone: Iterable[ConsolidationParagraph]) -> None:
    rows = list(gone)
    ConsolidationParagraph.objects.filter(pk__in=[row.pk for row in rows if not row.is_edited]).delete()
    kept = [row for row in rows if row.is_edited]
    for row in kept:
        row.figure, row.is_new = None, True
    ConsolidationParagraph.objects.bulk_update(kept, ["figure", "is_new"])


def _write(pairs: Sequence[tuple[ConsolidationParagraph, Passage]]) -> None:
    """Store paragraphs, new and old, each with its sources."""
    new = [row for row, _passage in pairs if row.pk is None]
    old = [row for row, _passage in pairs if row.pk is not None]
    ConsolidationParagraph.objects.bulk_update(old, ["order", "text", "drafted", "figure", "is_new"], 100)
    ConsolidationParagraph.objects.bulk_create(new)
    ConsolidationSource.objects.bulk_create(
        ConsolidationSource(paragraph=row, report=cited.report, text=cited.text, value=cited.value)
        for row, passage in pairs
        for cited in passage.sources
    )


@action
def freeze(
    consolidation: Consolidation, *, by: User, at: dt.datetime, reason: str = "", version: str = ""
) -> None:
    """Freeze the report as it reads now: nothing of it changes any more.

    Raises RuleError when reports came since the draft was made, or when agencies are silent and no reason
    says why it is done without them.
    """
    _begin(consolidation, access.may_freeze_consolidation(by, consolidation.period), version)
    reports = _reports(consolidation.period)
    if behind(consolidation, reports):
        raise RuleError(_("Reports came or were returned since the draft was made. Gather them anew first."))
    silent = [report.agency.code for report in reports if not report.is_sent]
    if silent and not reason.strip():
        raise RuleError(_("Some agencies have not reported. Say why it is frozen without them."))
    content = written(consolidation, reports, marked=False)
    move(
        consolidation,
        ConsolidationState.FROZEN,
        CONSOLIDATION,
        content=content,
        content_sha256=sha256_of(canonical(content).encode()),
        frozen_at=at,
        frozen_by=by,
        frozen_reason=reason.strip(),
        revision=consolidation.revision + 1,
    )
    sha256 = consolidation.content_sha256
    _record(
        "consolidation.frozen",
        consolidation,
        by=by,
        at=at,
        content_sha256=sha256,
        silent_agencies=silent,
        reason=consolidation.frozen_reason,
    )


@action
def give_number(
    consolidation: Consolidation,
    *,
    by: User,
    at: dt.datetime,
    number: str,
    issued_on: dt.date,
    version: str = "",
) -> None:
    """Note the number and date that the records office gave to the signed paper; once."""
    if not access.may_number_consolidation(by, consolidation.period):
        raise PermissionDenied
    _lock(consolidation, version)
    if not consolidation.is_frozen:
        raise RuleError(_("A draft has no number. Freeze it first."))
    if consolidation.number:
        raise RuleError(_("It has its number already."))
    if issued_on > local_day(at) or issued_on < local_day(consolidation.frozen_at or at):
        raise RuleError(_("It is issued on a day from its freezing to today."))
    consolidation.number, consolidation.issued_on = number.strip(), issued_on
    _touch(consolidation, "number", "issued_on")
    _record("consolidation.numbered", consolidation, by=by, at=at, number=number.strip(), issued_on=issued_on)


# --- What it says -----------------------------------------------------------------------------------
def _reports(period: ReportingPeriod) -> list[Report]:
    return list(period.reports.select_related("agency").order_by("agency__protocol_order", "agency__code"))


def written(
    consolidation: Consolidation, reports: Sequence[Report] | None = None, *, marked: bool = True
) -> dict[str, Any]:
    """Return what it says: the frozen content, or that of the draft without what is left out.

    `marked`: what came when the reports were gathered last is told as new.
    """
    if consolidation.content is not None:
        return dict(consolidation.content)
    period = consolidation.period
    rows = shown(consolidation.paragraphs.filter(is_left_out=False))
    return consolidation_contents.content(
        period,
        [replace(one, is_new=marked and one.is_new) for one in rows if one.text],
        _reports(period) if reports is None else reports,
    )


def shown(paragraphs: Any) -> list[Shown]:
    """Return paragraphs, a queryset, with their sources. Two queries."""
    rows = paragraphs.select_related("task").prefetch_related("sources__report__agency")
    return [Shown(_passage(row), row.text, row.pk, row.is_edited, row.is_new) for row in rows]


def _passage(row: ConsolidationParagraph) -> Passage:
    sources = tuple(Cited(source.report, source.text, source.value) for source in row.sources.all())
    return Passage(Section(row.section), Kind(row.kind), row.key, row.drafted, sources, row.task, row.figure)


def is_intact(consolidation: Consolidation) -> bool:
    """Whether the frozen content still has the hash that the audit trail knows."""
    return sha256_of(canonical(consolidation.content).encode()) == consolidation.content_sha256


def behind(consolidation: Consolidation, reports: Iterable[Report]) -> list[Report]:
    """Return the reports that came, came again or were returned since the draft was made from them."""
    known, now = consolidation.gathered, consolidation_contents.sent_when(reports)
    return [report for report in reports if known.get(str(report.pk)) != now.get(str(report.pk))]


# --- What every step does ------------------------------------------------------------------------
def _begin(consolidation: Consolidation, allowed: bool, version: str) -> None:
    """Lock the row and bring the object up to date; refuse the wrong person, state, or page."""
    if not allowed:
        raise PermissionDenied
    _lock(consolidation, version)
    _check_runs(consolidation.period)
    if consolidation.is_frozen:
        raise RuleError(_("The consolidated report is frozen; nothing of it changes any more."))


def _lock(consolidation: Consolidation, version: str) -> None:
    rows = Consolidation.objects.select_for_update(of=("self",))
    consolidation.refresh_from_db(from_queryset=rows)
    consolidation.period = ReportingPeriod.objects.select_related("programme__host").get(
        pk=consolidation.period_id
    )
    if version and version != version_of(consolidation):
        raise StaleError(_("Someone changed this consolidated report after you opened the page."))


def _check_runs(period: ReportingPeriod) -> None:
    """The year's report is made when the programme has just been closed."""
    if period.programme.state not in {ProgrammeState.IN_FORCE, ProgrammeState.CLOSED}:
        raise RuleError(_("The programme is not in force; its reports are not consolidated."))


def _touch(consolidation: Consolidation, *columns: str) -> None:
    consolidation.revision += 1
    consolidation.save(update_fields=[*columns, "revision"])


def _record(verb: str, row: Consolidation, *, by: User, at: dt.datetime, **more: object) -> None:
    period = row.period
    payload = {"period": period.code, "year": period.programme.year, **more}
    record(verb, row, by=by, at=at, agency_code=period.programme.host.code, payload=payload)
