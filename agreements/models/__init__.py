from agreements.models.amendments import Amendment, AmendmentChange, Ending
from agreements.models.authorisations import Authorisation
from agreements.models.certificates import Certificate, CertificateRequest, Credential
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest
from agreements.models.elsewhere import Counterpart, PaperSignature, PreparedSignature
from agreements.models.external import ExternalCertificate
from agreements.models.inspections import Inspection
from agreements.models.sealing import Seal, Timestamp

__all__ = [
    "Amendment",
    "AmendmentChange",
    "Authorisation",
    "Certificate",
    "CertificateRequest",
    "Counterpart",
    "Credential",
    "Document",
    "Ending",
    "ExternalCertificate",
    "Inspection",
    "PaperSignature",
    "PreparedSignature",
    "Revision",
    "Seal",
    "Signature",
    "SignatureField",
    "SigningRequest",
    "Timestamp",
]
