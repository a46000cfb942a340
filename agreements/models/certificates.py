"""Certificates that the portal's own authority issued, and the sealed keys that go with them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.users.models import User


class Certificate(models.Model):
    """An X.509 certificate of a signer, issued by the portal's authority."""

    serial = models.CharField(_("serial number"), max_length=48, unique=True)  # hex
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="certificates")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    common_name = models.CharField(_("name in the certificate"), max_length=160)
    der = models.BinaryField()
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revocation_reason = models.CharField(_("reason of revocation"), max_length=200, blank=True)

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
