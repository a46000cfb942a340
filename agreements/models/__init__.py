from agreements.models.certificates import Certificate, Credential
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest

__all__ = [
    "Certificate",
    "Credential",
    "Document",
    "Revision",
    "Signature",
    "SignatureField",
    "SigningRequest",
]
