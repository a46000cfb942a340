"""The paper that is signed, its revisions, and the field each party signs."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.models.authorisations import Authorisation
from agreements.models.certificates import Certificate
from agreements.models.external import ExternalCertificate
from agreements.states import DocumentState
from portal.agencies.models import Agency
from portal.files.models import StoredFile
from portal.users.models import User
from tasks.models import Programme


class Document(models.Model):
    """One paper: the programme as frozen. Its bytes only ever grow, one revision at a time."""

    class Kind(models.TextChoices):
        PROGRAMME = "programme", _("coordination programme")
        AMENDMENT = "amendment", _("amendment")

    class Order(models.TextChoices):
        """In which waves the parties sign; agreements.waves says who is in which."""

        ALL = "all", _("all at once")
        HOST_LAST = "host_last", _("the Front first, then the agencies, the command last")
        PROTOCOL = "protocol", _("group after group, in protocol order")

    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name=_("programme"), related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PROGRAMME)
    state = models.CharField(
        _("state"), max_length=12, choices=DocumentState, default=DocumentState.DRAFT, editable=False
    )
    title = models.CharField(_("title as frozen"), max_length=300)
    symbol = models.CharField(_("symbol"), max_length=60)
    page_count = models.PositiveSmallIntegerField(_("pages"))
    frozen_at = models.DateTimeField(_("frozen at"))
    frozen = models.ForeignKey(
        StoredFile, models.PROTECT, verbose_name=_("frozen file"), related_name="frozen_documents"
    )
    head = models.ForeignKey(
        StoredFile, models.PROTECT, verbose_name=_("newest file"), related_name="head_documents"
    )
    head_seq = models.PositiveSmallIntegerField(_("newest revision"), default=0)
    closes_on = models.DateField(_("signing closes on"))
    agency_marks = models.BooleanField(
        _("each agency signs with its own key, too"), default=False, editable=False
    )
    order = models.CharField(_("order of signing"), max_length=10, choices=Order, default=Order.ALL)
    wave = models.PositiveSmallIntegerField(_("wave that may sign"), default=1)  # and those before it
    ended_at = models.DateTimeField(_("taken back or ended at"), null=True, blank=True)
    ended_reason = models.CharField(_("why it was taken back or ended"), max_length=500, blank=True)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    number_year = models.PositiveSmallIntegerField(_("year of the number"), null=True, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-frozen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(kind="programme")
                & ~Q(state__in=[DocumentState.TERMINATED, DocumentState.SUPERSEDED]),
                name="document_one_alive",
            ),
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(kind="amendment")
                & Q(state__in=[DocumentState.FROZEN, DocumentState.SIGNING, DocumentState.CLOSED]),
                name="document_one_amendment_under_way",
            ),
            models.UniqueConstraint(
                fields=["number_year", "number"],
                name="document_number_once",
                violation_error_message=_("This number is taken in this year."),
            ),
            models.CheckConstraint(
                condition=~Q(state=DocumentState.ISSUED) | Q(number__isnull=False, issued_on__isnull=False),
                name="document_issued_has_number",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def full_number(self) -> str:
        """Number and symbol, "01/CTr-BCHQS-MTTQ"; below ten with a leading zero (Decree 30/2020)."""
        return f"{self.number:02}/{self.symbol}" if self.number else ""

    @property
    def parties(self) -> "models.QuerySet[SignatureField]":
        """The heads' fields: one for each party."""
        return self.fields.filter(after=None)


class Revision(models.Model):
    """A file in the document's history; each begins with the bytes of the one before."""

    class Kind(models.TextChoices):
        FROZEN = "frozen", _("frozen text")
        SIGNATURE = "signature", _("signature")
        SEAL = "seal", _("archive time-stamp")
        RENEWAL = "renewal", _("renewed archive time-stamp")

    document = models.ForeignKey(Document, models.PROTECT, related_name="revisions")
    seq = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SIGNATURE)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="revisions")
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["document", "seq"]
        constraints = [models.UniqueConstraint(fields=["document", "seq"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.document_id}/{self.seq}"


class SignatureField(models.Model):
    """The place where a party signs, with the party's name as of freezing.

    Its head's, or, where the document asks for both, beside that the agency's own: it comes `after` the
    head's, whose standing in the round is the party's. Source: Decree 30/2020/NĐ-CP, art. 5.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="fields")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    after = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name=_("the head's field, where this is the agency's own"),
        related_name="agency_field",
        null=True,
        blank=True,
    )
    name = models.CharField(_("field"), max_length=12)
    order = models.PositiveSmallIntegerField(_("order"))
    page = models.PositiveSmallIntegerField(_("page"))
    # Points from the page's top left corner, as the paper was drawn.
    x = models.FloatField(editable=False)
    y = models.FloatField(editable=False)
    width = models.FloatField(editable=False)
    height = models.FloatField(editable=False)
    agency_name = models.CharField(_("name as frozen"), max_length=200)
    signature_block = models.TextField(_("signature block as frozen"))
    # How the party stands in the round; who said so, and when before, is in the audit trail.
    wave = models.PositiveSmallIntegerField(_("wave"), default=1)
    delegate = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("deputy to whom the head handed it"),
        related_name="+",
        null=True,
        blank=True,
    )
    absent_at = models.DateTimeField(_("marked absent at"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined at"), null=True, blank=True)
    declined_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("declined by"), related_name="+", null=True, blank=True
    )
    decline_reason = models.CharField(_("why it declined"), max_length=500, blank=True)
    left_out_at = models.DateTimeField(_("the round goes on without it since"), null=True, blank=True)
    urged_on = models.DateField(_("last urged on"), null=True, blank=True)

    class Meta:
        verbose_name = _("signature field")
        verbose_name_plural = _("signature fields")
        ordering = ["document", "order"]
        constraints = [
            models.CheckConstraint(
                condition=Q(declined_at=None, declined_by=None, left_out_at=None, decline_reason="")
                | (Q(declined_at__isnull=False, declined_by__isnull=False) & ~Q(decline_reason="")),
                name="field_declined_has_reason",
            ),
            models.UniqueConstraint(fields=["document", "name"], name="field_name_once"),
            models.UniqueConstraint(
                fields=["document", "agency"], condition=Q(after=None), name="field_head_once"
            ),
            models.UniqueConstraint(
                fields=["document", "agency"], condition=Q(after__isnull=False), name="field_agency_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.agency_name}"


class Signature(models.Model):
    """A signature that stands in the file: one per field, one per revision."""

    class Kind(models.TextChoices):
        PORTAL = "portal", _("certificate of this portal")
        UPLOAD = "upload", _("USB token, signed on the signer's computer")
        AGENT = "agent", _("USB token, through the signing program")

    class RootKind(models.TextChoices):
        """Whose trust a signature rests on: values of pades.RootKind, in words."""

        PORTAL = "portal", _("this portal's own authority, not the Government's")
        PUBLIC_SERVICE = "public_service", _("the Government's cryptography authority, for official duty")
        PUBLIC = "public", _("a licensed public provider")
        OTHER = "other", _("another time-stamp authority, chosen by the administrator")

    class Capacity(models.TextChoices):
        HEAD = "head", _("head of the agency")
        TM = "tm", _("head, on behalf of the collective (TM.)")
        KT = "kt", _("deputy, signing for the head (KT.)")
        Q = "q", _("acting head (Q.)")
        TL = "tl", _("by order of the head (TL.)")
        TUQ = "tuq", _("by written authorisation of the head (TUQ.)")
        AGENCY = "agency", _("digital signature of the agency")

    class Check(models.TextChoices):
        CHECKING = "checking", _("signed, being checked")
        GOOD = "good", _("signed, checked")
        BAD = "bad", _("signed, check failed")

    document = models.ForeignKey(Document, models.PROTECT, related_name="signatures")
    field = models.OneToOneField(SignatureField, models.PROTECT, related_name="signature")
    seq = models.PositiveSmallIntegerField(_("revision"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PORTAL)
    capacity = models.CharField(_("capacity"), max_length=6, choices=Capacity)
    # Of an agency's own signature who keeps its key; `signer_name` is then the agency's.
    signer = models.ForeignKey(User, models.PROTECT, verbose_name=_("signer"), related_name="signatures")
    signer_name = models.CharField(_("name as signed"), max_length=160)
    capacity_lines = models.TextField(_("lines above the name"))
    authorisation = models.ForeignKey(
        Authorisation,
        models.PROTECT,
        verbose_name=_("authorisation"),
        related_name="+",
        null=True,
        blank=True,
    )
    grounds = models.CharField(_("why not the head"), max_length=300, blank=True)
    # Of the two the one that the kind says.
    certificate = models.ForeignKey(
        Certificate, models.PROTECT, verbose_name=_("certificate"), null=True, blank=True
    )
    external_certificate = models.ForeignKey(
        ExternalCertificate,
        models.PROTECT,
        verbose_name=_("certificate on a token"),
        related_name="+",
        null=True,
        blank=True,
    )
    root_kind = models.CharField(_("rests on"), max_length=16, choices=RootKind, blank=True)
    signed_at = models.DateTimeField(_("signed at"))
    stamped_at = models.DateTimeField(_("attested time"), null=True)  # none before time-stamps came
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name=_("file"), related_name="+")
    check_state = models.CharField(_("check"), max_length=10, choices=Check, default=Check.CHECKING)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    check_detail = models.CharField(_("finding"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["document", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["document", "seq"], name="signature_seq_once"),
            models.CheckConstraint(
                condition=Q(check_state="checking") | Q(checked_at__gte=F("signed_at")),
                name="signature_checked_has_time",
            ),
            models.CheckConstraint(
                condition=Q(kind="portal", certificate__isnull=False, external_certificate=None)
                | (~Q(kind="portal") & Q(certificate=None, external_certificate__isnull=False)),
                name="signature_has_the_certificate_of_its_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(check_state="checking"), name="signature_unchecked")
        ]

    def __str__(self) -> str:
        return f"{self.signer_name}, {self.field.agency_name}"

    @property
    def is_agencys(self) -> bool:
        """Whether it is the agency's own, not its head's."""
        return self.capacity == self.Capacity.AGENCY

    @property
    def any_certificate(self) -> Certificate | ExternalCertificate:
        """The certificate it was made with, whoever issued it."""
        found = self.certificate or self.external_certificate
        if found is None:  # the database holds one of them
            raise ValueError("a signature without a certificate")
        return found

    @property
    def rests_on(self) -> str:
        """Whose trust it rests on, in words; of a token the check finds it out."""
        if self.external_certificate is None:
            return str(self.RootKind.PORTAL.label)
        return self.get_root_kind_display() or unknown_root(self.external_certificate.issuer_name)


def unknown_root(issuer: str) -> str:
    """Say that a certificate leads to no authority that is known here."""
    return gettext("not known here; the certificate names “%(issuer)s”") % {"issuer": issuer or "?"}


class SigningRequest(models.Model):
    """One sending of a signing form, by its idempotency key: whoever sends it again gets the first result.

    Written together with the spending of the one-time code; the signature follows, or the row goes.
    """

    key = models.UUIDField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="request")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="signing_request_once")]
