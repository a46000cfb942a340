"""What the pages of assignments show, worked out before the template."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.lib.dates import local_day
from portal.lib.stages import Stage, stages
from portal.lib.templatetags.portal_ui import vn_date, vn_number
from portal.papers.tables import Cell
from portal.users.models import User
from tasks import access, acting, assignments
from tasks.citation_forms import ProductForm
from tasks.deadlines import Timeliness
from tasks.filters import AssignmentFilter
from tasks.forms import EvidenceForm, StepForm
from tasks.models import Assignment, Milestone, SendingGrant, YearPaper
from tasks.states import AssignmentStatus
from tasks.views import citation_panel
from tasks.views.citation_panel import CitationPanel
from tasks.views.comment_pages import CommentPanel, comment_panel
from tasks.views.cooperation_pages import ShareLine, share_lines
from tasks.views.evidence_panel import EvidencePanel, evidence_panel
from tasks.views.extension_pages import ExtensionPanel, extension_panel
from tasks.views.indicator_rows import Row, row_of
from tasks.views.light_panel import LightPanel, light_panel
from tasks.views.occurrence_panel import OccurrencePanel, occurrence_panel
from tasks.views.paper_panel import PaperPanel, from_paper, lead_panel
from tasks.views.scheme_pages import carried_by
from tasks.views.stale_pages import Change
from tasks.views.steps import STEPS, make_form, offered
from tasks.views.urging_panel import UrgingPanel, urging_panel
from tasks.views.year_pages import CarriedPanel, carried_panel
from tasks.views.year_paper_pages import papers_of

_S = AssignmentStatus


# --- The list ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tab:
    """A quick choice; `query` selects exactly the rows that `count` counts."""

    label: str
    count: int
    query: str
    is_current: bool


def tabs(chosen: AssignmentFilter) -> list[Tab]:
    """Count the usual choices of the chosen year in one query."""
    year, user = chosen.chosen["year"], chosen.user
    rows = chosen.queryset.none() if chosen.form.errors else chosen.by_year(chosen.queryset, "year", year)
    seen = Q(progress_visible=True)
    ours = Q(lead=user.agency_id)
    choices: list[tuple[str, dict[str, str], Q]] = [
        (_("All"), {}, Q()),
        (_("We lead"), {"part": "lead"}, ours),
        (_("Overdue"), {"standing": "overdue"}, seen & Q(standing=Timeliness.OVERDUE)),
        (_("Due soon"), {"standing": "due_soon"}, seen & Q(standing=Timeliness.DUE_SOON)),
        (_("Waiting for confirmation"), {"status": _S.SUBMITTED.value}, seen & Q(status=_S.SUBMITTED)),
    ]
    counts = rows.aggregate(
        **{f"n{place}": Count("pk", filter=q, distinct=True) for place, (_l, _c, q) in enumerate(choices)}
    )
    narrowed = {name: text for name, text in chosen.chosen.items() if text and name not in {"year", "sort"}}
    return [
        Tab(label, counts[f"n{place}"], f"?{urlencode({'year': year, **query})}", narrowed == query)
        for place, (label, query, _q) in enumerate(choices)
        if counts[f"n{place}"] or not query
    ]


def table(rows: list[Assignment]) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of the list for a workbook; what the reader may not see is empty."""
    headings = [_("No."), _("Code"), _("Assignment"), _("Lead agency"), _("Status"), _("Deadline")]
    headings += [_("Standing"), _("Plan"), _("Achieved"), _("Unit"), _("Progress light"), _("Why"), _("News")]
    headings += [_("Source document"), _("Product documents")]
    return headings, [[number, *_cells(row)] for number, row in enumerate(rows, 1)]


def _cells(row: Assignment) -> list[Cell]:
    seen, light = row.progress_visible, row.light  # type: ignore[attr-defined]  # listed and lit
    standing = Timeliness(row.standing)  # type: ignore[attr-defined]  # an annotation
    of_light = (light.word, light.reason, light.freshness) if light else ("", "", "")
    return [
        row.code,
        row.title,
        row.lead.name,
        str(capfirst(row.get_status_display())) if seen else "",
        vn_date(row.due_on) or str(row.get_cycle_display()),
        str(capfirst(standing.label)) if seen else "",
        row.target,
        row.actual if seen else "",
        row.unit,
        *(str(capfirst(words)) for words in of_light),
        citation_panel.cited(row.source) if hasattr(row, "source") else "",
        "; ".join(citation_panel.cited(paper) for paper in row.seen_products),  # type: ignore[attr-defined]  # with_products()
    ]


# --- One assignment -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Entry:
    """A line of the log, as components/history.html reads it."""

    at: dt.datetime
    who: str
    text: str
    quote: str
    key: bool


@dataclass(frozen=True)
class Line:
    """The year as a line: where the days lie, in percent of its width."""

    from_x: float
    due_x: float
    today_x: float
    from_on: dt.date
    due_on: dt.date
    done_x: float | None  # when the result was sent
    shows_today: bool

    @property
    def _until_x(self) -> float:
        return self.today_x if self.done_x is None else self.done_x

    @property
    def run_width(self) -> float:
        """Time used within the deadline."""
        return round(max(min(self._until_x, self.due_x) - self.from_x, 0), 2)

    @property
    def over_width(self) -> float:
        """Time used beyond it."""
        return round(max(self._until_x - self.due_x, 0), 2)

    @property
    def shows_from(self) -> bool:
        """Whether there is room for the first day beside the label of the deadline."""
        return self.due_x - self.from_x > 28

    @property
    def due_anchor(self) -> str:
        return _anchor(self.due_x)

    @property
    def today_anchor(self) -> str:
        return _anchor(self.today_x)


def _anchor(x: float) -> str:
    """Keep a label inside the line."""
    return "start" if x < 10 else "end" if x > 90 else "middle"


@dataclass(frozen=True)
class AssignmentPage:
    """Everything that tasks/detail.html reads."""

    assignment: Assignment
    today: dt.date
    shows_progress: bool
    shows_log: bool
    indicator: Row
    stages: list[Stage]
    line: Line | None
    log: list[Entry]
    forms: dict[str, StepForm]
    refused: StepForm | None
    has_moved_deadline: bool
    evidence: EvidencePanel
    sends: bool  # whether the button for the result sends it to the command
    extensions: ExtensionPanel
    urgings: UrgingPanel
    light: LightPanel
    comments: CommentPanel
    carried: CarriedPanel
    milestones: list[Milestone]
    papers: list[YearPaper]
    shares: list[ShareLine]
    citations: CitationPanel
    occurrences: OccurrencePanel
    paper: PaperPanel


def assignment_page(
    assignment: Assignment,
    user: User,
    *,
    today: dt.date,
    refused: StepForm | None,
    upload: EvidenceForm | None = None,
    product: ProductForm | None = None,
) -> AssignmentPage:
    """Put the page together. `assignment` comes from filters.listed() with its relations."""
    shows_progress = assignment.progress_visible  # type: ignore[attr-defined]  # an annotation
    shows_log = shows_progress and access.may_see_log(user, assignment)
    forms = _forms(user, assignment, refused)
    evidence = evidence_panel(user, assignment, upload)
    return AssignmentPage(
        assignment=assignment,
        today=today,
        shows_progress=shows_progress,
        shows_log=shows_log,
        indicator=row_of(assignment, today),
        stages=stages(WAY, _S.IN_PROGRESS if assignment.status == _S.REJECTED else assignment.status),
        line=_line(assignment, today) if shows_progress else None,
        log=_log(assignment, user) if shows_log else [],
        forms=forms,
        refused=refused,
        has_moved_deadline=assignment.due_on not in {None, assignment.deadline_on},
        evidence=evidence,
        sends="report_progress" in forms and _sends(user, assignment, today),
        extensions=extension_panel(user, assignment),
        urgings=urging_panel(user, assignment, today),
        light=light_panel(user, assignment, today),
        comments=comment_panel(user, assignment),
        carried=carried_panel(user, assignment),
        milestones=carried_by(user, assignment),
        papers=papers_of(user, assignment),
        shares=share_lines(user, assignment, today),
        citations=citation_panel.citation_panel(
            user,
            assignment,
            shows_log=shows_log,
            seen=[line.evidence for line in evidence.lines],
            sent=product,
        ),
        occurrences=occurrence_panel(user, assignment, today),
        paper=lead_panel(user, assignment, shows_log=shows_log),
    )


def _sends(user: User, assignment: Assignment, today: dt.date) -> bool:
    """Whether the result goes to the command at once: by the head's own hand, or by her leave."""
    return access.may_approve(user, assignment) or bool(access.sending_grant(user, assignment.lead_id, today))


WAY: dict[str, str | Promise] = {
    **{status: status.label for status in (_S.ASSIGNED, _S.ACCEPTED, _S.IN_PROGRESS)},
    _S.AWAITING_HEAD: gettext_lazy("head approves"),
    _S.SUBMITTED: gettext_lazy("command confirms"),
    _S.CONFIRMED: gettext_lazy("complete"),
}
"""The way of a result that meets no trouble."""


def _line(assignment: Assignment, today: dt.date) -> Line | None:
    """Lay the assignment on the line of its year; None for recurring ones.

    It tells when the result was sent, so it is drawn only for who sees progress.
    """
    if assignment.due_on is None:
        return None
    year = assignment.programme.year
    given_on = assignment.start_on or (
        local_day(assignment.programme.in_force_at)
        if assignment.programme.in_force_at
        else dt.date(year, 1, 1)
    )
    return Line(
        from_x=_x(given_on, year),
        due_x=_x(assignment.due_on, year),
        today_x=_x(today, year),
        from_on=given_on,
        due_on=assignment.due_on,
        done_x=_x(assignment.submitted_on, year) if assignment.submitted_on else None,
        shows_today=today.year == year,
    )


def _x(day: dt.date, year: int) -> float:
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    share = (min(max(day, first), last) - first).days / (last - first).days
    return round(100 * share, 2)


def _log(assignment: Assignment, user: User) -> list[Entry]:
    labels = dict(AssignmentStatus.choices)
    entries = []
    for row in access.visible_log(user, assignment):
        figures = _("%(status)s: %(actual)s %(unit)s, %(percent)s %%") % {
            "status": str(labels[row.status]).capitalize(),
            "actual": vn_number(row.actual),
            "unit": assignment.unit,
            "percent": row.progress_percent,
        }
        words = from_paper(row.paper, by_leave(row.grant, figures))
        who, is_key = acting.named(row.by, row.capacity), row.status != _S.IN_PROGRESS
        entries.append(Entry(row.at, who, words, row.text, is_key))
    return entries


def by_leave(grant: SendingGrant | None, words: str) -> str:
    """Add to a step of the history that a focal point took it by the head's leave."""
    if grant is None:
        return words
    return _("%(words)s, by the head's leave of %(day)s") % {
        "words": words,
        "day": vn_date(grant.granted_at),
    }


def _forms(user: User, assignment: Assignment, refused: StepForm | None) -> dict[str, StepForm]:
    """One form for each step the user can take; the refused one as it was sent."""
    initial = {
        "version": assignments.version_of(assignment),
        "actual": Decimal(f"{assignment.actual.normalize():f}"),  # 12 rather than 12,00
        "percent": assignment.progress_percent,
        "text": assignment.result_text,
    }
    forms = {
        STEPS[name].shown_as: make_form(name, assignment, initial=initial)
        for name in reversed(offered(user, assignment))
    }
    if refused is not None:  # also when the step is no longer offered: nothing typed is lost
        forms[refused.name] = refused
    return forms


def changes(form: StepForm, assignment: Assignment) -> list[Change]:
    """Return what was typed beside what stands there now, and the status."""
    now = {
        "actual": vn_number(assignment.actual),
        "percent": str(assignment.progress_percent),
        "text": assignment.result_text,
        "reason": assignment.decision_note,
    }
    rows = [
        Change(field.label or name, form.data.get(name, ""), now[name])
        for name, field in form.fields.items()
        if name in now
    ]
    return [*rows, Change(_("Status"), "", assignment.get_status_display())]
