"""What the pages of reviews show, worked out before the template."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.http import urlencode

from portal.users.models import User
from tasks import access as tasks_access
from tasks import period_review_access as access
from tasks import period_review_texts as texts
from tasks import period_reviews
from tasks.models import ApprovedReview, PeriodReview, ReportingPeriod, ReviewParagraph
from tasks.models.periods import REVIEWED
from tasks.paragraph_forms import AddForm
from tasks.period_review_forms import (
    GiveBackForm,
    NumberForm,
    RecipientsForm,
    Row,
    SectionForm,
    StepForm,
)
from tasks.period_review_texts import Section
from tasks.review_figures import Change, leads, rate
from tasks.states import ReviewState

FOR_ALL = frozenset({"assignment", "programme"})
"""Kinds of sources whose pages every party may open; the others are the command's."""


# --- What it rests on ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Link:
    label: str
    url: str


PAGES = {
    "programme": "programmes:detail",
    "assignment": "assignments:detail",
    "period": "reports:period",
    "shortcoming": "shortcomings:detail",
    "rating": "ratings:detail",
}


def _url(source: Mapping[str, Any]) -> str:
    kind, key = source["kind"], source["id"]
    if kind == "assignments":
        return f"{reverse('assignments:list')}?{urlencode({'year': key})}"
    if kind == "proposal":
        return f"{reverse('proposals:list')}#p{key}"
    return reverse(PAGES[kind], args=[key])


def links(sources: Iterable[Mapping[str, Any]], *, every: bool) -> list[Link]:
    """Return the links to what a paragraph rests on, as far as the reader may follow them."""
    return [Link(one["label"], _url(one)) for one in sources if every or one["kind"] in FOR_ALL]


@dataclass(frozen=True)
class Read:
    """A paragraph as it is read."""

    text: str
    is_edited: bool
    is_own: bool
    links: Sequence[Link]


@dataclass(frozen=True)
class SectionRead:
    """A section as it is read: paragraphs under the titles they stand under."""

    name: str
    title: str
    groups: Sequence[tuple[str, Sequence[Read]]]


def _sections(content: Mapping[str, Any], *, every: bool) -> list[SectionRead]:
    return [
        SectionRead(section["name"], section["title"], _groups(section["paragraphs"], every=every))
        for section in content["sections"]
    ]


def _groups(paragraphs: Iterable[Mapping[str, Any]], *, every: bool) -> list[tuple[str, list[Read]]]:
    return [
        (group, [_read(row, every=every) for row in rows])
        for group, rows in groupby(paragraphs, key=lambda row: str(row["group"]))
    ]


def _read(row: Mapping[str, Any], *, every: bool) -> Read:
    return Read(row["text"], row["is_edited"], row["is_own"], links(row["sources"], every=every))


# --- Both years side by side ------------------------------------------------------------------------
NUMBERS = ("total", "on_time", "late", "open", "overdue")


@dataclass(frozen=True)
class Beside:
    """A row of figures, those of the year before under them; None where there are none."""

    label: str
    now: Sequence[int]
    before: Sequence[int] | None
    rate: Decimal | None
    rate_before: Decimal | None


def _beside(label: str, row: Mapping[str, Any]) -> Beside:
    now, before = row["now"], row["before"]
    return Beside(
        label,
        [now[name] for name in NUMBERS],
        [before[name] for name in NUMBERS] if before else None,
        rate(now),
        rate(before),
    )


@dataclass(frozen=True)
class Target:
    """A target with what was done, and with what was done a year before."""

    label: str
    indicator: str
    plan: Decimal
    done: Decimal | None
    percent: Decimal | None
    before: Decimal | None
    url: str


def _target(row: Mapping[str, Any]) -> Target:
    done, percent, before = (
        None if row[name] is None else Decimal(row[name]) for name in ("done", "percent", "before")
    )
    label, indicator = f"{row['code']}. {row['title']}", f"{row['indicator']} ({row['unit']})"
    url = reverse("assignments:detail", args=[row["id"]])
    return Target(label, indicator, Decimal(row["plan"]), done, percent, before, url)


def compared(figures: Mapping[str, Any], *, total: str) -> dict[str, Any]:
    """Return the figures of a review beside those of the year before."""
    before = figures["before"]
    leading = [row for row in figures["agencies"] if leads(row["now"]) or leads(row["before"])]
    return {
        "tasks": [_beside(f"{row['number']}. {row['title']}", row) for row in figures["tasks"]]
        + [_beside(total, figures["total"])],
        "agencies": [_beside(row["name"], row) for row in leading],
        "targets": [_target(row) for row in figures["targets"]],
        "until": dt.date.fromisoformat(figures["until"]),
        "before_until": dt.date.fromisoformat(before["until"]) if before else None,
        "before_is_frozen": bool(before) and before["is_frozen"],
    }


# --- Pages --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """A period in the list of reviews."""

    period: ReportingPeriod
    state: str
    review: PeriodReview | None
    approved: ApprovedReview | None


def lines(user: User, *, today: dt.date) -> list[Line]:
    """Return the reviews that the reader sees; to the command also the periods that wait for one."""
    approved = {row.period_id: row for row in access.visible_reviews(user)}
    drafts = {row.period_id: row for row in access.visible_drafts(user)}
    wanted = tasks_access.visible_periods(user).filter(kind__in=REVIEWED)
    found = []
    for period in wanted.order_by("-data_to"):
        review, done = drafts.get(period.pk), approved.get(period.pk)
        if done or review or (access.may_see_drafts(user) and period.data_to < today):
            state = review.get_state_display() if review else ReviewState.APPROVED.label if done else ""
            found.append(Line(period, str(state), review, done))
    return found


@dataclass(frozen=True)
class Page:
    """Everything that tasks/period_review.html reads; `review`, the draft, is None outside the command."""

    period: ReportingPeriod
    review: PeriodReview | None
    approved: ApprovedReview | None
    sections: list[SectionRead]
    recipients: list[str]
    changes: list[Change]
    tabs: list["Tab"]
    is_intact: bool
    sees_sources: bool
    may_draft: bool
    refresh: StepForm | None
    freeze: StepForm | None
    address: RecipientsForm | None
    approve: StepForm | None
    give_back: GiveBackForm | None
    number: NumberForm | None

    @property
    def forms(self) -> list[forms.Form]:
        """The forms of the page, for what is wrong with them."""
        every = (self.refresh, self.freeze, self.address, self.approve, self.give_back, self.number)
        return [form for form in every if form is not None]


def page(
    period: ReportingPeriod,
    user: User,
    *,
    today: dt.date,
    refused: forms.Form | None = None,
    name: str = "",
) -> Page | None:
    """Put the page of a period's review together; None to who may not know of it yet."""
    review = access.visible_drafts(user).filter(period=period).first()
    approved = access.visible_reviews(user).filter(period=period).first()
    sees = access.may_see_drafts(user)
    if approved is None and not sees:
        return None
    content = approved.content if approved else period_reviews.written(review) if review else None
    offered = _offered(period, review, approved, user)
    if refused is not None:
        offered[name] = refused
    writes = access.may_prepare(user, period)
    return Page(
        period=period,
        review=review,
        approved=approved,
        sections=_sections(content, every=sees) if content else [],
        recipients=content["recipients"] if content else [],
        changes=period_reviews.changes(content["figures"], period) if content and sees else [],
        tabs=tabs(review) if review and review.is_draft and writes else [],
        is_intact=period_reviews.is_intact(approved) if approved else _is_intact(review),
        sees_sources=sees,
        may_draft=writes and review is None and period.is_reviewed and period.data_to < today,
        **{key: offered.get(key) for key in FORMS},  # type: ignore[arg-type]
    )


FORMS = ("refresh", "freeze", "address", "approve", "give_back", "number")


def _is_intact(review: PeriodReview | None) -> bool:
    return review is None or review.is_draft or period_reviews.is_intact(review)


def _offered(
    period: ReportingPeriod, review: PeriodReview | None, approved: ApprovedReview | None, user: User
) -> dict[str, forms.Form]:
    """The forms of the steps that the reader can take now."""
    if approved is not None:
        numbers = not approved.number and access.may_number(user, period)
        return {"number": NumberForm()} if numbers else {}
    if review is None:
        return {}
    if review.is_draft:
        if not access.may_prepare(user, period):
            return {}
        return {
            "refresh": StepForm(review=review),
            "freeze": StepForm(review=review),
            "address": RecipientsForm(review=review),
        }
    if not access.may_decide(user, period):
        return {}
    return {"approve": StepForm(review=review), "give_back": GiveBackForm(review=review)}


# --- One section -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tab:
    """One section in the navigation of the editor."""

    slug: str
    label: str
    url: str
    section: Section
    count: int = 0
    new: int = 0


def tabs(review: PeriodReview) -> list[Tab]:
    """Return the sections of a draft in the order of the paper. One query."""
    counts: dict[str, list[int]] = {}
    for section, is_new in review.paragraphs.values_list("section", "is_new"):
        seen = counts.setdefault(section, [0, 0])
        seen[0] += 1
        seen[1] += is_new
    return [
        Tab(
            section.value,
            title.partition(".")[0],
            reverse("reviews:section", args=[review.period_id, section.value]),
            section,
            *counts.get(section.value, (0, 0)),
        )
        for section, title in texts.numbered(review.period).items()
    ]


def find_tab(review: PeriodReview, slug: str) -> Tab | None:
    return next((tab for tab in tabs(review) if tab.slug == slug), None)


@dataclass(frozen=True)
class SectionPage:
    """Everything that tasks/period_review_section.html reads."""

    period: ReportingPeriod
    review: PeriodReview
    tabs: list[Tab]
    tab: Tab
    title: str
    form: SectionForm
    add_form: AddForm
    next_tab: Tab | None
    rows: list[tuple[Row, list[Link]]]


def section_form(review: PeriodReview, section: Section, data: Any = None) -> SectionForm:
    """Return the form of a section, as typed or as it stands."""
    rows: list[ReviewParagraph] = list(review.paragraphs.filter(section=section))
    return SectionForm(data, review=review, paragraphs=rows)


def section_page(
    review: PeriodReview, tab: Tab, *, form: SectionForm | None = None, add_form: AddForm | None = None
) -> SectionPage:
    """Put the page of a section together; `form` and `add_form` as they were sent."""
    every = tabs(review)
    place = [one.slug for one in every].index(tab.slug)
    later = every[place + 1] if place + 1 < len(every) else None
    form = form or section_form(review, tab.section)
    title = texts.numbered(review.period)[tab.section]
    rows = [(row, links(row.paragraph.sources, every=True)) for row in form.rows]
    return SectionPage(
        review.period, review, every, every[place], title, form, add_form or AddForm(), later, rows
    )
