"""What events about documents, signatures and certificates are called."""

from django.utils.translation import gettext_lazy as _

from agreements.models import Signature
from portal.audit.verbs import Detail, Kind, Verb

_S = Kind.SIGNING

VERBS = {
    "document.frozen": Verb(_("froze the document"), _S),
    "document.opened": Verb(_("opened the signing round"), _S),
    "document.withdrawn": Verb(_("withdrew the document"), _S),
    "document.in_force": Verb(_("decided that the signed document is in force"), _S),
    "document.closed": Verb(_("closed the signing round"), _S),
    "document.issued": Verb(_("issued the document"), _S),
    "signature.added": Verb(_("signed"), _S),
    "signature.checked": Verb(_("checked the signature: good"), _S),
    "signature.check_failed": Verb(_("checked the signature: it does not hold"), _S),
    "certificate.requested": Verb(_("requested a signing certificate"), Kind.ACCOUNTS),
    "certificate.issued": Verb(_("released the signing certificate"), Kind.ACCOUNTS),
    "certificate.refused": Verb(_("refused the signing certificate"), Kind.ACCOUNTS),
    "certificate.withdrawn": Verb(_("withdrew the request for a signing certificate"), Kind.ACCOUNTS),
    "certificate.revoked": Verb(_("revoked the signing certificate"), Kind.ACCOUNTS),
    "authority.key_exported": Verb(_("exported the root's key"), Kind.ACCOUNTS),
    "authority.key_removed": Verb(_("took the root's key off the server"), Kind.ACCOUNTS),
    "authority.succeeded": Verb(_("made the next issuing authority"), Kind.ACCOUNTS),
    "root.proposed": Verb(_("proposed to trust an outside root"), Kind.ACCOUNTS),
    "root.enabled": Verb(_("enabled an outside root"), Kind.ACCOUNTS),
    "root.refused": Verb(_("refused an outside root"), Kind.ACCOUNTS),
    "root.disabled": Verb(_("disabled an outside root"), Kind.ACCOUNTS),
    "root.list_added": Verb(_("added a revocation list of an outside root"), Kind.ACCOUNTS),
    "revocation_list.issued": Verb(_("issued the revocation list"), _S),
    "certificate.suspended": Verb(_("suspended the signing certificate"), Kind.ACCOUNTS),
    "certificate.restored": Verb(_("lifted the suspension of the signing certificate"), Kind.ACCOUNTS),
    "credential.destroyed": Verb(_("destroyed a signing key"), Kind.ACCOUNTS),
    "credential.pin_changed": Verb(_("changed the signing PIN"), Kind.ACCOUNTS),
    "credential.pin_refused": Verb(_("gave a wrong signing PIN"), Kind.ACCOUNTS),
    "credential.locked": Verb(_("was locked out of signing"), Kind.ACCOUNTS),
}
DETAILS = {
    "closes_on": Detail(_("signing closes on")),
    "signed": Detail(_("agencies that have signed")),
    "parties": Detail(_("parties")),
    "number": Detail(_("number")),
    "issued_on": Detail(_("issued on")),
    "programme": Detail(_("programme")),
    "document": Detail(_("document")),
    "field": Detail(_("signature field")),
    "seq": Detail(_("revision")),
    "capacity": Detail(_("capacity"), dict(Signature.Capacity.choices)),
    "certificate": Detail(_("certificate")),
    "base_sha256": Detail(_("SHA-256 before")),
    "finding": Detail(_("finding"), {"good": _("it holds")}),
    "serial": Detail(_("serial number")),
    "not_after": Detail(_("valid until")),
    "failures": Detail(_("wrong attempts")),
    "fingerprint": Detail(_("fingerprint of the key")),
    "request": Detail(_("request")),
    "entries": Detail(_("entries")),
    "authority": Detail(_("certificate authority")),
    "owner": Detail(_("whose it is")),
    "root": Detail(_("root")),
    "issuing": Detail(_("issuing authority")),
    "until": Detail(_("until")),
}
