"""Keep the demonstration and the real portal apart.

The accounts of the demonstration share one printed password, and their one-time codes are shown on
the login page. So its database and its DATA_DIR carry a mark, and the portal refuses to start on
the wrong one: DEMO=0 on marked data, DEMO=1 on data of real people.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from portal.operations.models import DemonstrationMark
from portal.users.models import User

FILE_NAME = "DEMO"


def mark_demonstration(*, at: dt.datetime) -> None:
    """Mark the database and DATA_DIR as a demonstration; again is harmless. Before the first user."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    (settings.DATA_DIR / FILE_NAME).write_text("The data in this folder are a demonstration.\n")
    DemonstrationMark.objects.get_or_create(pk=1, defaults={"made_at": at})


def wrong_mode() -> str | None:
    """Return why DEMO does not fit the data at hand, in one line, or None when it does.

    A database that is away or not yet migrated is no reason: the portal starts, answers 503, heals.
    """
    if not settings.DEMO and (settings.DATA_DIR / FILE_NAME).exists():
        return f"{settings.DATA_DIR} belongs to a demonstration; set another DATA_DIR, or DEMO=1."
    try:
        is_marked = DemonstrationMark.objects.exists()
        has_people = User.objects.exists()
    except DatabaseError:
        return None
    if is_marked and not settings.DEMO:
        return "The database belongs to a demonstration; set another DATABASE_URL, or DEMO=1."
    if settings.DEMO and has_people and not is_marked:
        return "The database holds the accounts of real people; set another DATABASE_URL, or DEMO=0."
    return None


def refuse_wrong_mode(**_facts: Any) -> None:
    """Stop the process with one line when DEMO does not fit the data."""
    problem = wrong_mode()
    if problem:
        raise SystemExit(problem)


def check_mode(
    *, app_configs: object = None, databases: Sequence[str] | None = None, **_facts: Any
) -> list[checks.CheckMessage]:
    """System check of `migrate` and `check --database default`."""
    problem = wrong_mode() if databases else None
    return [checks.Error(problem, id="operations.E001")] if problem else []
