"""What the pages of extensions show: the panel of an assignment, one request, the register."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.lib.templatetags.portal_ui import vn_date
from portal.users.models import User
from tasks import access, extensions
from tasks.deadlines import AskedWhen
from tasks.extension_forms import ApproveForm, RefuseForm
from tasks.models import Assignment, ExtensionRequest
from tasks.states import EXTENDABLE_ASSIGNMENT, ProgrammeState


# --- On the page of an assignment ------------------------------------------------------------------
@dataclass(frozen=True)
class ExtensionPanel:
    """The requests that the reader sees; shown also while there is none to who may ask."""

    is_shown: bool
    rows: list[ExtensionRequest]
    may_ask: bool


def extension_panel(user: User, assignment: Assignment) -> ExtensionPanel:
    """Put the panel together; one query."""
    rows = list(access.visible_extensions(user).filter(assignment=assignment))
    is_open = extensions.is_askable(assignment) and not any(row.is_pending for row in rows)
    may_ask = is_open and access.may_ask_extension(user, assignment)
    return ExtensionPanel(bool(rows) or may_ask, rows, may_ask)


# --- One request --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class RequestPage:
    """Everything that tasks/extension.html reads."""

    row: ExtensionRequest
    assignment: Assignment
    others: list[ExtensionRequest]  # of the same assignment
    is_late: bool
    file_is_shown: bool
    may_withdraw: bool
    approve: ApproveForm | None
    refuse: RefuseForm | None


def request_page(row: ExtensionRequest, user: User, *, sent: dict[str, Any] | None = None) -> RequestPage:
    """Put the page together; `sent` are forms as they were sent and refused, by the step's name."""
    sent = sent or {}
    assignment = row.assignment
    runs = assignment.programme.state == ProgrammeState.IN_FORCE
    decides = (
        row.is_pending
        and runs
        and assignment.status in EXTENDABLE_ASSIGNMENT
        and access.may_decide_extension(user, row)
    )
    initial = {"granted_on": row.new_on}
    others = access.visible_extensions(user).filter(assignment=assignment).exclude(pk=row.pk)
    return RequestPage(
        row=row,
        assignment=assignment,
        others=list(others),
        is_late=row.asked_when != AskedWhen.IN_TIME,
        file_is_shown=_sees_file(user, row),
        may_withdraw=row.is_pending and runs and access.may_withdraw_extension(user, row),
        approve=sent.get("approve") or (ApproveForm(initial=initial) if decides else None),
        refuse=sent.get("refuse") or (RefuseForm() if decides else None),
    )


def _sees_file(user: User, row: ExtensionRequest) -> bool:
    """The file is evidence of the assignment: a deputy of the host reads its name alone."""
    return row.evidence is not None and access.visible_evidence(user).filter(pk=row.evidence.pk).exists()


# --- The register -------------------------------------------------------------------------------------
def table(rows: Iterable[ExtensionRequest]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the register as plain text, for a file."""
    headings = [
        *(_("No."), _("Code"), _("Assignment"), _("Lead agency"), _("Asked on"), _("When asked")),
        *(_("Original deadline"), _("Deadline until now"), _("Deadline asked for"), _("Adjusted deadline")),
        *(_("Reason"), _("State"), _("Decided on"), _("Decided by"), _("Reason of the decision")),
    ]
    return headings, [[str(number), *_line(row)] for number, row in enumerate(rows, 1)]


def _line(row: ExtensionRequest) -> Sequence[str]:
    days: list[dt.date | dt.datetime | None] = [row.signed_on, row.old_on, row.new_on, row.granted_on]
    return [
        row.assignment.code,
        row.assignment.title,
        row.agency.name,
        vn_date(row.requested_at),
        capfirst(row.get_asked_when_display()),
        *(vn_date(day) for day in days),
        row.reason,
        capfirst(row.get_state_display()),
        vn_date(row.decided_at),
        row.decided_by.get_full_name() if row.decided_by and not row.has_lapsed else "",
        row.decision_note,
    ]


WIDTHS = (5, 8, 45, 30, 12, 20, 12, 12, 12, 12, 45, 20, 12, 24, 40)
