"""What the pages of changes of agencies show: a plan, what would move, and the points to decide."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements import access as agreements_access
from agreements.models import Certificate
from portal.agencies.models import Agency
from portal.dashboards.change_forms import ChoicesForm
from portal.lib.dates import local_day
from portal.lib.stages import Stage, stages
from portal.users.models import User
from tasks import access, change_access, change_checks, changes, takeovers
from tasks.models import ChangePlan, PlannedSuccessor, Programme, Takeover
from tasks.states import PlanState
from tasks.takeovers import Counts, Part, Person

WAY: dict[str, str | Promise] = {
    PlanState.DRAFT: _("Prepare"),
    PlanState.PROPOSED: _("Confirm"),
    PlanState.CONFIRMED: _("Wait for the day"),
    PlanState.CARRIED_OUT: _("Carried out"),
}


@dataclass(frozen=True)
class Line:
    """A row of the preview with its field, where there is something to choose."""

    row: Any
    field: forms.BoundField | None


@dataclass(frozen=True)
class Preview:
    """What would move, and what has to be decided first."""

    duties: list[Line]
    people: list[Line]
    counts: Counts
    gaps: list[str]
    frozen: list[Programme]
    certificates: list[Certificate]


@dataclass(frozen=True)
class ChangePage:
    """Everything that dashboards/change.html reads."""

    plan: ChangePlan
    stages: list[Stage]
    predecessors: list[Agency]
    ending: list[Agency]
    successors: list[PlannedSuccessor]
    taken: list[Takeover]
    preview: Preview | None
    form: ChoicesForm | None
    version: str
    may_prepare: bool
    may_confirm: bool
    may_take_back: bool
    sees_plans: bool


def change_page(plan: ChangePlan, user: User, *, at: dt.datetime, sent: Any = None) -> ChangePage:
    """Put the page together; `sent` are choices that could not be taken. A fixed number of queries."""
    is_draft = plan.state == PlanState.DRAFT
    may_prepare = change_access.may_prepare_changes(user)
    preview, form = None, None
    if plan.is_pending and change_access.may_see_plans(user):
        parts = takeovers.parts(plan)
        people = takeovers.people(plan, on=change_checks.day_of(plan, local_day(at)))
        if is_draft and may_prepare:
            form = choices_form(plan, parts, people, sent=sent)
        preview = _preview(plan, user, parts, people, form, today=local_day(at))
    return ChangePage(
        plan=plan,
        stages=stages(WAY, plan.state),
        predecessors=list(plan.predecessors.all()),
        ending=takeovers.ending(plan),
        successors=list(plan.successors.select_related("agency__parent").order_by("pk")),
        taken=_taken(plan, user),
        preview=preview,
        form=form,
        version=changes.version_of(plan),
        may_prepare=may_prepare and is_draft,
        may_confirm=plan.state == PlanState.PROPOSED and change_access.may_confirm_change(user, plan),
        may_take_back=plan.state in {PlanState.PROPOSED, PlanState.CONFIRMED}
        and change_access.may_confirm_changes(user),
        sees_plans=change_access.may_see_plans(user),
    )


def choices_form(
    plan: ChangePlan, parts: Sequence[Part], people: Sequence[Person], *, sent: Any = None
) -> ChoicesForm:
    initial = {"version": changes.version_of(plan)}
    return ChoicesForm(sent, parts=parts, people=people, initial=initial)


def form_of(plan: ChangePlan, sent: Any, *, at: dt.datetime) -> ChoicesForm:
    """Return the form of choices as it was sent."""
    people = takeovers.people(plan, on=change_checks.day_of(plan, local_day(at)))
    return choices_form(plan, takeovers.parts(plan), people, sent=sent)


def _preview(
    plan: ChangePlan,
    user: User,
    parts: Sequence[Part],
    people: Sequence[Person],
    form: ChoicesForm | None,
    *,
    today: dt.date,
) -> Preview:
    def field(key: str) -> forms.BoundField | None:
        return form[key] if form and key in form.fields else None

    certificates = agreements_access.visible_certificates(user).filter(
        agency__in=takeovers.ending(plan), revoked_at=None
    )
    return Preview(
        duties=[Line(part, field(part.key)) for part in parts],
        people=[Line(person, field(person.key)) for person in people],
        counts=takeovers.counts(plan),
        gaps=change_checks.gaps(plan, parts, people, today=today),
        frozen=takeovers.frozen(plan),
        certificates=list(certificates.order_by("agency__protocol_order", "common_name")),
    )


def _taken(plan: ChangePlan, user: User) -> list[Takeover]:
    """What passed on, as far as the reader sees the assignments: a draft is not everybody's."""
    if plan.state != PlanState.CARRIED_OUT:
        return []
    rows = plan.takeovers.filter(at__isnull=False, assignment__in=access.visible_assignments(user))
    return list(rows.select_related("assignment__programme", "predecessor", "successor"))
