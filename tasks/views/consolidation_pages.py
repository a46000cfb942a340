"""What the pages of a consolidated report show, worked out before the template."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.users.models import User
from tasks import access, consolidation_contents, consolidations
from tasks.consolidation_contents import Section, Shown
from tasks.consolidation_forms import FreezeForm, NumberForm, PartForm, StepForm
from tasks.consolidations import Part
from tasks.models import Consolidation, Report, ReportingPeriod
from tasks.paragraph_forms import AddForm

TASK = "task-"


@dataclass(frozen=True)
class Tab:
    """One part in the navigation of the editor."""

    slug: str
    label: str
    url: str
    part: Part
    count: int = 0
    new: int = 0


@dataclass(frozen=True)
class Page:
    """Everything that tasks/consolidation.html reads; `consolidation` is None before the first draft."""

    period: ReportingPeriod
    consolidation: Consolidation | None
    content: Mapping[str, Any]
    silent: list[Report]
    behind: list[Report]
    tabs: list[Tab]
    is_intact: bool
    may_draft: bool
    may_edit: bool
    refresh: StepForm | None
    freeze: FreezeForm | None
    number: NumberForm | None

    @property
    def steps(self) -> list[StepForm]:
        """The forms of the page, for what is wrong with them."""
        return [form for form in (self.refresh, self.freeze, self.number) if form is not None]


def page(
    period: ReportingPeriod,
    user: User,
    *,
    today: dt.date,
    refused: StepForm | None = None,
    name: str = "",
) -> Page:
    """Put the page of a period's consolidated report together; `refused` is a step's form as it was sent."""
    row = access.visible_consolidations(user).filter(period=period).first()
    writes = access.may_consolidate(user, period)
    if row is None:
        return _before(period, may_draft=writes and period.data_from <= today)
    reports = _reports(period, user)
    forms = {key: form for key, form in _offered(row, user).items() if form is not None}
    if refused is not None:
        forms[name] = refused
    is_draft = not row.is_frozen
    return Page(
        period=period,
        consolidation=row,
        content=consolidations.written(row, reports),
        silent=[report for report in reports if not report.is_sent] if is_draft else [],
        behind=consolidations.behind(row, reports) if is_draft else [],
        tabs=tabs(row) if is_draft and writes else [],
        is_intact=is_draft or consolidations.is_intact(row),
        may_draft=False,
        may_edit=is_draft and writes,
        **{key: forms.get(key) for key in ("refresh", "freeze", "number")},  # type: ignore[arg-type]
    )


def _before(period: ReportingPeriod, *, may_draft: bool) -> Page:
    """What a draft made now would say: the reports side by side."""
    found = consolidation_contents.gather(period)
    content = consolidation_contents.preview(found)
    return Page(period, None, content, found.silent, [], [], True, may_draft, False, None, None, None)


def _reports(period: ReportingPeriod, user: User) -> list[Report]:
    rows = access.visible_reports(user).filter(period=period)
    return list(rows.order_by("agency__protocol_order", "agency__code"))


def _offered(row: Consolidation, user: User) -> dict[str, StepForm | None]:
    """The forms of the steps that the reader can take now."""
    period, frozen = row.period, row.is_frozen
    freezes = not frozen and access.may_freeze_consolidation(user, period)
    numbers = frozen and not row.number and access.may_number_consolidation(user, period)
    gathers = not frozen and access.may_consolidate(user, period)
    return {
        "refresh": StepForm(consolidation=row) if gathers else None,
        "freeze": FreezeForm(consolidation=row) if freezes else None,
        "number": NumberForm(consolidation=row) if numbers else None,
    }


def find_tab(row: Consolidation, slug: str) -> Tab | None:
    return next((tab for tab in tabs(row) if tab.slug == slug), None)


# --- Parts -------------------------------------------------------------------------------------------
def tabs(row: Consolidation) -> list[Tab]:
    """Return the parts of a draft in the order of the paper. Two queries."""
    counts: dict[tuple[str, int | None], list[int]] = {}
    for section, task, is_new in row.paragraphs.values_list("section", "task_id", "is_new"):
        seen = counts.setdefault((section, task), [0, 0])
        seen[0] += 1
        seen[1] += is_new
    tasks = list(row.period.programme.priority_tasks.order_by("number"))
    found = []
    for section in Section:
        if section == Section.RESULTS:
            found += [
                _tab(row, f"{TASK}{task.number}", f"II.{task.number}", Part(section, task), counts)
                for task in tasks
            ]
        else:
            numeral = str(section.label).partition(".")[0]
            found.append(_tab(row, section.value, numeral, Part(section), counts))
    return found


def _tab(
    row: Consolidation,
    slug: str,
    label: str,
    part: Part,
    counts: Mapping[tuple[str, int | None], Sequence[int]],
) -> Tab:
    url = reverse("consolidations:part", args=[row.period_id, slug])
    count, new = counts.get((part.section.value, part.task.pk if part.task else None), (0, 0))
    return Tab(slug, label, url, part, count, new)


@dataclass(frozen=True)
class PartPage:
    """Everything that tasks/consolidation_part.html reads."""

    period: ReportingPeriod
    consolidation: Consolidation
    tabs: list[Tab]
    tab: Tab
    title: str
    form: PartForm
    add_form: AddForm
    next_tab: Tab | None


def part_form(row: Consolidation, part: Part, data: Any = None) -> PartForm:
    """Return the form of a part, as typed or as it stands."""
    paragraphs = row.paragraphs.filter(section=part.section, task=part.task)
    shown: list[Shown] = consolidations.shown(paragraphs)
    left_out = set(paragraphs.filter(is_left_out=True).values_list("pk", flat=True))
    return PartForm(data, consolidation=row, shown=shown, left_out=left_out)


def part_page(
    row: Consolidation, tab: Tab, *, form: PartForm | None = None, add_form: AddForm | None = None
) -> PartPage:
    """Put the page of a part together; `form` and `add_form` as they were sent."""
    every = tabs(row)
    task = tab.part.task
    title = f"II.{task.number}. {task.title}" if task else str(tab.part.section.label)
    place = [one.slug for one in every].index(tab.slug)
    later = every[place + 1] if place + 1 < len(every) else None
    form = form or part_form(row, tab.part)
    return PartPage(row.period, row, every, every[place], title, form, add_form or AddForm(), later)


def counted(count: int) -> str:
    """Say what gathering anew brought."""
    if not count:
        return _("The reports say nothing else than the draft.")
    return _("Paragraphs that are new or changed: %(count)s. They are marked.") % {"count": count}
