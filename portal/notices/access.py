"""Who sees which notices and mails."""

from portal.notices.models import Notice, NoticeQuerySet
from portal.users.models import Role, User


def visible_notices(user: User) -> NoticeQuerySet:
    """One's own, without those that a newer one replaced."""
    return Notice.objects.filter(recipient_id=user.pk).shown()


def may_read_mail(user: User, addresses: list[str]) -> bool:
    """Whether a mail of the demonstration is the reader's: addressed to them, or they administer."""
    if user.role == Role.ADMINISTRATOR:
        return True
    return bool(user.email) and user.email.lower() in {address.lower() for address in addresses}
