"""Which doors of this layer stand open to the reader; asked by the navigation of every page."""

from typing import Any

from django.http import HttpRequest

from portal.dashboards import access


def doors(request: HttpRequest) -> dict[str, Any]:
    """Context processor: whether the reader may open the audit trail."""
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {"may_read_trail": signed_in and access.may_read_trail(user)}
