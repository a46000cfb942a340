from agreements.models.certificates import Certificate, CertificateRequest, Credential
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest
from agreements.models.elsewhere import Counterpart, PaperSignature, PreparedSignature
from agreements.models.external import ExternalCertificate

__all__ = [
    "Certificate",
    "CertificateRequest",
    "Counterpart",
    "Credential",
    "Document",
    "ExternalCertificate",
    "PaperSignature",
    "PreparedSignature",
    "Revision",
    "Signature",
    "SignatureField",
    "SigningRequest",
]
