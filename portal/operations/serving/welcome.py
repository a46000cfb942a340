"""What the operator reads when the portal answers."""

import os
import shlex
import textwrap
from collections import defaultdict

from django.conf import settings

from portal.operations import marks
from portal.operations.serving.checks import Address
from portal.users.models import Membership, Role

WIDTH = 100  # columns


def text(address: Address) -> str:
    """Return the address and, in the demonstration, how to sign in."""
    lines = ["", f"  {address.url}", ""]
    if settings.DEMO:
        lines += _accounts()
    return "\n".join([*lines, "Ctrl-C stops the portal.", ""])


def _accounts() -> list[str]:
    by_role: dict[str, list[str]] = defaultdict(list)
    posts = Membership.objects.filter(valid_to=None, user__is_active=True).order_by("user__username")
    for role, username in posts.values_list("role", "user__username"):
        by_role[role].append(username)
    lines = ["Accounts of the demonstration:"]
    for role in Role:
        names = ", ".join(by_role[role])
        head = f"  {role.label} ({role.value}): "
        lines += textwrap.wrap(head + names, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    return [
        *lines,
        "",
        "Password of all: {}   Signing PIN: {}".format(*marks.password_and_pin()),
        "One-time codes stand on the login and signing pages; in another terminal:",
        f"  {_given()} .venv/bin/python manage.py demo_code USERNAME",
        "",
    ]


def _given() -> str:
    """Return the variables that another terminal needs to speak of the same data."""
    names = ("DATA_DIR", "DATABASE_URL")
    return " ".join(
        ["DEMO=1", *(f"{name}={shlex.quote(os.environ[name])}" for name in names if os.environ.get(name))]
    )
