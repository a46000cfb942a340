"""What happens to the review of a half-year or a year: drafted, edited, frozen, approved, numbered.

Every step asks who may and looks again under the row's lock. `version` is the revision that the person
saw (version_of()); a page older than the row is refused with StaleError, an empty one is not compared.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import canonical, record
from portal.files.store import sha256_of
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.lib.text import filled_lines
from portal.users.models import User
from tasks import paragraphs, review_figures
from tasks import period_review_access as access
from tasks import period_review_contents as contents
from tasks import period_review_reminders as review_reminders
from tasks import period_review_texts as texts
from tasks.models import ApprovedReview, PeriodReview, ReportingPeriod, ReviewParagraph
from tasks.paragraphs import OWN_LAST, Typed
from tasks.period_review_contents import Passage, Section
from tasks.states import REVIEW, ProgrammeState, ReviewState


def version_of(review: PeriodReview) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return str(review.revision)


# --- The draft -------------------------------------------------------------------------------------
@action
def draft(period: ReportingPeriod, *, by: User, at: dt.datetime) -> PeriodReview:
    """Draft the review from the figures as of the period's last day. One for each period."""
    if not access.may_prepare(by, period):
        raise PermissionDenied
    period.refresh_from_db(from_queryset=ReportingPeriod.objects.select_for_update(of=("self",)))
    _check_runs(period)
    if not period.is_reviewed:
        raise RuleError(_("A review is made of a half-year or of a year."))
    if local_day(at) <= period.data_to:
        raise RuleError(_("The period is not over yet: its figures are not final."))
    if PeriodReview.objects.filter(period=period).exists():
        raise RuleError(_("The review of this period was drafted already."))
    found = contents.gather(period)
    row = PeriodReview.objects.create(
        period=period,
        figures=found.figures,
        gathered_at=at,
        recipients="\n".join(offered_recipients(period)),
        saved_at=at,
        saved_by=by,
    )
    ReviewParagraph.objects.bulk_create(
        _new(row, passage, place) for place, passage in enumerate(contents.passages(found))
    )
    _record("review.drafted", row, by=by, at=at)
    return row


def offered_recipients(period: ReportingPeriod) -> list[str]:
    """Return the recipients that a draft begins with: the body above, the parties, the records office."""
    parent = period.programme.host.header_parent
    parent = parent.capitalize() if parent.isupper() else parent  # as a head of a page is often kept
    return [*([f"{parent} (để báo cáo)"] if parent else []), "Các cơ quan, đơn vị ký kết", "Lưu: VT"]


@action
def save(
    review: PeriodReview,
    *,
    by: User,
    at: dt.datetime,
    section: Section,
    typed: Typed,
    version: str = "",
) -> None:
    """Keep what was typed into a section; the trail hears when somebody takes over."""
    _begin(review, access.may_prepare(by, review.period), version)
    takes_over = review.saved_by_id != by.pk
    paragraphs.keep(review.paragraphs.filter(section=section), typed)
    _save(review, by, at)
    if takes_over:
        _record("review.edited", review, by=by, at=at)


@action
def add(review: PeriodReview, *, by: User, at: dt.datetime, section: Section, text: str) -> None:
    """Add the officer's own paragraphs at the end of a section, one a line. No page is too old for that."""
    _begin(review, access.may_prepare(by, review.period), "")
    lines = paragraphs.own_lines(text)
    count = review.paragraphs.filter(key__startswith="own:").count()
    ReviewParagraph.objects.bulk_create(
        ReviewParagraph(review=review, section=section, key=f"own:{n}", order=OWN_LAST + n, text=line)
        for n, line in enumerate(lines, count + 1)
    )
    _save(review, by, at)
    _record("review.paragraph_added", review, by=by, at=at)


@action
def address(review: PeriodReview, *, by: User, at: dt.datetime, recipients: str, version: str = "") -> None:
    """Say who receives the paper, one a line."""
    _begin(review, access.may_prepare(by, review.period), version)
    lines = [line.lstrip("-– ").rstrip(".; ") for line in filled_lines(recipients)]
    if not any(lines):
        raise RuleError(_("Name at least one recipient."))
    review.recipients = "\n".join(line for line in lines if line)
    _save(review, by, at, "recipients")
    _record("review.addressed", review, by=by, at=at)


@action
def refresh(review: PeriodReview, *, by: User, at: dt.datetime, version: str = "") -> int:
    """Gather the figures anew; return how many paragraphs are new or say something else.

    1. What the officer edited keeps her words, beside what the portal found now.
    2. What she did not touch follows; what came is marked new.
    3. What rests on nothing any more goes, unless she edited it: then it stays without a source.
    """
    _begin(review, access.may_prepare(by, review.period), version)
    found = contents.gather(review.period)
    have = {row.key: row for row in review.paragraphs.all() if not row.is_own}
    new, old = [], []
    for place, passage in enumerate(contents.passages(found)):
        known = have.pop(passage.key, None)
        if known is None:
            new.append(_new(review, passage, place, is_new=True))
        else:
            old.append(_follow(known, passage, place))
    ReviewParagraph.objects.bulk_create(new)
    kept = [row for row in have.values() if row.is_edited]
    for row in kept:
        row.sources, row.is_new = [], True
    columns = ["order", "group", "text", "drafted", "sources", "is_new"]
    ReviewParagraph.objects.bulk_update([*old, *kept], columns, batch_size=100)
    gone = [row.pk for row in have.values() if not row.is_edited]
    ReviewParagraph.objects.filter(pk__in=gone).delete()
    review.figures, review.gathered_at = found.figures, at
    _touch(review, "figures", "gathered_at")
    count = len(new) + sum(row.is_new for row in old)
    _record("review.refreshed", review, by=by, at=at, changed=count)
    return count


def _new(review: PeriodReview, passage: Passage, place: int, *, is_new: bool = False) -> ReviewParagraph:
    return ReviewParagraph(
        review=review,
        section=passage.section,
        group=passage.group,
        key=passage.key,
        order=place,
        text=passage.text,
        drafted=passage.text,
        sources=list(passage.sources),
        is_new=is_new,
    )


def _follow(row: ReviewParagraph, passage: Passage, place: int) -> ReviewParagraph:
    paragraphs.follow(row, passage.text, place)
    row.group, row.sources = passage.group, list(passage.sources)
    return row


# --- The decision -----------------------------------------------------------------------------------
@action
def freeze(review: PeriodReview, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Freeze text and figures as they stand, and put them before the commander.

    Raises RuleError when figures were corrected since they were gathered, or a section that somebody has
    to write is empty.
    """
    _begin(review, access.may_prepare(by, review.period), version)
    if changes(review.figures, review.period):
        raise RuleError(_("Figures were corrected since the draft was made. Gather them anew first."))
    content = written(review)
    empty = [
        section["title"]
        for section in content["sections"]
        if section["name"] in contents.WRITTEN and not section["paragraphs"]
    ]
    if empty:
        raise RuleError(_("Write something under: %(sections)s.") % {"sections": "; ".join(empty)})
    move(
        review,
        ReviewState.PROPOSED,
        REVIEW,
        content=content,
        content_sha256=sha256_of(canonical(content).encode()),
        frozen_at=at,
        frozen_by=by,
        return_reason="",
        revision=review.revision + 1,
    )
    review_reminders.settle_due(review, at=at)
    review_reminders.tell_commander(review, by=by, at=at)
    _record("review.frozen", review, by=by, at=at, content_sha256=review.content_sha256)


@action
def give_back(review: PeriodReview, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Give it back to be changed, with the reason: it is a draft again."""
    _begin(review, access.may_decide(by, review.period), version, state=ReviewState.PROPOSED)
    move(
        review,
        ReviewState.DRAFT,
        REVIEW,
        content=None,
        content_sha256="",
        frozen_at=None,
        frozen_by=None,
        return_reason=reasons.given(reason),
        revision=review.revision + 1,
    )
    review_reminders.settle_decision(review, at=at)
    review_reminders.tell_officers(review, by=by, at=at)
    _record("review.given_back", review, by=by, at=at, reason=review.return_reason)


@action
def approve(review: PeriodReview, *, by: User, at: dt.datetime, version: str = "") -> ApprovedReview:
    """Approve what was frozen, by another person than froze it; every party reads it from now on.

    `version` is the revision that was shown: nobody approves what they have not read.
    """
    _begin(review, access.may_decide(by, review.period), version, state=ReviewState.PROPOSED)
    if review.frozen_at is None or review.frozen_by is None:  # a constraint holds them with the state
        raise RuleError(_("Only what was frozen is approved."))
    if review.frozen_by == by:
        raise RuleError(_("Another person than the one who froze it approves it."))
    if not is_intact(review):
        raise RuleError(_("The content is not what was frozen. Give it back and tell the administrator."))
    move(review, ReviewState.APPROVED, REVIEW, revision=review.revision + 1)
    approved = ApprovedReview.objects.create(
        period=review.period,
        content=review.content,
        content_sha256=review.content_sha256,
        frozen_at=review.frozen_at,
        frozen_by=review.frozen_by,
        approved_at=at,
        approved_by=by,
    )
    review_reminders.settle_decision(review, at=at)
    review_reminders.tell_parties(approved, by=by, at=at)
    _record("review.approved", approved, by=by, at=at, content_sha256=approved.content_sha256)
    return approved


@action
def give_number(
    approved: ApprovedReview, *, by: User, at: dt.datetime, number: str, issued_on: dt.date
) -> None:
    """Note the number and date that the records office gave to the signed paper; once."""
    if not access.may_number(by, approved.period):
        raise PermissionDenied
    approved.refresh_from_db(from_queryset=ApprovedReview.objects.select_for_update(of=("self",)))
    if approved.number:
        raise RuleError(_("It has its number already."))
    if not number.strip():
        raise RuleError(_("Give the number that the records office gave."))
    if not local_day(approved.approved_at) <= issued_on <= local_day(at):
        raise RuleError(_("It is issued on a day from its approval to today."))
    approved.number, approved.issued_on = number.strip(), issued_on
    approved.save(update_fields=["number", "issued_on"])
    _record("review.numbered", approved, by=by, at=at, number=approved.number, issued_on=issued_on)


# --- What it says -----------------------------------------------------------------------------------
def written(review: PeriodReview) -> dict[str, Any]:
    """Return what it says: the frozen content, or that of the draft."""
    if review.content is not None:
        return dict(review.content)
    rows: Iterable[ReviewParagraph] = review.paragraphs.all()
    return texts.content(review.period, rows, review.figures, review.recipients)


def is_intact(row: PeriodReview | ApprovedReview) -> bool:
    """Whether the frozen content still has the hash that the audit trail knows."""
    return sha256_of(canonical(row.content).encode()) == row.content_sha256


def changes(frozen: Mapping[str, Any], period: ReportingPeriod) -> list[review_figures.Change]:
    """Return which figures read otherwise now than in these."""
    return review_figures.changes(frozen, contents.gather(period).figures)


# --- What every step does ------------------------------------------------------------------------
def _begin(
    review: PeriodReview, allowed: bool, version: str, *, state: ReviewState = ReviewState.DRAFT
) -> None:
    """Lock the row and bring the object up to date; refuse the wrong person, state, or page."""
    if not allowed:
        raise PermissionDenied
    rows = PeriodReview.objects.select_for_update(of=("self",))
    review.refresh_from_db(from_queryset=rows)
    review.period = ReportingPeriod.objects.select_related("programme__host").get(pk=review.period_id)
    if version and version != version_of(review):
        raise StaleError(_("Someone changed this review after you opened the page."))
    _check_runs(review.period)
    if review.state != state:
        raise RuleError(
            _("This step is no longer possible: the present state is “%(state)s”.")
            % {"state": review.get_state_display()}
        )


def _check_runs(period: ReportingPeriod) -> None:
    """The year's review is made when the programme has just been closed."""
    if period.programme.state not in {ProgrammeState.IN_FORCE, ProgrammeState.CLOSED}:
        raise RuleError(_("The programme is not in force; its work is not reviewed."))


def _save(review: PeriodReview, by: User, at: dt.datetime, *columns: str) -> None:
    review.saved_by, review.saved_at = by, at
    _touch(review, "saved_by", "saved_at", *columns)


def _touch(review: PeriodReview, *columns: str) -> None:
    review.revision += 1
    review.save(update_fields=[*columns, "revision"])


def _record(verb: str, row: PeriodReview | ApprovedReview, *, by: User, at: dt.datetime, **more: Any) -> None:
    period = row.period
    payload = {"period": period.code, "year": period.programme.year, **more}
    record(verb, row, by=by, at=at, agency_code=period.programme.host.code, payload=payload)
