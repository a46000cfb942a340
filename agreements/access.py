"""WHO may see and do what with documents and signatures."""

from django.db.models import Exists, OuterRef, QuerySet

from agreements.models import (
    Certificate,
    CertificateAuthority,
    CertificateRequest,
    Credential,
    Document,
    ExternalList,
    ExternalRoot,
    Signature,
    SignatureField,
    Suspension,
)
from agreements.states import SHOWN_DOCUMENT, DocumentState, RootState
from portal.users.models import COMMAND_ROLES, HEAD_ROLES, Role, User
from tasks import access as tasks_access

SIGNER_ROLES = HEAD_ROLES | {Role.DEPUTY_HEAD}

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
    """A head or deputy of a party. Whether it can be signed just now is a rule, not a right."""
    return user.role in SIGNER_ROLES and document.fields.filter(agency=user.agency_id).exists()


def may_issue(user: User, document: Document) -> bool:
    """The records office of the host gives number and date, after signature (Decree 30/2020, art. 15)."""
    return user.agency_id == document.programme.host_id and user.role == Role.RECORDS_CLERK


def documents_to_sign(user: User) -> QuerySet[Document]:
    """Open documents with an empty field of the user's agency."""
    return documents_without(user, user.agency_id)


def documents_without(user: User, agency_id: int | None) -> QuerySet[Document]:
    """Open documents that the user sees, with an empty field of this agency."""
    empty = SignatureField.objects.filter(agency=agency_id, signature=None)
    return visible_documents(user).filter(state=DocumentState.SIGNING, pk__in=empty.values("document"))


def visible_credentials(user: User) -> QuerySet[Credential]:
    """One's own keys, sealed; nobody else's, whatever the post."""
    return Credential.objects.filter(certificate__user=user).select_related("certificate")


def may_hold_certificate(user: User) -> bool:
    return user.role in SIGNER_ROLES


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


def may_release(user: User, request: CertificateRequest) -> bool:
    """Release or refuse: a command post, for somebody else's key."""
    return user.role in RELEASE_ROLES and user.pk != request.user_id


def may_withdraw_request(user: User, request: CertificateRequest) -> bool:
    return user.pk == request.user_id


def may_revoke(user: User, certificate: Certificate) -> bool:
    """Its owner, or a command post."""
    return user.pk == certificate.user_id or user.role in RELEASE_ROLES


def may_suspend(user: User, certificate: Certificate) -> bool:
    """Whoever may revoke it: a suspension does less."""
    return may_revoke(user, certificate)


def may_lift(user: User, suspension: Suspension) -> bool:
    """A command post that did not suspend it, for somebody else's certificate."""
    strangers = {suspension.suspended_by_id, suspension.certificate.user_id}
    return user.role in RELEASE_ROLES and user.pk not in strangers


ROOT_READERS = RELEASE_ROLES | {Role.ADMINISTRATOR}


def may_see_roots(user: User) -> bool:
    return user.role in ROOT_READERS


def visible_roots(user: User) -> QuerySet[ExternalRoot]:
    """Every outside root, for those who decide on them."""
    rows = ExternalRoot.objects.select_related("proposed_by", "decided_by")
    return rows if may_see_roots(user) else rows.none()


def trusted_roots() -> QuerySet[ExternalRoot]:
    """Those that are believed, for the whole world."""
    return ExternalRoot.objects.filter(state=RootState.ENABLED)


def trusted_lists() -> QuerySet[ExternalList]:
    """The newest revocation list of each issuer below them."""
    later = ExternalList.objects.filter(
        issuer_sha256=OuterRef("issuer_sha256"), this_update__gt=OuterRef("this_update")
    )
    return ExternalList.objects.filter(~Exists(later), root__in=trusted_roots().order_by())


def may_propose_root(user: User) -> bool:
    return user.role == Role.ADMINISTRATOR


def may_add_list(user: User) -> bool:
    """Bring a newer revocation list: it is signed, so that nobody has to agree."""
    return user.role == Role.ADMINISTRATOR


def may_decide_root(user: User, root: ExternalRoot) -> bool:
    """Enable or refuse, as the second person."""
    return user.role in RELEASE_ROLES and user.pk != root.proposed_by_id


def may_disable_root(user: User) -> bool:
    """One person is enough to believe less."""
    return user.role in ROOT_READERS


def visible_suspensions(user: User) -> QuerySet[Suspension]:
    """Those of every certificate that the user sees."""
    rows = Suspension.objects.select_related("certificate", "suspended_by", "lifted_by")
    return rows.filter(certificate__in=visible_certificates(user).order_by())
