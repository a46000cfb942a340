"""WHO reads the ledger of shortcomings, and what agencies proposed; who writes in it and answers."""

from django.db.models import QuerySet

from portal.users.models import COMMAND_ROLES, User
from tasks import access
from tasks.models import Programme, Proposal, Shortcoming


def may_see_ledger(user: User) -> bool:
    """The command's: it names agencies and causes."""
    return user.role in COMMAND_ROLES


def visible_shortcomings(user: User) -> QuerySet[Shortcoming]:
    rows = Shortcoming.objects.select_related("programme__host", "agency", "report__period", "report__agency")
    return rows if may_see_ledger(user) else rows.none()


def may_write_ledger(user: User, programme: Programme) -> bool:
    """Note, answer and review: those who run the programme."""
    return access.may_settle(user, programme)


def may_see_review(user: User) -> bool:
    """Results of a year beside those of the year before: figures over all agencies."""
    return access.may_see_every_figure(user)


def visible_proposals(user: User) -> QuerySet[Proposal]:
    """One's own agency's; all of them for the command."""
    rows = Proposal.objects.filter(report__in=access.visible_reports(user))
    return rows.select_related(
        "report__period__programme__host", "agency", "assignment__programme", "decided_by"
    )


def may_answer_proposals(user: User, programme: Programme) -> bool:
    """Take them from the reports, and answer them: those who run the programme."""
    return access.may_settle(user, programme)
