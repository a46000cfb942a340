"""What events of setting the portal up are called."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb

VERBS = {"demo.loaded": Verb(_("loaded the demonstration"), Kind.SYSTEM)}
DETAILS = {
    "years": Detail(_("years")),
    "users": Detail(_("accounts")),
    "assignments": Detail(_("assignments")),
}
