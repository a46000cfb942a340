"""What a home says of changes of agencies: to whoever confirms them."""

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.dashboards.todos import Todo
from portal.users.models import User
from tasks import change_access
from tasks.models import ChangePlan
from tasks.states import PlanState


def rows(user: User) -> list[Todo]:
    """Return those that wait for another's confirmation, and those refused on their day; one query."""
    asked = Q(state=PlanState.PROPOSED) & ~Q(proposed_by=user)
    refused = Q(state=PlanState.CONFIRMED) & ~Q(refusal="")
    found = change_access.visible_plans(user).filter(asked | refused).order_by("effective_on", "pk")
    return [_confirm(plan) if plan.state == PlanState.PROPOSED else _mend(plan) for plan in found]


def _confirm(plan: ChangePlan) -> Todo:
    return Todo(
        what=_("Confirm the change of agencies: %(title)s") % {"title": plan},
        why=_("It takes effect on %(day)s; until it is confirmed nothing moves.")
        % {"day": f"{plan.effective_on:%d/%m/%Y}"},
        url=plan.get_absolute_url(),
        button=_("Read and confirm"),
    )


def _mend(plan: ChangePlan) -> Todo:
    return Todo(
        what=_("The change of agencies could not be carried out: %(title)s") % {"title": plan},
        why=plan.refusal,
        url=plan.get_absolute_url(),
        button=_("Open"),
    )
