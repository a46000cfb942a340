from agreements.models.authorities import CertificateAuthority, RevocationList
from agreements.models.certificates import Certificate, CertificateRequest, Credential, Suspension
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest

__all__ = [
    "Certificate",
    "CertificateAuthority",
    "CertificateRequest",
    "Credential",
    "Document",
    "Revision",
    "RevocationList",
    "Signature",
    "SignatureField",
    "SigningRequest",
    "Suspension",
]
