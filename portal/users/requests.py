"""The request as views behind sign-in get it."""

from django.http import HttpRequest

from portal.users.models import User


class SignedInRequest(HttpRequest):
    """SignedInMiddleware lets nobody else through; only for annotations."""

    user: User
