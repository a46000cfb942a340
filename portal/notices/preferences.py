"""When and of what a person gets mail."""

import datetime as dt
from collections.abc import Collection

from portal.audit.events import record
from portal.lib.actions import action
from portal.notices import kinds
from portal.notices.kinds import Group
from portal.notices.models import MailPreference
from portal.users.models import User


def of(user: User) -> MailPreference:
    """Return what the person wants, the defaults when nothing was chosen."""
    return MailPreference.objects.filter(user=user).first() or MailPreference(user=user)


def optional_groups() -> list[Group]:
    """Groups of which some kind may be switched off."""
    return [group for group in Group if kinds.optional_codes([group])]


@action
def change(user: User, *, at: dt.datetime, hour: int, language: str, unwanted: Collection[str]) -> None:
    """Keep one's own choice: hour of the daily mail, its language, and the groups left to the portal.

    What cannot be switched off is mailed all the same.
    """
    kept = sorted(set(unwanted) & set(optional_groups()))
    row, _is_new = MailPreference.objects.update_or_create(
        user=user, defaults={"hour": hour, "language": language, "unwanted": kept}
    )
    payload = {"hour": hour, "language": language, "unwanted": kept}
    record("mail_preference.changed", row, by=user, at=at, payload=payload)
