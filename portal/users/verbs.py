"""What events about people, posts and agencies are called."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb
from portal.users.factors import NAMES
from portal.users.models import Role
from portal.users.records import Invitation

_A = Kind.ACCOUNTS

VERBS = {
    "agency.created": Verb(_("created the agency"), Kind.RECORDS),
    "user.created": Verb(_("created the account"), _A),
    "membership.created": Verb(_("gave the post"), _A),
    "membership.moved": Verb(_("moved the post to the successor"), _A),
    "user.added": Verb(_("added the person"), Kind.RECORDS),
    "membership.added": Verb(_("gave a post"), Kind.RECORDS),
    "invitation.sent": Verb(_("sent an invitation"), _A),
    "invitation.revoked": Verb(_("revoked the invitation"), _A),
    "invitation.used": Verb(_("activated the account"), _A),
    "recovery.opened": Verb(_("opened a recovery of a lost second factor"), _A),
    "recovery.approved": Verb(_("approved the recovery"), _A),
    "recovery.shown": Verb(_("let the recovery's code be shown"), _A),
    "recovery.used": Verb(_("signed in with the recovery's code"), _A),
    "recovery.cancelled": Verb(_("cancelled the recovery"), _A),
    "factor.added": Verb(_("added a second factor"), _A),
    "factor.removed": Verb(_("removed a second factor"), _A),
    "password.changed": Verb(_("changed the password"), _A),
    "identity.bound": Verb(_("bound the account to the province's identity provider"), _A),
    "identity.unbound": Verb(_("unbound the account from the province's identity provider"), _A),
    "session.ended": Verb(_("ended sign-ins"), _A),
    "step_up.granted": Verb(_("confirmed who they are"), _A),
    "step_up.refused": Verb(_("failed to confirm who they are"), _A),
}
DETAILS = {
    "username": Detail(_("username")),
    "role": Detail(_("role"), dict(Role.choices)),
    "from": Detail(_("from")),
    "way": Detail(_("way"), dict(Invitation.Way.choices)),
    "user": Detail(_("account")),
    "kind": Detail(_("kind of factor"), {kind: _(name) for kind, name in NAMES.items()}),
    "purpose": Detail(_("purpose")),
    "path": Detail(_("page")),
    "knowledge": Detail(_("asked for")),
    "factor": Detail(_("factor")),
    "why": Detail(_("why")),
    "binding": Detail(_("binding")),
}
