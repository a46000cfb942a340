from agreements.models.certificates import Certificate, CertificateRequest, Credential
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest

__all__ = [
    "Certificate",
    "CertificateRequest",
    "Credential",
    "Document",
    "Revision",
    "Signature",
    "SignatureField",
    "SigningRequest",
]
