"""Certificates that the portal's own authority issued, and the sealed keys that go with them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.states import RequestState
from portal.agencies.models import Agency
from portal.users.models import User


class Certificate(models.Model):
    """An X.509 certificate of a signer, issued by the portal's authority.

    `for_agency`: it names the agency and nobody; `user` keeps its key.
    """

    class Reason(models.TextChoices):
        """Why one is revoked: names of RFC 5280, 5.3.1, as the revocation list has them."""

        KEY_COMPROMISE = "key_compromise", _("the PIN may be known to somebody else")
        SUPERSEDED = "superseded", _("the PIN is forgotten, or a new certificate takes its place")
        AFFILIATION_CHANGED = "affiliation_changed", _("the person left the agency or the post")
        CESSATION_OF_OPERATION = "cessation_of_operation", _("it is no longer needed")
        CA_COMPROMISE = "ca_compromise", _("the authority that issued it was revoked")

    BY_PEOPLE = (
        *(Reason.KEY_COMPROMISE, Reason.SUPERSEDED, Reason.AFFILIATION_CHANGED),
        Reason.CESSATION_OF_OPERATION,
    )
    """What somebody may give as a reason; the other one comes with the authority's own revocation."""

    serial = models.CharField(_("serial number"), max_length=48, unique=True)  # hex
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="certificates")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    for_agency = models.BooleanField(_("of the agency, not of the person"), default=False)
    common_name = models.CharField(_("name in the certificate"), max_length=160)
    issuer_key_id = models.CharField(_("key identifier of the issuing authority"), max_length=64)  # hex
    der = models.BinaryField()
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revocation_reason = models.CharField(
        _("reason of revocation"), max_length=200, blank=True, choices=Reason
    )

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-not_before"]
        constraints = [
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="certificate_dates")
        ]

    def __str__(self) -> str:
        return f"{self.common_name} ({self.serial[:8]})"


class Credential(models.Model):
    """A signer's private key, sealed under their PIN and again under the portal's key.

    Five wrong PINs lock the credential for a while, never the account.
    """

    certificate = models.OneToOneField(Certificate, models.PROTECT, related_name="credential")
    sealed_key = models.BinaryField()
    failures = models.PositiveSmallIntegerField(_("wrong PINs in a row"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)

    class Meta:
        verbose_name = _("signing credential")
        verbose_name_plural = _("signing credentials")

    def __str__(self) -> str:
        return str(self.certificate)


class Suspension(models.Model):
    """A lock on a certificate's key inside the portal, until somebody else lifts it.

    Never an entry of a revocation list: what was signed before stays good everywhere.
    """

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, verbose_name=_("certificate"), related_name="suspensions"
    )
    suspended_at = models.DateTimeField(_("suspended at"))
    suspended_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("suspended by"), related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("lifted by"), related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ["-suspended_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(lifted_at=None),
                name="suspension_one_open",
                violation_error_message=_("This certificate is suspended already."),
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__gte=F("suspended_at"), lifted_by__isnull=False),
                name="suspension_lifted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by=None) | ~Q(lifted_by=F("suspended_by")),
                name="suspension_lifted_by_another",
                violation_error_message=_("Somebody else has to lift this suspension."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.certificate)


class CertificateRequest(models.Model):
    """A signer's wish for a certificate: her key is made and sealed, nothing can be signed with it yet.

    `sealed_key` is bound to `serial`, the number that the certificate will have. It moves to the
    credential at release, and is wiped when it comes to nothing.
    """

    class Purpose(models.TextChoices):
        """What it is for, and so what becomes of the certificate before it."""

        FIRST = "first", _("new certificate")
        RENEWAL = "renewal", _("renewal before the old one ends")
        FORGOTTEN_PIN = "forgotten_pin", _("forgotten PIN")

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    for_agency = models.BooleanField(_("of the agency, not of the person"), default=False, editable=False)
    common_name = models.CharField(_("name in the certificate"), max_length=160)
    state = models.CharField(
        _("state"), max_length=12, choices=RequestState, default=RequestState.REQUESTED, editable=False
    )
    purpose = models.CharField(
        _("purpose"), max_length=16, choices=Purpose, default=Purpose.FIRST, editable=False
    )
    serial = models.CharField(_("serial number"), max_length=48, unique=True)  # hex
    public_key = models.BinaryField()  # DER, SubjectPublicKeyInfo
    fingerprint = models.CharField(_("fingerprint of the key"), max_length=64)  # its SHA-256, hex
    sealed_key = models.BinaryField()
    asked_at = models.DateTimeField(_("asked at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request for a certificate")
        verbose_name_plural = _("requests for certificates")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "for_agency"],
                condition=Q(state=RequestState.REQUESTED),
                name="certificate_request_one_open",
                violation_error_message=_("You have already asked for a certificate."),
            ),
            models.UniqueConstraint(
                fields=["agency"],
                condition=Q(state=RequestState.REQUESTED, for_agency=True),
                name="certificate_request_one_an_agency",
                violation_error_message=_("A key of your agency waits for its release already."),
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.REQUESTED, decided_at=None)
                | (~Q(state=RequestState.REQUESTED) & Q(decided_at__gte=F("asked_at"))),
                name="certificate_request_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("user")) | Q(state=RequestState.WITHDRAWN),
                name="certificate_request_not_by_oneself",
                violation_error_message=_("Nobody releases their own certificate."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.common_name} ({self.fingerprint[:8]})"
