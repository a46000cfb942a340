"""WHO may write the assignments of a programme, and read the sheets that were sent to be added."""

from django.db.models import QuerySet

from portal.users.models import COMMAND_ROLES, User
from tasks import access
from tasks.models import AssignmentImport, Programme


def may_draft(user: User, programme: Programme) -> bool:
    """Those who run the programme. The administrator keeps the same rows in the administration."""
    return access.may_settle(user, programme)


def may_see_past_draft(user: User) -> bool:
    """What an assignment said before its text was signed: who reads drafts."""
    return user.role in access.SEES_DRAFTS


def visible_imports(user: User) -> QuerySet[AssignmentImport]:
    """The command's: a draft is its work until it goes out."""
    rows = AssignmentImport.objects.filter(programme__in=access.visible_programmes(user))
    rows = rows.select_related("programme__host", "sent_by", "decided_by")
    return rows if user.role in COMMAND_ROLES else rows.none()
