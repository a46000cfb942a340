"""What events of a hand-over are called."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb

VERBS = {
    "handover.made": Verb(_("handed the post over"), Kind.ACCOUNTS),
    "handover.undone": Verb(_("undid the hand-over"), Kind.ACCOUNTS),
}
DETAILS = {
    "predecessor": Detail(_("predecessor")),
    "successor": Detail(_("successor")),
    "left": Detail(_("post left elsewhere")),
}
