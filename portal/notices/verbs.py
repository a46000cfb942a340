"""What events about notices are called."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb

VERBS = {
    "notices.planned": Verb(_("planned reminders"), Kind.SYSTEM),
    "notice.taken_on": Verb(_("took in hand what a reminder asked"), Kind.ASSIGNMENTS),
    "mail_preference.changed": Verb(_("chose when and of what to get mail"), Kind.ACCOUNTS),
    "calendar_link.made": Verb(_("made a link for the calendar of a phone"), Kind.ACCOUNTS),
    "calendar_link.withdrawn": Verb(_("took back a link for the calendar of a phone"), Kind.ACCOUNTS),
    "phone.confirmed": Verb(_("confirmed a telephone for what cannot wait"), Kind.ACCOUNTS),
    "phone.withdrawn": Verb(_("took back the telephone for what cannot wait"), Kind.ACCOUNTS),
    "mail.sent_again": Verb(_("sent a mail again that had been given up"), Kind.SYSTEM),
    "address.bounced": Verb(_("heard that an address takes no mail"), Kind.SYSTEM),
}
DETAILS = {
    "smtp_status": Detail(_("answer of the server")),
    "planner": Detail(_("planned by")),
    "hour": Detail(_("hour")),
    "unwanted": Detail(_("not by mail")),
}
