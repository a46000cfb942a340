"""The steps that the page of a report offers: which action, which form, for whom and when."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks import access, paper_access, reports
from tasks.models import Report
from tasks.report_forms import ReasonForm, ReopenForm, ReturnForm, StepForm
from tasks.states import SENT_REPORT, ProgrammeState, ReportState

_S = ReportState


@dataclass(frozen=True)
class Step:
    """One step: `button` is the verb on it, `done` what is said afterwards."""

    act: Callable[..., None]
    form: type[StepForm]
    button: str | Promise
    done: str | Promise
    may: Callable[[User, Report], bool]
    states: frozenset[str]


def _waits_for_another(user: User, report: Report) -> bool:
    """A writer who does not decide: to the head the report is given back with a reason."""
    return access.may_write_report(user, report) and not access.may_approve_report(user, report)


def _may_reopen(user: User, report: Report) -> bool:
    return report.period.is_locked and access.may_lock_period(user, report.period)


STEPS: Mapping[str, Step] = {
    "approve": Step(
        reports.approve,
        StepForm,
        _("Approve and send"),
        _("The report was sent to the command."),
        access.may_approve_report,
        frozenset({_S.AWAITING_HEAD}),
    ),
    "send_back": Step(
        reports.send_back,
        ReasonForm,
        _("Send back"),
        _("Sent back to the focal point."),
        access.may_approve_report,
        frozenset({_S.AWAITING_HEAD}),
    ),
    "take_back": Step(
        reports.take_back,
        StepForm,
        _("Take back and go on writing"),
        _("You may go on writing."),
        _waits_for_another,
        frozenset({_S.AWAITING_HEAD}),
    ),
    "accept": Step(
        reports.accept,
        StepForm,
        _("Accept the report"),
        _("The report was accepted."),
        paper_access.may_accept_report,
        frozenset({_S.SUBMITTED}),
    ),
    "return_to_agency": Step(
        reports.return_to_agency,
        ReturnForm,
        _("Return to be amended"),
        _("Returned; the agency was told."),
        access.may_decide_report,
        SENT_REPORT,
    ),
    "reopen": Step(
        reports.reopen,
        ReopenForm,
        _("Open the period for this agency"),
        _("The period is open for this agency."),
        _may_reopen,
        frozenset(_S),
    ),
}


def offered(user: User, report: Report, today: dt.date) -> dict[str, StepForm]:
    """Return the forms of the steps that the user can take now. One query for who may accept it."""
    if report.period.programme.state != ProgrammeState.IN_FORCE:
        return {}
    return {
        name: make_form(name, report)
        for name, step in STEPS.items()
        if report.state in step.states
        and step.may(user, report)
        and (name == "reopen" or report.is_open(today))
    }


def make_form(name: str, report: Report, data: Any = None) -> StepForm:
    step = STEPS[name]
    return step.form(data, name=name, button=step.button, report=report)
