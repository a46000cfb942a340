"""What events about people, posts and agencies are called."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb

VERBS = {
    "agency.created": Verb(_("created the agency"), Kind.RECORDS),
    "user.created": Verb(_("created the account"), Kind.ACCOUNTS),
    "membership.created": Verb(_("gave the post"), Kind.ACCOUNTS),
}
DETAILS: dict[str, Detail] = {}
