"""What the pages of cooperation show, worked out before the template."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.utils.translation import gettext as _

from portal.users.models import User
from tasks import cooperation_access, cooperations
from tasks.cooperation_forms import AskForm, RateForm, ReportForm, SendBackForm, StepForm
from tasks.models import Assignment, Cooperation, Coordination
from tasks.states import CooperationState
from tasks.views.stale_pages import Change

_S = CooperationState

FORMS: Mapping[str, type[StepForm]] = {
    "ask": AskForm,
    "report": ReportForm,
    "approve": StepForm,
    "send_back": SendBackForm,
    "rate": RateForm,
}


@dataclass(frozen=True)
class CooperationPage:
    """Everything that tasks/cooperation.html reads."""

    share: Coordination
    assignment: Assignment
    row: Cooperation | None
    shows_report: bool
    today: dt.date
    forms: dict[str, Form]
    refused: Form | None
    is_running: bool


def cooperation_page(
    share: Coordination, user: User, *, today: dt.date, refused: Mapping[str, Form]
) -> CooperationPage:
    """Put the page together; forms of the steps that the reader can take, the refused one as it was sent."""
    row = cooperation_access.visible_cooperations(user).filter(share=share).first()
    offered = _offered(share, row, user)
    return CooperationPage(
        share=share,
        assignment=share.assignment,
        row=row,
        shows_report=row is not None and cooperation_access.shows_report(user, row),
        today=today,
        forms={**offered, **refused},
        refused=next(iter(refused.values()), None),
        is_running=cooperations.is_running(share),
    )


def _offered(share: Coordination, row: Cooperation | None, user: User) -> dict[str, Form]:
    state = row.state if row else _S.ASKED
    names: list[str] = []
    if cooperations.is_running(share):
        if cooperation_access.may_ask(user, share) and state != _S.AWAITING_HEAD:
            names.append("ask")
        if cooperation_access.may_report(user, share) and state == _S.ASKED:
            names.append("report")
        if cooperation_access.may_approve(user, share) and state == _S.AWAITING_HEAD:
            names += ["approve", "send_back"]
    rates = cooperations.is_running(share, cooperations.RATED_ASSIGNMENT)
    if rates and row and row.is_delivered and cooperation_access.may_rate(user, share):
        names.append("rate")
    return {name: form_of(name, share, row, user) for name in names}


def form_of(name: str, share: Coordination, row: Cooperation | None, user: User, sent: Any = None) -> Form:
    """Return the form of a step: what stands there now and its version, with what was sent."""
    first: dict[str, Any] = {}
    if name == "ask" and row and row.request:
        first = {"request": row.request, "due_on": row.due_on}
    elif name == "ask":
        first = {"request": share.deliverable, "due_on": share.assignment.due_on}
    elif name == "report" and row:
        first = {"text": row.text, "nothing": row.says_nothing}
    elif name == "rate" and row:
        first = {"rating": row.rating, "note": row.rating_note}
    first["version"] = cooperations.version_of(row or Cooperation(share=share), user)
    return FORMS[name](sent, initial=first, auto_id=f"{name}_%s")


def besides(form: Form, row: Cooperation | None, user: User) -> list[Change]:
    """Return what stands there now that the form itself does not show, for who sent it from an older page."""
    if row is None:
        return []
    words = [(_("State"), row.get_state_display())]
    if "request" not in form.fields:
        words.append((_("What is asked"), row.request))
    if "text" not in form.fields and cooperation_access.shows_report(user, row):
        words.append((_("What was delivered"), row.text))
    return [Change(label, "", now) for label, now in words if now]


# --- On the page of an assignment ------------------------------------------------------------------
@dataclass(frozen=True)
class ShareLine:
    """A coordinating agency, and what the reader may know of its cooperation."""

    share: Coordination
    is_seen: bool
    cooperation: Cooperation | None
    is_late: bool


def share_lines(user: User, assignment: Assignment, today: dt.date) -> list[ShareLine]:
    """Return the coordinating agencies of an assignment in their order; one query, where there are any."""
    shares = list(assignment.coordinations.all())
    for share in shares:
        share.assignment = assignment
    seen = {share.pk for share in shares if cooperation_access.sees_share(user, share)}
    rows = cooperation_access.visible_cooperations(user).filter(share__in=seen) if seen else []
    found = {row.share_id: row for row in rows}
    return [
        ShareLine(
            share,
            share.pk in seen,
            found.get(share.pk),
            bool(share.pk in found and found[share.pk].is_late(today)),
        )
        for share in shares
    ]
