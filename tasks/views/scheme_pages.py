"""What the pages of schemes show: the list, one of them by year, one milestone, the panel of a duty."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count, Min, Q
from django.forms import Form
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.lib.templatetags.portal_ui import vn_date
from portal.papers.tables import Cell
from portal.users.models import User
from tasks import milestone_lights, milestones, scheme_access, year_access
from tasks.milestone_lights import Line
from tasks.models import Assignment, Milestone, Scheme
from tasks.scheme_forms import (
    ChangeForm,
    DraftForm,
    EndForm,
    MilestoneForm,
    ReachedForm,
    StepForm,
    TieForm,
    WhyForm,
)
from tasks.states import PENDING_MILESTONE, MilestoneState, SchemeState
from tasks.views.stale_pages import Change

_S = MilestoneState
WIDTHS = [5, 40, 12, 12, 24, 30, 40, 12, 24, 14, 40, 40]


# --- The list ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ListPage:
    """Everything that tasks/schemes.html reads."""

    running: list[Scheme]
    ended: list[Scheme]
    kind: str
    kinds: list[tuple[str, Any]]
    may_keep: bool
    today: dt.date


def list_page(user: User, kind: str, *, today: dt.date) -> ListPage:
    kind = kind if kind in Scheme.Kind.values else ""
    rows = scheme_access.visible_schemes(user).annotate(
        planned=Count("milestones", filter=~Q(milestones__state=_S.DROPPED)),
        reached=Count("milestones", filter=Q(milestones__state=_S.REACHED)),
        overdue=Count("milestones", filter=Q(milestones__state=_S.OPEN, milestones__due_on__lt=today)),
        next_on=Min("milestones__due_on", filter=Q(milestones__state=_S.OPEN)),
    )
    found = list(rows.filter(kind=kind) if kind else rows)
    return ListPage(
        running=[row for row in found if row.state == SchemeState.RUNNING],
        ended=[row for row in found if row.state == SchemeState.ENDED],
        kind=kind,
        kinds=list(Scheme.Kind.choices),
        may_keep=scheme_access.may_keep(user),
        today=today,
    )


def table(user: User, today: dt.date) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of a workbook: a row for each milestone."""
    headings = [_("No."), _("Scheme"), _("Kind"), _("Years"), _("Approving document"), _("Lead agency")]
    headings += [
        _("Milestone"),
        _("To be reached by"),
        _("State"),
        _("Progress light"),
        _("Duties that carry it"),
    ]
    headings += [_("Result")]
    found = scheme_access.visible_milestones(user).order_by("scheme__year_from", "scheme", "due_on", "pk")
    lines = milestone_lights.lit(list(found), user, today)
    return headings, [[number, *_cells(line)] for number, line in enumerate(lines, 1)]


def _cells(line: Line) -> list[Cell]:
    row, scheme = line.row, line.row.scheme
    return [
        scheme.title,
        str(capfirst(scheme.get_kind_display())),
        f"{scheme.year_from}-{scheme.year_to}",
        f"{scheme.approval_number}, {vn_date(scheme.approved_on)}",
        scheme.lead.name,
        row.title,
        vn_date(row.due_on),
        str(capfirst(row.get_state_display())),
        str(capfirst(line.light.colour.label)) if line.light else "",
        "; ".join(f"{duty.programme.year}: {duty.code}" for duty in line.carriers),
        row.result if row.state in {_S.REPORTED, _S.REACHED} else "",
    ]


# --- One scheme -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class SchemePage:
    """Everything that tasks/scheme.html reads; milestones by the year in which they are due."""

    scheme: Scheme
    agencies: list[Agency]
    years: list[tuple[int, list[Line]]]
    reached: int
    planned: int
    may_keep: bool
    is_running: bool
    plan: MilestoneForm | None
    end: EndForm | None
    today: dt.date


def scheme_page(scheme: Scheme, user: User, *, today: dt.date, sent: Mapping[str, Any]) -> SchemePage:
    """Put the page together in a fixed number of queries; `sent` are refused forms by name."""
    rows = scheme_access.visible_milestones(user).filter(scheme=scheme)
    lines = milestone_lights.lit(list(rows), user, today)
    is_running, keeps = scheme.state == SchemeState.RUNNING, scheme_access.may_keep(user)
    may = is_running and keeps
    is_settled = all(not line.is_pending for line in lines)
    return SchemePage(
        scheme=scheme,
        agencies=list(scheme.coordinating.order_by("protocol_order", "name_sort_key")),
        years=[(year, list(found)) for year, found in groupby(lines, key=lambda line: line.row.due_on.year)],
        reached=sum(line.row.state == _S.REACHED for line in lines),
        planned=sum(line.row.state != _S.DROPPED for line in lines),
        may_keep=keeps,
        is_running=is_running,
        plan=sent.get("plan") or (MilestoneForm(auto_id="id_plan_%s") if may else None),
        end=sent.get("end") or (EndForm(auto_id="id_end_%s") if may and lines and is_settled else None),
        today=today,
    )


# --- One milestone ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class MilestonePage:
    """Everything that tasks/milestone.html reads. Forms are there for who may use them now."""

    row: Milestone
    line: Line
    forms: dict[str, Form]
    refused: Form | None
    may_keep: bool
    may_untie: bool
    today: dt.date


FORMS: dict[str, Any] = {
    "change": ChangeForm,
    "report": ReachedForm,
    "confirm": StepForm,
    "send_back": WhyForm,
    "drop": WhyForm,
}


def form_of(name: str, row: Milestone, user: User, sent: Any = None) -> Form:
    """Return the form of a step, as it was sent or with what stands there."""
    ids = f"id_{name}_%s"
    if name in {"tie", "untie"}:
        is_tie = name == "tie"
        rows = scheme_access.carriers(user, row.scheme) if is_tie else scheme_access.carrying(user, row)
        return TieForm(sent, auto_id=ids, assignments=rows)
    if name == "draft":
        return DraftForm(sent, auto_id=ids, programmes=year_access.texts(user))
    initial: dict[str, Any] = {"version": milestones.version_of(row)}
    if name == "change":
        initial |= {"title": row.title, "due_on": row.due_on}
    made: Form = FORMS[name](sent, auto_id=ids, initial=initial)
    return made


def besides(form: Form, row: Milestone) -> list[Change]:
    """Return what stands there now that the form does not show, for who sent it from an older page."""
    words = [
        (_("Milestone"), "" if "title" in form.fields else f"{row.title}, {vn_date(row.due_on)}"),
        (_("State"), row.get_state_display()),
        (_("Reached on"), vn_date(row.reached_on) if row.reached_on else ""),
        (_("Result: by what it is seen"), row.result),
        (_("Reason"), row.note),
    ]
    return [Change(label, "", now) for label, now in words if now]


def _offered(row: Milestone, user: User) -> list[str]:
    keeps, is_open = scheme_access.may_keep(user), row.state == _S.OPEN
    if row.scheme.state != SchemeState.RUNNING or row.state not in PENDING_MILESTONE:
        return []
    found = ["report"] if is_open and scheme_access.may_report(user, row) else []
    if keeps and not is_open:
        found += ["send_back"] if row.reported_by_id == user.pk else ["confirm", "send_back"]
    if keeps and is_open:
        found += ["tie", "draft", "change"]
    return [*found, "drop"] if keeps else found


def milestone_page(row: Milestone, user: User, *, today: dt.date, sent: Mapping[str, Form]) -> MilestonePage:
    """Put the page together; a form that was refused stays also when its step is no longer offered."""
    (line,) = milestone_lights.lit([row], user, today)
    keeps = scheme_access.may_keep(user)
    shown = {name: form_of(name, row, user) for name in _offered(row, user)} | dict(sent)
    return MilestonePage(
        row=row,
        line=line,
        forms=shown,
        refused=next(iter(sent.values()), None),
        may_keep=keeps,
        may_untie=keeps and row.state in PENDING_MILESTONE and row.scheme.state == SchemeState.RUNNING,
        today=today,
    )


# --- On the page of a duty --------------------------------------------------------------------------
def carried_by(user: User, assignment: Assignment) -> list[Milestone]:
    """Return the milestones that a duty carries, as far as the reader sees them."""
    if not scheme_access.may_see(user):
        return []
    return list(scheme_access.visible_milestones(user).filter(duties__assignment=assignment))
