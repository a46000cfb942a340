"""Keep the demonstration and the real portal apart.

The accounts of the demonstration share one printed password, and their one-time codes are shown on
the login page. So its database, its DATA_DIR and its certificate authority carry a mark, and the
portal refuses to start on the wrong one: DEMO=0 on marked data, DEMO=1 on data of real people.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from agreements import keys
from portal.operations.models import DemonstrationMark
from portal.users.models import User

FILE_NAME = "DEMO"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No two of them look alike: the password is read aloud."""


def mark_demonstration(*, at: dt.datetime) -> None:
    """Mark the database and DATA_DIR as a demonstration; again is harmless. Before the first user.

    With DEMO_PUBLIC=1 a password and a PIN of this database's own are drawn. The authority is marked
    when it is made.
    """
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.DATA_DIR / FILE_NAME).write_text("The data in this folder are a demonstration.\n")
    drawn = {"password": _draw_password(), "pin": _draw_pin()} if settings.DEMO_PUBLIC else {}
    DemonstrationMark.objects.get_or_create(pk=1, defaults={"made_at": at, **drawn})


def password_and_pin() -> tuple[str, str]:
    """Return what opens every account of the demonstration at hand, and what its signers sign with."""
    mark = DemonstrationMark.objects.first()
    return (
        (mark.password, mark.pin) if mark and mark.is_public else (settings.DEMO_PASSWORD, settings.DEMO_PIN)
    )


def _draw_password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _letter in range(5)) for _group in range(4))


def _draw_pin() -> str:
    """Return a PIN that the portal accepts: some, such as dates, it refuses."""
    while True:
        digits = f"{secrets.randbelow(10**8):08}"
        try:
            keys.check_pin(digits)
        except keys.PinTooWeak:
            continue
        return f"{digits[:4]}-{digits[4:]}"


def wrong_mode() -> str | None:
    """Return why DEMO does not fit the data at hand, in one line, or None when it does.

    A database that is away or not yet migrated is no reason: the portal starts, answers 503, heals.
    """
    if settings.DEBUG:
        return "DEBUG is on, which shows data to strangers; take it out of the settings."
    return _wrong_folder() or _wrong_database()


def _wrong_folder() -> str | None:
    if not settings.DEMO and (settings.DATA_DIR / FILE_NAME).exists():
        return f"{settings.DATA_DIR} belongs to a demonstration; set another DATA_DIR, or DEMO=1."
    folder = Path(settings.PKI_DIR)
    if not (folder / "root.pem").exists() or keys.is_demonstration(folder) == settings.DEMO:
        return None
    if settings.DEMO:
        return f"The authority in {folder} signs for real people; set another DATA_DIR, or DEMO=0."
    return f"The authority in {folder} belongs to a demonstration; set another DATA_DIR, or DEMO=1."


def _wrong_database() -> str | None:
    try:
        mark = DemonstrationMark.objects.first()
        has_people = User.objects.exists()
    except DatabaseError:
        return None
    if mark and not settings.DEMO:
        return "The database belongs to a demonstration; set another DATABASE_URL, or DEMO=1."
    if settings.DEMO and has_people and not mark:
        return "The database holds the accounts of real people; set another DATABASE_URL, or DEMO=0."
    if mark and has_people and mark.is_public != settings.DEMO_PUBLIC:
        given = "a password of its own" if mark.is_public else "the printed password"
        wanted = "set DEMO_PUBLIC=1" if mark.is_public else "leave DEMO_PUBLIC out"
        return (
            f"The demonstration in the database was made with {given}; {wanted}, or set another DATABASE_URL."
        )
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
