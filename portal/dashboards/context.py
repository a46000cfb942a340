"""Which doors of this layer stand open to the reader; asked by the navigation of every page."""

from typing import Any

from django.http import HttpRequest

from portal.dashboards import access
from tasks import access as tasks_access


def doors(request: HttpRequest) -> dict[str, Any]:
    """Context processor: whether the reader may open the audit trail, and has to do with reports."""
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "may_read_trail": signed_in and access.may_read_trail(user),
        "may_see_reports": signed_in and tasks_access.may_see_reports(user),
    }
