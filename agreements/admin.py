"""Papers, signatures and certificates: written by actions alone, read here. Sealed keys are never shown."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

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
from portal.audit.admin_base import RecordAdmin


@admin.register(Document)
class DocumentAdmin(RecordAdmin):
    list_display = ("title", "programme", "state", "head_seq", "frozen_at", "closes_on", "full_number")
    list_select_related = ("programme",)
    list_filter = ("state",)
    search_fields = ("title", "symbol")
    scans = True


@admin.register(Revision)
class RevisionAdmin(RecordAdmin):
    list_display = ("document", "seq", "kind", "file", "created_at")
    list_select_related = ("document", "file")
    list_filter = ("kind",)
    search_fields = ("file__sha256__startswith",)


@admin.register(Seal)
class SealAdmin(RecordAdmin):
    list_display = ("revision", "stamped_at", "ends_at", "is_outside", "check_state", "checked_at")
    list_select_related = ("revision",)
    list_filter = ("check_state", "is_outside")


@admin.register(SignatureField)
class SignatureFieldAdmin(RecordAdmin):
    not_shown = ("x", "y", "width", "height")
    list_display = ("document", "order", "name", "agency_name", "page")
    list_select_related = ("document",)
    search_fields = ("agency__name_folded",)


@admin.register(Signature)
class SignatureAdmin(RecordAdmin):
    list_display = (
        *("document", "seq", "signer_name", "kind", "root_kind", "capacity", "signed_at", "check_state"),
    )
    list_select_related = ("document",)
    list_filter = ("check_state", "root_kind", "capacity")
    search_fields = ("signer__name_folded", "field__agency__name_folded")


@admin.register(MarkPicture)
class MarkPictureAdmin(RecordAdmin):
    list_display = ("kind", "agency", "person", "provided_at", "withdrawn_at")
    list_select_related = ("agency", "person")
    list_filter = ("kind", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("agency__name_folded",)


@admin.register(Certificate)
class CertificateAdmin(RecordAdmin):
    list_display = ("common_name", "agency", "serial", "not_before", "not_after", "revoked_at")
    list_select_related = ("agency",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__name_folded", "serial")


@admin.register(CertificateAuthority)
class CertificateAuthorityAdmin(RecordAdmin):
    list_display = ("common_name", "kind", "key_id", "not_before", "not_after")
    list_filter = ("kind",)
    search_fields = ("sha256__startswith",)


@admin.register(AuthorityRevocation)
class AuthorityRevocationAdmin(RecordAdmin):
    list_display = ("common_name", "kind", "revoked_at", "revocation_reason", "used_from", "used_until")
    list_filter = ("kind",)


@admin.register(RevocationList)
class RevocationListAdmin(RecordAdmin):
    list_display = ("authority", "number", "this_update", "next_update", "entries")
    list_select_related = ("authority",)


@admin.register(ExternalRoot)
class ExternalRootAdmin(RecordAdmin):
    """What is trusted; proposed and decided on the portal's own pages, where two persons meet."""

    list_display = ("owner", "kind", "state", "not_after", "proposed_by", "decided_by")
    list_select_related = ("proposed_by", "decided_by")
    list_filter = ("kind", "state")
    search_fields = ("sha256__startswith",)


@admin.register(ExternalList)
class ExternalListAdmin(RecordAdmin):
    list_display = ("issuer_name", "root", "this_update", "next_update", "added_by")
    list_select_related = ("root", "added_by")


@admin.register(CertificateRequest)
class CertificateRequestAdmin(RecordAdmin):
    not_shown = ("fingerprint",)  # its end is for its owner to read out
    list_display = ("common_name", "agency", "state", "asked_at", "decided_at", "decided_by")
    list_select_related = ("agency", "decided_by")
    list_filter = ("state",)
    search_fields = ("user__name_folded", "serial")


@admin.register(Authorisation)
class AuthorisationAdmin(RecordAdmin):
    list_display = ("person", "agency", "capacity", "reference", "valid_from", "valid_until", "revoked_at")
    list_select_related = ("person", "agency")
    list_filter = ("capacity", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("person__name_folded", "reference")


@admin.register(ExternalCertificate)
class ExternalCertificateAdmin(RecordAdmin):
    list_display = ("common_name", "agency", "issuer_name", "state", "not_after", "decided_by")
    list_select_related = ("agency", "decided_by")
    list_filter = ("state", "kind")
    search_fields = ("user__name_folded", "serial")


@admin.register(Counterpart)
class CounterpartAdmin(RecordAdmin):
    list_display = ("document", "field", "signer", "base_seq", "head_seq", "received_at")
    list_select_related = ("document", "field", "signer")
    search_fields = ("signer__name_folded",)


@admin.register(PaperSignature)
class PaperSignatureAdmin(RecordAdmin):
    list_display = ("document", "field", "signer_name", "state", "vouched_by", "decided_by")
    list_select_related = ("document", "field", "vouched_by", "decided_by")
    list_filter = ("state",)
    search_fields = ("field__agency__name_folded",)


@admin.register(Suspension)
class SuspensionAdmin(RecordAdmin):
    not_shown = ("reason",)
    list_display = ("certificate", "suspended_at", "suspended_by", "lifted_at", "lifted_by")
    list_select_related = ("certificate", "suspended_by", "lifted_by")
    search_fields = ("certificate__user__name_folded",)


@admin.register(Ending)
class EndingAdmin(RecordAdmin):
    list_display = ("document", "decision_number", "decided_on", "by")
    list_select_related = ("document", "by")
    search_fields = ("decision_number",)


@admin.register(Credential)
class CredentialAdmin(RecordAdmin):
    list_display = ("certificate", "failures", "locked_until")
    list_select_related = ("certificate",)
    search_fields = ("certificate__user__name_folded",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        """The sealed key stays in the database."""
        return super().get_queryset(request).defer("sealed_key")
