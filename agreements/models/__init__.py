from agreements.models.authorisations import Authorisation
from agreements.models.certificates import Certificate, CertificateRequest, Credential
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest
from agreements.models.sealing import Seal, Timestamp

__all__ = [
    "Authorisation",
    "Certificate",
    "CertificateRequest",
    "Credential",
    "Document",
    "Revision",
    "Seal",
    "Signature",
    "SignatureField",
    "SigningRequest",
    "Timestamp",
]
