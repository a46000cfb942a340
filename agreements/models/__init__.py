from agreements.models.amendments import Amendment, AmendmentChange, Ending
from agreements.models.certificates import Certificate, CertificateRequest, Credential
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest
from agreements.models.inspections import Inspection

__all__ = [
    "Amendment",
    "AmendmentChange",
    "Certificate",
    "CertificateRequest",
    "Credential",
    "Document",
    "Ending",
    "Inspection",
    "Revision",
    "Signature",
    "SignatureField",
    "SigningRequest",
]
