from agreements.models.authorisations import Authorisation
from agreements.models.certificates import Certificate, CertificateRequest, Credential
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest

__all__ = [
    "Authorisation",
    "Certificate",
    "CertificateRequest",
    "Credential",
    "Document",
    "Revision",
    "Signature",
    "SignatureField",
    "SigningRequest",
]
