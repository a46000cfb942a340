from agreements.models.amendments import Amendment, AmendmentChange, Ending
from agreements.models.authorisations import Authorisation
from agreements.models.authorities import AuthorityRevocation, CertificateAuthority, RevocationList
from agreements.models.briefings import BriefingList
from agreements.models.certificates import Certificate, CertificateRequest, Credential, Suspension
from agreements.models.conferences import (
    AgendaItem,
    Attendance,
    Conclusion,
    Conference,
    Contribution,
    InvitedAgency,
    MinutesPart,
)
from agreements.models.consultations import (
    Consultation,
    ConsultationAnswer,
    ConsultationComment,
    DraftVersion,
)
from agreements.models.documents import Document, Revision, Signature, SignatureField, SigningRequest
from agreements.models.elsewhere import Counterpart, PaperSignature, PreparedSignature
from agreements.models.external import ExternalCertificate
from agreements.models.inspections import Inspection
from agreements.models.marks import MarkPicture
from agreements.models.roots import ExternalList, ExternalRoot
from agreements.models.sealing import Seal, Timestamp

__all__ = [
    "AgendaItem",
    "Amendment",
    "AmendmentChange",
    "Attendance",
    "Authorisation",
    "AuthorityRevocation",
    "BriefingList",
    "Certificate",
    "CertificateAuthority",
    "CertificateRequest",
    "Conclusion",
    "Conference",
    "Consultation",
    "ConsultationAnswer",
    "ConsultationComment",
    "Contribution",
    "Counterpart",
    "Credential",
    "Document",
    "DraftVersion",
    "Ending",
    "ExternalCertificate",
    "ExternalList",
    "ExternalRoot",
    "Inspection",
    "InvitedAgency",
    "MarkPicture",
    "MinutesPart",
    "PaperSignature",
    "PreparedSignature",
    "Revision",
    "RevocationList",
    "Seal",
    "Signature",
    "SignatureField",
    "SigningRequest",
    "Suspension",
    "Timestamp",
]
