"""One valid row of every model that has an administrator's page, as many times as asked."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agreements.models import (
    Authorisation,
    AuthorityRevocation,
    Certificate,
    CertificateAuthority,
    CertificateRequest,
    Counterpart,
    Credential,
    Document,
    Ending,
    ExternalCertificate,
    ExternalList,
    ExternalRoot,
    MarkPicture,
    PaperSignature,
    Revision,
    RevocationList,
    Seal,
    Signature,
    SignatureField,
    Suspension,
)
from agreements.states import DocumentState
from portal.agencies.models import Agency, AgencyChange
from portal.audit.events import record
from portal.audit.models import Event
from portal.calendar.models import Holiday
from portal.files.models import Recall, StoredFile
from portal.lib.actions import action
from portal.notices.models import Mail, Notice
from portal.users.models import Membership, SignIn, User
from portal.users.records import Handover, Invitation, Recovery
from tasks.models import (
    Assignment,
    Evidence,
    JointIndicator,
    LegalBasis,
    Locality,
    Programme,
    Scheme,
    StandingGroup,
    YearPaper,
)
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import scheming


@dataclass
class Rows:
    """Makes rows, each beside what it points to; `programme` is the small one in force."""

    programme: Programme
    count: int = field(default=0)

    def make(self, model: Any) -> Any:
        self.count += 1
        return MAKERS[model](self, self.count)

    def file(self, n: int) -> StoredFile:
        return StoredFile.objects.create(
            sha256=f"{n:064x}", size=n, media_type="application/pdf", stored_at=NOW
        )

    def document(self, n: int) -> Document:
        file = self.file(n)
        return Document.objects.create(
            programme=self.programme,
            state=DocumentState.TERMINATED,  # any number of these may lie beside each other
            title=f"Chương trình {n}",
            symbol="CTr-BCHQS-MTTQ",
            page_count=3,
            frozen_at=NOW,
            frozen=file,
            head=file,
            closes_on=TODAY,
        )

    def signature_field(self, n: int) -> SignatureField:
        return SignatureField.objects.create(
            document=self.document(n),
            agency=factories.AgencyFactory(),
            name="KY_001",
            order=1,
            page=3,
            x=72,
            y=72,
            width=200,
            height=90,
            agency_name="Sở Xây dựng",
            signature_block="GIÁM ĐỐC",
        )

    def certificate(self, n: int) -> Certificate:
        post = factories.MembershipFactory()
        return Certificate.objects.create(
            serial=f"{n:048x}",
            user=post.user,
            agency=post.agency,
            common_name=post.user.full_name,
            der=b"der",
            not_before=NOW,
            not_after=NOW + dt.timedelta(days=365),
        )

    def certificate_authority(self, n: int) -> CertificateAuthority:
        return CertificateAuthority.objects.create(
            key_id=f"{n:040x}",
            kind=CertificateAuthority.Kind.ISSUING,
            common_name="Cổng phối hợp",
            der=b"der",
            sha256=f"{n:064x}",
            not_before=NOW,
            not_after=NOW + dt.timedelta(days=7300),
        )

    def authority_revocation(self, n: int) -> AuthorityRevocation:
        return AuthorityRevocation.objects.create(
            kind=AuthorityRevocation.Kind.ISSUING,
            serial=f"{n:x}",
            common_name="Cổng phối hợp",
            revoked_at=NOW,
            revocation_reason=AuthorityRevocation.Reason.CA_COMPROMISE,
        )

    def revocation_list(self, n: int) -> RevocationList:
        return RevocationList.objects.create(
            authority=self.certificate_authority(n),
            number=n,
            der=b"der",
            entries=0,
            this_update=NOW,
            next_update=NOW + dt.timedelta(days=7),
        )

    def external_root(self, n: int) -> ExternalRoot:
        return ExternalRoot.objects.create(
            kind=ExternalRoot.Kind.PUBLIC,
            owner="Nhà cung cấp",
            common_name="Root CA",
            der=b"der",
            sha256=f"{n:064x}",
            not_before=NOW,
            not_after=NOW + dt.timedelta(days=7300),
            proposed_by=factories.UserFactory(),
            proposed_at=NOW,
        )

    def signature(self, n: int) -> Signature:
        place, certificate = self.signature_field(n), self.certificate(n)
        return Signature.objects.create(
            document=place.document,
            field=place,
            seq=1,
            capacity=Signature.Capacity.HEAD,
            signer=certificate.user,
            signer_name=certificate.common_name,
            capacity_lines="GIÁM ĐỐC",
            certificate=certificate,
            signed_at=NOW,
            file=place.document.head,
        )

    def external_certificate(self, n: int) -> ExternalCertificate:
        post = factories.MembershipFactory()
        return ExternalCertificate.objects.create(
            user=post.user,
            agency=post.agency,
            kind=ExternalCertificate.Kind.PUBLIC,
            common_name="Mạc Văn Hùng",
            issuer_name="CA công cộng",
            serial=f"{n:x}",
            der=b"",
            fingerprint=f"{n:064x}",
            not_before=NOW,
            not_after=NOW + dt.timedelta(days=700),
            asked_at=NOW,
        )

    def counterpart(self, n: int) -> Counterpart:
        place, certificate = self.signature_field(n), self.external_certificate(n)
        return Counterpart.objects.create(
            document=place.document,
            field=place,
            signer=certificate.user,
            certificate=certificate,
            file=place.document.head,
            base_seq=0,
            head_seq=1,
            received_at=NOW,
        )

    def paper_signature(self, n: int) -> PaperSignature:
        place = self.signature_field(n)
        return PaperSignature.objects.create(
            document=place.document,
            field=place,
            signer_name="Mạc Văn Hùng",
            signer_title="Giám đốc",
            signed_on=TODAY,
            file=place.document.head,
            name="ky-giay.png",
            vouched_by=factories.UserFactory(),
            vouched_at=NOW,
        )

    def notice(self, n: int) -> Notice:
        return Notice.objects.create(
            kind="assignment.due",
            subject_type="tasks.assignment",
            subject_id=n,
            recipient=factories.UserFactory(),
            rule="-7",
            due_on=TODAY,
            text_vi="Sắp đến hạn",
            text_en="Due soon",
            created_at=NOW,
            send_after=NOW,
        )

    def mail(self, n: int) -> Mail:
        return Mail.objects.create(recipient=factories.UserFactory(), day=TODAY, send_after=NOW)

    def change(self, n: int) -> AgencyChange:
        change = AgencyChange.objects.create(
            reference=f"TD-{n}", kind=AgencyChange.Kind.MERGE, effective_on=TODAY, title_vi=f"Hợp nhất {n}"
        )
        change.predecessors.add(factories.AgencyFactory())
        change.successors.add(factories.AgencyFactory())
        return change

    def recall(self, n: int) -> Recall:
        return Recall.objects.create(
            file=self.file(n), by=factories.UserFactory(), at=NOW, reason="Có dấu chỉ độ mật"
        )

    def evidence(self, n: int) -> Evidence:
        row = self.assignment(n)
        return factories.EvidenceFactory(assignment=row, agency=row.lead, file=self.file(n))

    def assignment(self, n: int) -> Assignment:
        task = self.programme.priority_tasks.order_by("number")[0]
        return factories.AssignmentFactory(task=task, code=f"9.{n}", lead=factories.AgencyFactory())

    def invitation(self, n: int) -> Invitation:
        return Invitation.objects.create(
            user=factories.UserFactory(),
            way=Invitation.Way.MAIL,
            token_sha256=f"{n:064x}",
            code_hash=f"argon2-of-{n}",
            invited_by=factories.UserFactory(),
            invited_at=NOW,
            expires_at=NOW + dt.timedelta(days=7),
        )

    def recovery(self, n: int) -> Recovery:
        opener, approver = factories.UserFactory(), factories.UserFactory()
        return Recovery.objects.create(
            user=factories.UserFactory(),
            note="Đã xem căn cước.",
            opened_by=opener,
            opened_at=NOW,
            approved_by=approver,
            approved_at=NOW,
            code_hash=f"argon2-of-{n}",
            expires_at=NOW + dt.timedelta(minutes=10),
        )

    def handover(self, n: int) -> Handover:
        return Handover.objects.create(
            predecessor=factories.MembershipFactory(valid_to=TODAY - dt.timedelta(days=1)),
            successor=factories.MembershipFactory(valid_from=TODAY),
            starts_on=TODAY,
            made_by=factories.UserFactory(),
            made_at=NOW,
        )


@action
def _event(rows: Rows, n: int) -> None:
    record("agency.changed", rows.programme.host, by=None, at=NOW, payload={"n": n})


def _newest_event(rows: Rows, n: int) -> Event:
    _event(rows, n)
    return Event.objects.order_by("-seq")[0]


MAKERS: dict[Any, Callable[[Rows, int], Any]] = {
    Event: _newest_event,
    Holiday: lambda rows, n: factories.HolidayFactory(on=dt.date(2090, 1, 1) + dt.timedelta(days=n)),
    Agency: lambda rows, n: factories.AgencyFactory(parent=rows.programme.host),
    AgencyChange: Rows.change,
    User: lambda rows, n: factories.MembershipFactory().user,
    Membership: lambda rows, n: factories.MembershipFactory(),
    SignIn: lambda rows, n: SignIn.objects.create(
        user=factories.MembershipFactory().user, session_key=f"{n:040}", signed_in_at=NOW, last_seen_at=NOW
    ),
    Invitation: Rows.invitation,
    Recovery: Rows.recovery,
    Handover: Rows.handover,
    StoredFile: Rows.file,
    Notice: Rows.notice,
    Mail: Rows.mail,
    StandingGroup: lambda rows, n: factories.StandingGroupFactory(host=rows.programme.host),
    LegalBasis: lambda rows, n: factories.LegalBasisFactory(),
    Programme: lambda rows, n: factories.ProgrammeFactory(year=2026 + n),
    Assignment: Rows.assignment,
    Evidence: Rows.evidence,
    Recall: Rows.recall,
    Document: Rows.document,
    Revision: lambda rows, n: Revision.objects.create(
        document=rows.document(n), seq=n, file=rows.file(n + 10_000), created_at=NOW
    ),
    Seal: lambda rows, n: Seal.objects.create(
        revision=MAKERS[Revision](rows, n),
        stamped_at=NOW,
        ends_at=NOW + dt.timedelta(days=2190),
        is_outside=False,
    ),
    SignatureField: Rows.signature_field,
    Signature: Rows.signature,
    Certificate: Rows.certificate,
    CertificateAuthority: Rows.certificate_authority,
    AuthorityRevocation: Rows.authority_revocation,
    RevocationList: Rows.revocation_list,
    ExternalRoot: Rows.external_root,
    ExternalList: lambda rows, n: ExternalList.objects.create(
        root=rows.external_root(n),
        issuer_sha256=f"{n:064x}",
        issuer_name="CA",
        der=b"der",
        this_update=NOW,
        next_update=NOW + dt.timedelta(days=7),
        added_by=factories.UserFactory(),
        added_at=NOW,
    ),
    Suspension: lambda rows, n: Suspension.objects.create(
        certificate=rows.certificate(n),
        suspended_at=NOW,
        suspended_by=factories.UserFactory(),
        reason="Lý do",
    ),
    CertificateRequest: lambda rows, n: CertificateRequest.objects.create(
        user=factories.MembershipFactory().user,
        agency=rows.programme.host,
        common_name="Mạc Văn Hùng",
        serial=f"{n:040x}",
        public_key=b"key",
        fingerprint=f"{n:064x}",
        sealed_key=b"sealed",
        asked_at=NOW,
    ),
    Authorisation: lambda rows, n: factories.AuthorisationFactory(
        person=factories.MembershipFactory().user,
        recorded_by=factories.UserFactory(),
        programme=rows.programme,
        file=rows.file(n),
    ),
    MarkPicture: lambda rows, n: MarkPicture.objects.create(
        kind=MarkPicture.Kind.SEAL,
        agency=factories.AgencyFactory(),
        width_mm=36,
        file=rows.file(n),
        provided_by=factories.UserFactory(),
        provided_at=NOW,
    ),
    Credential: lambda rows, n: Credential.objects.create(
        certificate=rows.certificate(n), sealed_key=b"sealed"
    ),
    ExternalCertificate: Rows.external_certificate,
    Counterpart: Rows.counterpart,
    Scheme: lambda rows, n: Scheme.objects.create(
        **scheming.COLUMNS | {"approval_number": f"{n}/QĐ-UBND"}, lead=rows.programme.host
    ),
    YearPaper: lambda rows, n: factories.YearPaperFactory(
        programme=rows.programme, entered_by=factories.UserFactory()
    ),
    Locality: lambda rows, n: factories.LocalityFactory(),
    JointIndicator: lambda rows, n: factories.JointIndicatorFactory(programme=rows.programme),
    PaperSignature: Rows.paper_signature,
    Ending: lambda rows, n: Ending.objects.create(
        document=rows.document(n),
        reason="Có chương trình mới",
        decision_number=f"{n}/QĐ-BCHQS",
        decided_on=TODAY,
        by=factories.UserFactory(),
        at=NOW,
    ),
}
