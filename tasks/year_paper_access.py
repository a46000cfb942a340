"""WHO reads the register of papers of a year, and who writes in it."""

from django.db.models import QuerySet

from portal.files import access as files_access
from portal.users.models import User
from tasks import access
from tasks.models import Programme, YearPaper


def visible_papers(user: User) -> QuerySet[YearPaper]:
    """Those of the programmes that the user reads: they are papers beside its text."""
    rows = YearPaper.objects.filter(programme__in=access.visible_programmes(user))
    return rows.select_related("programme__host", "file__recall__by", "entered_by")


def may_register(user: User, programme: Programme) -> bool:
    """Enter, amend and strike out: the programme officer and the records office of its host."""
    return user.agency_id == programme.host_id and user.role in access.NUMBERS


may_recall = files_access.may_recall
