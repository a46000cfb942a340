"""What the gate says: why a signed file is refused, and what its signer does next."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    # The file
    "empty": _("The file is empty. Choose the file that your signing program saved."),
    "too_large": _("The file is larger than 20 MB. Sign the file that you downloaded here, as it is."),
    "not_a_pdf": _("This is not a PDF file. Choose the PDF that your signing program saved."),
    "encrypted": _("The file has a password. Sign again and switch off protection in your signing program."),
    "unreadable": _("The file is damaged behind the document. Download the document anew and sign again."),
    "too_complex": _("The file is too complex to be checked. Sign again with a simpler visible signature."),
    "crashed": _("The file could not be checked. Download the document anew and sign again."),
    "not_on_head": _(
        "The file does not begin with the document's own bytes: your program saved it anew. Sign again with "
        "“incremental save”, or with another signing program."
    ),
    "other_document": _("This is another document. Download the one on this page and sign that."),
    "nothing_added": _("The file is the document as you downloaded it: it is not signed. Sign it first."),
    "revisions": _(
        "Something else was saved beside your signature. Download the document anew, sign it once and "
        "save nothing more."
    ),
    "trailer": _("The file's basic entries were changed. Sign again with another signing program."),
    "properties": _(
        "Title or other properties of the file were changed. Sign again and change nothing else."
    ),
    # What was changed
    "page": _("A page was changed. Download the document anew and sign it without changing it."),
    "annotation": _("A note, stamp or mark was put on a page. Sign in your agency's field only."),
    "script": _("The file holds a script or an action that the document does not have. It is not accepted."),
    "attachment": _("A file was attached, or the attached programme was changed. Sign without attachments."),
    "other_field": _("Another field of the form was changed. Sign in your agency's field only."),
    "field_added": _("A new signature field was added. Sign in the field that stands there for your agency."),
    "earlier_signature": _("The signature of another agency was changed. The file is not accepted."),
    "ltv": _(
        "Your program added validation data. Switch off “LTV” or “add revocation information” and sign again."
    ),
    "changed_object": _(
        "A part of the document was changed. Download it anew and sign it without changing it."
    ),
    "extra_object": _(
        "The file holds hidden parts that do not belong to the signature. Sign with another program."
    ),
    "field_moved": _("The box of the signature was moved or resized. Sign in the box as it stands."),
    "field_changed": _("The signature field was changed. Sign in the field as it stands."),
    "appearance": _(
        "The visible signature holds more than text and pictures. Choose a plain visible signature."
    ),
    # The signature
    "no_signature": _("The file was changed, but your agency's field is not signed. Sign in that field."),
    "wrong_field": _("The signature stands in another field. Sign in the field of your agency."),
    "signature_shape": _("This kind of signature is not accepted. Choose PAdES or PKCS#7 (detached)."),
    "locks": _("Your signature would keep the other agencies from signing. Switch off “lock” and “certify”."),
    "byte_range": _("The signature does not say which bytes it covers. Sign with another signing program."),
    "coverage": _("The signature does not cover the whole file. Sign again and save nothing afterwards."),
    "digest": _("The file was changed after it was signed. Download the document anew and sign again."),
    "value": _(
        "The signature does not fit its certificate. Sign again; if it recurs, have the token checked."
    ),
    "weak_digest": _(
        "The signature uses a digest older than SHA-256. Choose SHA-256 in your signing program."
    ),
    "weak_key": _(
        "The key is shorter than RSA 2048 or P-256. Ask your certificate's issuer for a new token."
    ),
    "timestamp": _("The time-stamp in the signature cannot be trusted. Sign again without a time-stamp."),
    # The certificate
    "certificate": _("The signature was made with another certificate than the one registered for you here."),
    "key_usage": _("This certificate is not meant for signing documents. Use your signing certificate."),
    "expired": _("The certificate is not valid at this time. Renew it, or set your computer's clock right."),
    "revoked": _("The certificate is revoked. Ask its issuer; you can sign with the portal's certificate."),
    "revocation_unknown": _(
        "Whether the certificate is revoked cannot be told: the portal has no current revocation list of its "
        "issuer. Tell the administrator and send the file again later."
    ),
    "untrusted": _("The portal does not know who issued this certificate. Tell the administrator."),
    "chain": _("The certificate's chain to its issuer does not hold. Tell the administrator."),
    "comparison": _("The comparison with the document found a change that is not allowed. Sign it anew."),
    "bottom_line": _(
        "The signature as a whole does not hold. Sign again; if it recurs, tell the administrator."
    ),
}


def words_of(code: str) -> str:
    """Return the sentence for a code of refusal."""
    return str(WORDS[code])
