"""What events about notices are called."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb

VERBS = {"notices.planned": Verb(_("planned reminders"), Kind.SYSTEM)}
DETAILS = {"planner": Detail(_("planned by"))}
