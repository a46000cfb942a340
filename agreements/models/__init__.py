from agreements.models.certificates import Certificate, CertificateRequest, Credential
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest
from agreements.models.inspections import Inspection

__all__ = [
    "Certificate",
    "CertificateRequest",
    "Credential",
    "Document",
    "Inspection",
    "Revision",
    "Signature",
    "SignatureField",
    "SigningRequest",
]
