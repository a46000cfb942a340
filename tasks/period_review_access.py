"""WHO reads interim and annual reviews, writes their drafts, decides on them, gives their number.

A draft is the command's: it names agencies and what they lack. The approved one is published: every party
of the programme and its viewers read it, and nobody reads more of the figures than it says.
"""

from django.db.models import QuerySet

from portal.users.models import COMMAND_ROLES, Role, User
from tasks import access
from tasks.models import ApprovedReview, PeriodReview, ReportingPeriod

may_number = access.may_number_consolidation


def may_read(user: User) -> bool:
    """Open the pages of reviews: whoever holds a post, but for administrators, who read no results."""
    return user.post is not None and user.role != Role.ADMINISTRATOR


def may_see_drafts(user: User) -> bool:
    """Drafts, and what has changed since: figures over all agencies, the command's."""
    return user.role in COMMAND_ROLES


def visible_drafts(user: User) -> QuerySet[PeriodReview]:
    rows = PeriodReview.objects.filter(period__programme__in=access.visible_programmes(user))
    rows = rows.select_related("period__programme__host", "saved_by", "frozen_by")
    return rows if may_see_drafts(user) else rows.none()


def visible_reviews(user: User) -> QuerySet[ApprovedReview]:
    """The approved ones of the programmes that the user sees."""
    rows = ApprovedReview.objects.filter(period__programme__in=access.visible_programmes(user))
    rows = rows.select_related("period__programme__host", "frozen_by", "approved_by")
    return rows if may_read(user) else rows.none()


def may_prepare(user: User, period: ReportingPeriod) -> bool:
    """Draft, edit, gather anew, freeze: the host's programme officer."""
    return user.agency_id == period.programme.host_id and user.role == Role.PROGRAMME_OFFICER


def may_decide(user: User, period: ReportingPeriod) -> bool:
    """Approve what was frozen, or give it back: the host's commander."""
    return user.agency_id == period.programme.host_id and user.role == Role.COMMANDER
