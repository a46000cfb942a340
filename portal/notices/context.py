"""The count on the bell."""

from django.http import HttpRequest

from portal.notices import access


def unread(request: HttpRequest) -> dict[str, int]:
    """Context processor: how many notices the reader has not opened."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {"unread_notices": access.visible_notices(user).unread().count()}
