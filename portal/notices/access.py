"""Who sees which notices and mails."""

from portal.notices.models import Mail, MailQuerySet, Notice, NoticeQuerySet
from portal.users.models import Role, User


def visible_notices(user: User) -> NoticeQuerySet:
    """One's own, without those that a newer one replaced."""
    return Notice.objects.filter(recipient_id=user.pk).shown()


def may_take_on(user: User, notice: Notice) -> bool:
    """Whoever it was told to."""
    return notice.recipient_id == user.pk


def may_send_again(user: User) -> bool:
    """See which mails were given up, and send them again: the administrator."""
    return user.role == Role.ADMINISTRATOR


def visible_mails(user: User) -> MailQuerySet:
    """Whether mails went out, for who may send them again; nobody reads there what they say."""
    rows = Mail.objects.select_related("recipient")
    return rows if may_send_again(user) else rows.none()


def undelivered(user: User) -> MailQuerySet:
    """Those that were given up."""
    return visible_mails(user).undelivered()


def may_foresee(user: User) -> bool:
    """See what is going to be sent to whom: those who run the programme, and the administrator."""
    return user.role in {Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.ADMINISTRATOR}


def may_foresee_texts(user: User) -> bool:
    """The administrator sees that something goes out, not what it says."""
    return may_foresee(user) and user.role != Role.ADMINISTRATOR


def may_read_mail(user: User, addresses: list[str]) -> bool:
    """Whether a mail of the demonstration is the reader's: addressed to them, or they administer."""
    if user.role == Role.ADMINISTRATOR:
        return True
    return bool(user.email) and user.email.lower() in {address.lower() for address in addresses}
