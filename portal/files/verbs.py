"""What events about files are called."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb

VERBS = {
    "file.refused": Verb(_("was refused an upload"), Kind.SYSTEM),
    "file.recalled": Verb(_("recalled the file"), Kind.SYSTEM),
    "file.destroyed": Verb(_("destroyed the bytes of the recalled file"), Kind.SYSTEM),
    "file.swept": Verb(_("deleted files that nothing refers to"), Kind.SYSTEM),
}
DETAILS = {
    "size": Detail(_("size in bytes")),
    "record": Detail(_("record of the destruction")),
}
