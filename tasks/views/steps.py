"""The steps that a page offers: which action, which form, which button, for whom and when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks import access, assignments, paper_access, pause_access, pauses
from tasks.forms import ProgressForm, ReasonForm, ResultForm, StepForm
from tasks.models import Assignment
from tasks.states import WORKING_ASSIGNMENT, AssignmentStatus, ProgrammeState

_S = AssignmentStatus


def _as_sent(data: Mapping[str, Any]) -> dict[str, Any]:
    return dict(data)


def _as_result(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"actual": data["actual"], "result_text": data["text"], "version": data["version"]}


@dataclass(frozen=True)
class Step:
    """One step: `button` is the verb on it, `done` what is said afterwards."""

    act: Callable[..., None]
    form: type[StepForm]
    button: str | Promise
    done: str | Promise
    may: Callable[[User, Assignment], bool]
    statuses: frozenset[str]
    shown_as: str  # name of the form on the page; progress and result share one
    values: Callable[[Mapping[str, Any]], dict[str, Any]] = _as_sent


STEPS: Mapping[str, Step] = {
    "accept": Step(
        assignments.accept,
        StepForm,
        _("Accept"),
        _("Accepted. Report progress as the work goes on."),
        access.may_work,
        frozenset({_S.ASSIGNED}),
        "accept",
    ),
    "return_to_command": Step(
        assignments.return_to_command,
        ReasonForm,
        _("Return: wrong agency"),
        _("Returned to the command with your reason."),
        access.may_work,
        frozenset({_S.ASSIGNED}),
        "return_to_command",
    ),
    "report_progress": Step(
        assignments.report_progress,
        ProgressForm,
        _("Save progress"),
        _("Progress saved."),
        access.may_work,
        WORKING_ASSIGNMENT,
        "report_progress",
    ),
    "submit_to_head": Step(
        assignments.submit_to_head,
        ResultForm,
        _("Submit for approval"),
        _("The result was submitted."),
        access.may_work,
        WORKING_ASSIGNMENT,
        "report_progress",
        _as_result,
    ),
    "approve": Step(
        assignments.approve,
        StepForm,
        _("Approve and send"),
        _("Approved and sent to the command."),
        access.may_approve,
        frozenset({_S.AWAITING_HEAD}),
        "approve",
    ),
    "send_back": Step(
        assignments.send_back,
        ReasonForm,
        _("Send back"),
        _("Sent back to the focal point."),
        access.may_approve,
        frozenset({_S.AWAITING_HEAD}),
        "send_back",
    ),
    "confirm": Step(
        assignments.confirm,
        StepForm,
        _("Confirm completion"),
        _("Completion confirmed."),
        paper_access.may_confirm_result,
        frozenset({_S.SUBMITTED}),
        "confirm",
    ),
    "reject": Step(
        assignments.reject,
        ReasonForm,
        _("Reject, to be redone"),
        _("Rejected; the agency was told why."),
        access.may_confirm,
        frozenset({_S.SUBMITTED}),
        "reject",
    ),
    "assign_again": Step(
        assignments.assign_again,
        ReasonForm,
        _("Assign again"),
        _("Assigned to the lead agency again."),
        access.may_confirm,
        frozenset({_S.RETURNED}),
        "assign_again",
    ),
    "cancel": Step(
        assignments.cancel,
        ReasonForm,
        _("Cancel the assignment"),
        _("Cancelled; the agency was told why."),
        access.may_cancel,
        frozenset({_S.ASSIGNED, _S.RETURNED}),
        "cancel",
    ),
    "suspend": Step(
        pauses.suspend,
        ReasonForm,
        _("Suspend the work"),
        _("Suspended; the agency was told why."),
        pause_access.may_suspend,
        frozenset({_S.ASSIGNED, _S.ACCEPTED, _S.IN_PROGRESS}),
        "suspend",
    ),
    "resume": Step(
        pauses.resume,
        ReasonForm,
        _("Let the work go on"),
        _("The work goes on; its day moved by the days it stood."),
        pause_access.may_suspend,
        frozenset({_S.SUSPENDED}),
        "resume",
    ),
}


def make_form(name: str, assignment: Assignment, *args: Any, **kwargs: Any) -> StepForm:
    """Return the form of a step, bound when the sent data are given."""
    step = STEPS[name]
    return step.form(*args, name=step.shown_as, button=step.button, assignment=assignment, **kwargs)


def offered(user: User, assignment: Assignment) -> list[str]:
    """Return the names of the steps that the user can take now. One query for who may confirm it."""
    if assignment.programme.state != ProgrammeState.IN_FORCE:
        return []
    return [
        name
        for name, step in STEPS.items()
        if assignment.status in step.statuses and step.may(user, assignment)
    ]
