from agreements.models.authorities import CertificateAuthority, RevocationList
from agreements.models.certificates import Certificate, CertificateRequest, Credential, Suspension
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest
from agreements.models.roots import ExternalList, ExternalRoot

__all__ = [
    "Certificate",
    "CertificateAuthority",
    "CertificateRequest",
    "Credential",
    "Document",
    "ExternalList",
    "ExternalRoot",
    "Revision",
    "RevocationList",
    "Signature",
    "SignatureField",
    "SigningRequest",
    "Suspension",
]
