"""WHO may suspend the work on an assignment, and let it go on."""

from portal.users.models import User
from tasks import access
from tasks.models import Assignment


def may_suspend(user: User, assignment: Assignment) -> bool:
    """The host's commander: the deadline that agencies signed stands with the work."""
    return access.may_terminate(user, assignment.programme)
