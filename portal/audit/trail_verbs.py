"""The verbs of the trail itself, and keys that details of several apps share."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb

VERBS = {
    "audit.found_bad": Verb(_("found that the audit trail does not hold"), Kind.SYSTEM),
    "backup.proven": Verb(_("restored a backup elsewhere and found it good"), Kind.SYSTEM),
    "audit.exported": Verb(_("exported the audit trail"), Kind.SYSTEM),
}
DETAILS = {
    "bad_seq": Detail(_("first bad event")),
    "reason": Detail(_("reason")),
    "taken_at": Detail(_("backup of")),
    "events": Detail(_("events in it")),
    "count": Detail(_("number of rows")),
    "year": Detail(_("year")),
    "sha256": Detail("SHA-256"),
    "format": Detail(_("format")),
    "filter": Detail(_("choice")),
}
