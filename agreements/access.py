"""WHO may see and do what with documents and signatures."""

import datetime as dt

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from agreements.models import (
    Amendment,
    Authorisation,
    Certificate,
    CertificateAuthority,
    CertificateRequest,
    Counterpart,
    Credential,
    Document,
    ExternalCertificate,
    Inspection,
    MarkPicture,
    PaperSignature,
    Signature,
    SignatureField,
    Suspension,
)
from agreements.states import SHOWN_DOCUMENT, DocumentState, PaperState
from portal.users.models import COMMAND_ROLES, HEAD_ROLES, Role, User
from tasks import access as tasks_access
from tasks.models import Programme

SIGNER_ROLES = HEAD_ROLES | {Role.DEPUTY_HEAD}

KEEPER_ROLES = HEAD_ROLES | {Role.RECORDS_CLERK}
"""Posts that keep what is the agency's and no person's: its seal, and the key of its own signature."""

RELEASE_ROLES = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER})
"""Posts that compare a new key's fingerprint with its owner; never the administrator, never one's own."""


def visible_documents(user: User) -> QuerySet[Document]:
    """Documents whose programme the user sees, with it; before the round opens, the command's only."""
    documents = Document.objects.filter(programme__in=tasks_access.visible_programmes(user))
    documents = documents.select_related("programme", "programme__host")
    if user.role in COMMAND_ROLES:
        return documents
    return documents.filter(state__in=SHOWN_DOCUMENT)


def visible_signatures(user: User) -> QuerySet[Signature]:
    """The signatures of every document that the user sees."""
    return Signature.objects.filter(document__in=visible_documents(user).order_by())


def withdrawn_documents(user: User) -> QuerySet[Document]:
    """Documents taken back before the user's agency signed, also while their programme is hidden again."""
    if user.role not in SIGNER_ROLES:
        return Document.objects.none()
    return Document.objects.filter(state=DocumentState.TERMINATED, fields__agency=user.agency_id)


def may_run_round(user: User, document: Document) -> bool:
    """Open, close or withdraw: whoever froze the text."""
    return tasks_access.may_freeze(user, document.programme)


def may_sign(user: User, document: Document) -> bool:
    """Head, deputy, or by a paper, of a party. Whether it can be signed just now is a rule, not a right."""
    if user.agency_id is None or not may_hold_certificate(user):
        return False
    return document.parties.filter(agency=user.agency_id).exists()


def may_sign_for_agency(user: User, document: Document) -> bool:
    """Set the agency's own signature: who keeps its key, of a party, where the document asks for it."""
    if not (document.agency_marks and may_keep_agency_key(user)):
        return False
    return document.parties.filter(agency=user.agency_id).exists()


def may_answer(user: User, field: SignatureField, *, today: dt.date) -> bool:
    """Decline, or hand over to a deputy: the head of the party, or who acts as its head (Q.)."""
    if user.agency_id != field.agency_id:
        return False
    return user.role in HEAD_ROLES or _acts_as_head(user, field, today)


def _acts_as_head(user: User, field: SignatureField, today: dt.date) -> bool:
    papers = Authorisation.objects.usable_on(today).covering(field.document.programme_id)
    acting = papers.filter(person=user, agency=field.agency_id, capacity=Authorisation.Capacity.Q)
    return acting.exists()


def may_decide_round(user: User, document: Document) -> bool:
    """End a round, or go on without who refused: the commander of the host."""
    return tasks_access.may_bring_into_force(user, document.programme)


def may_withdraw(user: User, document: Document) -> bool:
    """Whoever runs the round; once somebody has signed, the commander."""
    return may_decide_round(user, document) if is_signed(document) else may_run_round(user, document)


def is_signed(document: Document) -> bool:
    """Whether somebody has signed, in the file or on paper."""
    papers = document.paper_signatures.filter(state=PaperState.CONFIRMED)
    return document.signatures.exists() or papers.exists()


def may_see_board(user: User, document: Document) -> bool:
    """The command and the parties; viewers read the document's page."""
    return user.role in COMMAND_ROLES or document.fields.filter(agency=user.agency_id).exists()


def visible_authorisations(user: User) -> QuerySet[Authorisation]:
    """All for who runs rounds; those of the own agency for its heads; one's own for the others."""
    rows = Authorisation.objects.select_related(
        "agency", "person", "programme", "recorded_by", "file__recall"
    )
    if user.role in RELEASE_ROLES:
        return rows
    own = rows.filter(agency=user.agency_id)
    return own if user.role in SIGNER_ROLES else own.filter(person=user)


def may_see_authorisations(user: User) -> bool:
    return user.role in SIGNER_ROLES | RELEASE_ROLES


def heads(user: User) -> bool:
    return user.role in HEAD_ROLES


def may_record_authorisation(user: User) -> bool:
    """Somebody's; may_authorise() says whose."""
    return user.role in HEAD_ROLES | RELEASE_ROLES


def may_authorise(user: User, person: User, capacity: str) -> bool:
    """The head, people of her agency; the command, who acts for a head that is missing (Q.)."""
    if user.pk == person.pk:
        return False
    if user.role in HEAD_ROLES and user.agency_id == person.agency_id:
        return True
    return user.role in RELEASE_ROLES and capacity == Authorisation.Capacity.Q


def may_revoke_authorisation(user: User, authorisation: Authorisation) -> bool:
    """The head of the agency; the command what it may record."""
    if user.role in HEAD_ROLES and user.agency_id == authorisation.agency_id:
        return True
    return user.role in RELEASE_ROLES and authorisation.capacity == Authorisation.Capacity.Q


def may_issue(user: User, document: Document) -> bool:
    """The records office of the host gives number and date, after signature (Decree 30/2020, art. 15)."""
    return user.agency_id == document.programme.host_id and user.role == Role.RECORDS_CLERK


def may_amend(user: User, programme: Programme) -> bool:
    """Propose and freeze changes of what was signed: whoever froze the text."""
    return tasks_access.may_freeze(user, programme)


def visible_amendments(user: User) -> QuerySet[Amendment]:
    """Proposals are the command's; what is frozen of them is a document as others."""
    if user.role not in COMMAND_ROLES:
        return Amendment.objects.none()
    amendments = Amendment.objects.filter(programme__in=tasks_access.visible_programmes(user))
    return amendments.select_related("programme", "programme__host", "programme__co_host", "document")


def may_end(user: User, document: Document) -> bool:
    """Supersede or terminate an issued document: the commander of the host."""
    return tasks_access.may_terminate(user, document.programme)


def may_see_register(user: User) -> bool:
    """The register of numbers is the host's: its records office and who runs the programme."""
    return user.role in COMMAND_ROLES


def may_have_evidence(user: User, document: Document) -> bool:
    """The evidence sheet: the command, and every post of a party; viewers and administrators not."""
    if user.role in COMMAND_ROLES:
        return True
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR}:
        return False
    return document.fields.filter(agency=user.agency_id).exists()


def sees_all_evidence(user: User, document: Document) -> bool:
    """Whom the portal told, who has read it, and from which address: of other agencies, the command only."""
    return user.role in COMMAND_ROLES


def may_see_drifts(user: User, document: Document) -> bool:
    """Whether the records still say what was signed is for who keeps them: the command."""
    return user.role in COMMAND_ROLES


def documents_to_sign(user: User, *, today: dt.date) -> QuerySet[Document]:
    """Open documents with an empty field of the user's agency, for its head and deputies, or by a paper."""
    documents = documents_without(user, user.agency_id)
    if user.role in SIGNER_ROLES:
        return documents
    papers = Authorisation.objects.usable_on(today).filter(
        Q(programme=None) | Q(programme=OuterRef("programme")), person=user, agency=user.agency_id
    )
    return documents.filter(Exists(papers))


def documents_to_sign_for_agency(user: User) -> QuerySet[Document]:
    """Open documents that the head has signed and the agency itself has not, for who keeps its key."""
    if not may_keep_agency_key(user):
        return Document.objects.none()
    empty = unsigned_fields().filter(agency=user.agency_id, after__signature__isnull=False)
    return visible_documents(user).filter(state=DocumentState.SIGNING, pk__in=empty.values("document"))


def documents_without(user: User, agency_id: int | None) -> QuerySet[Document]:
    """Open documents that the user sees, with an unsigned field of this agency's head that is on turn."""
    empty = unsigned_fields().filter(
        agency=agency_id, after=None, declined_at=None, wave__lte=F("document__wave")
    )
    return visible_documents(user).filter(state=DocumentState.SIGNING, pk__in=empty.values("document"))


def unsigned_fields() -> QuerySet[SignatureField]:
    """Fields with no signature, neither in the file nor confirmed on paper.

    Heads' and agencies' alike. A scan shows the seal, too: it stands for both.
    """
    own = Q(field=OuterRef("pk")) | Q(field=OuterRef("after"))
    on_paper = PaperSignature.objects.filter(own, state=PaperState.CONFIRMED)
    return SignatureField.objects.filter(~Exists(on_paper), signature=None)


def visible_credentials(user: User) -> QuerySet[Credential]:
    """One's own keys, sealed; nobody else's, whatever the post."""
    return Credential.objects.filter(certificate__user=user).select_related("certificate")


def may_hold_certificate(user: User) -> bool:
    """Heads, deputies, and who has a paper on file that was not revoked."""
    if user.role in SIGNER_ROLES:
        return True
    papers = Authorisation.objects.filter(person=user, agency=user.agency_id, revoked_at=None)
    return user.agency_id is not None and papers.exists()


def own_marks(user: User) -> QuerySet[MarkPicture]:
    """The pictures of one's own handwriting and of one's agency's seal, those that ended too."""
    rows = MarkPicture.objects.select_related("agency", "person", "provided_by", "file__recall")
    seal = Q(kind=MarkPicture.Kind.SEAL, agency=user.agency_id)
    return rows.filter(Q(person=user) | seal) if user.agency_id else rows.none()


def visible_marks(user: User) -> QuerySet[MarkPicture]:
    """For who signs or keeps the seal: a picture of a seal is nobody else's to have."""
    return own_marks(user) if may_see_marks(user) else MarkPicture.objects.none()


def may_see_marks(user: User) -> bool:
    return may_hold_certificate(user) or may_give_seal(user)


def may_give_seal(user: User) -> bool:
    """Who keeps the seal: the head of the agency, or its records office."""
    return user.agency_id is not None and user.role in KEEPER_ROLES


def may_keep_agency_key(user: User) -> bool:
    """Who keeps the seal: the key of the agency's own signature is its seal in numbers."""
    return may_give_seal(user)


def may_withdraw_mark(user: User, mark: MarkPicture) -> bool:
    """One's own handwriting; the seal, who keeps it."""
    if mark.kind == MarkPicture.Kind.SEAL:
        return may_give_seal(user) and user.agency_id == mark.agency_id
    return user.pk == mark.person_id


def may_see_requests(user: User) -> bool:
    return user.role in RELEASE_ROLES


def visible_requests(user: User) -> QuerySet[CertificateRequest]:
    """Every request for those who release, one's own for the others."""
    requests = CertificateRequest.objects.select_related("user", "agency", "decided_by")
    return requests if may_see_requests(user) else requests.filter(user=user)


def visible_certificates(user: User) -> QuerySet[Certificate]:
    certificates = Certificate.objects.select_related("user", "agency")
    return certificates if may_see_requests(user) else certificates.filter(user=user)


def visible_authorities() -> QuerySet[CertificateAuthority]:
    """All of them, for the whole world: who verifies must be able to compare."""
    return CertificateAuthority.objects.all()


def may_release(user: User, asked: CertificateRequest | ExternalCertificate) -> bool:
    """Release or refuse: a command post, for somebody else's key or token."""
    return user.role in RELEASE_ROLES and user.pk != asked.user_id


def may_withdraw_request(user: User, request: CertificateRequest) -> bool:
    return user.pk == request.user_id


def visible_external_certificates(user: User) -> QuerySet[ExternalCertificate]:
    """Every certificate on a token for those who release, one's own for the others."""
    certificates = ExternalCertificate.objects.select_related("user", "agency", "decided_by")
    return certificates if may_see_requests(user) else certificates.filter(user=user)


def visible_counterparts(user: User) -> QuerySet[Counterpart]:
    """Files signed on an older state: of one's own agency; for the command all."""
    counterparts = Counterpart.objects.filter(document__in=visible_documents(user).order_by())
    counterparts = counterparts.select_related("field", "signer", "file")
    return counterparts if user.role in COMMAND_ROLES else counterparts.filter(field__agency=user.agency_id)


VOUCH_ROLES = frozenset({Role.PROGRAMME_OFFICER, Role.RECORDS_CLERK})


def may_vouch(user: User, document: Document) -> bool:
    """Upload the scan of a signature on paper: officer or records office of the host."""
    return user.role in VOUCH_ROLES and user.agency_id == document.programme.host_id


def may_confirm_paper(user: User, paper: PaperSignature) -> bool:
    """Confirm or refuse it: officer, records office or commander of the host, but who vouched for it."""
    return (
        user.role in VOUCH_ROLES | {Role.COMMANDER}
        and user.agency_id == paper.document.programme.host_id
        and user.pk != paper.vouched_by_id
    )


def visible_papers(user: User) -> QuerySet[PaperSignature]:
    """Signatures on paper of every document that the user sees; before they are confirmed, the host's."""
    papers = PaperSignature.objects.filter(document__in=visible_documents(user).order_by())
    papers = papers.select_related("field", "document__programme", "vouched_by", "decided_by", "file")
    own = Q(document__programme__host=user.agency_id)
    return papers.filter(own | Q(state=PaperState.CONFIRMED))


def may_see_scan(user: User, paper: PaperSignature) -> bool:
    """Open the scan of a signature on paper: the host, and once it is confirmed every post of a party."""
    return (paper.document.programme.host_id == user.agency_id and user.role in COMMAND_ROLES) or (
        paper.state == PaperState.CONFIRMED and may_have_evidence(user, paper.document)
    )


def may_revoke(user: User, certificate: Certificate | ExternalCertificate) -> bool:
    """Its owner, or a command post."""
    return user.pk == certificate.user_id or user.role in RELEASE_ROLES


def visible_inspections(token: str) -> QuerySet[Inspection]:
    """The file that somebody sent to be verified: whoever has its token sees what was found, in or not."""
    return Inspection.objects.filter(token=token).select_related("begins_with__document")


def may_suspend(user: User, certificate: Certificate) -> bool:
    """Whoever may revoke it: a suspension does less."""
    return may_revoke(user, certificate)


def may_lift(user: User, suspension: Suspension) -> bool:
    """A command post that did not suspend it, for somebody else's certificate."""
    strangers = {suspension.suspended_by_id, suspension.certificate.user_id}
    return user.role in RELEASE_ROLES and user.pk not in strangers


def visible_suspensions(user: User) -> QuerySet[Suspension]:
    """Those of every certificate that the user sees."""
    rows = Suspension.objects.select_related("certificate", "suspended_by", "lifted_by")
    return rows.filter(certificate__in=visible_certificates(user).order_by())
