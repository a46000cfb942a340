"""The portal's certificate authorities as the world is shown them, and every revocation list they issued."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CertificateAuthority(models.Model):
    """A root or an issuing CA, of today or of earlier; its key is elsewhere.

    The row is what locks the numbers of its revocation lists.
    """

    class Kind(models.TextChoices):
        ROOT = "root", _("root")
        ISSUING = "issuing", _("issuing authority")

    key_id = models.CharField(_("key identifier"), max_length=64, unique=True)  # hex
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    common_name = models.CharField(_("name in the certificate"), max_length=160)
    der = models.BinaryField()
    sha256 = models.CharField(_("fingerprint"), max_length=64, unique=True)  # of the certificate, hex
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("certificate authority")
        verbose_name_plural = _("certificate authorities")
        ordering = ["-kind", "-not_before", "pk"]  # root first
        constraints = [
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="authority_dates")
        ]

    def __str__(self) -> str:
        return f"{self.common_name} ({self.get_kind_display()})"


class AuthorityRevocation(models.Model):
    """An issuing CA, or a time-stamping key, that is believed no longer: a line in the list of its root.

    Rows are never changed. `used_from` and `used_until` say when a time-stamping key was at work.
    """

    class Kind(models.TextChoices):
        ISSUING = "issuing", _("issuing authority")
        STAMP = "stamp", _("time-stamping key")

    class Reason(models.TextChoices):
        """Names of RFC 5280, 5.3.1, as the revocation list has them."""

        KEY_COMPROMISE = "key_compromise", _("the key may be known to somebody else")
        CA_COMPROMISE = "ca_compromise", _("the authority's key may be known to somebody else")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    serial = models.CharField(_("serial number"), max_length=48, unique=True)  # hex, of its certificate
    common_name = models.CharField(_("name in the certificate"), max_length=160)
    revoked_at = models.DateTimeField(_("revoked at"))
    revocation_reason = models.CharField(_("reason of revocation"), max_length=20, choices=Reason)
    used_from = models.DateTimeField(_("used from"), null=True, blank=True)
    used_until = models.DateTimeField(_("used until"), null=True, blank=True)

    class Meta:
        verbose_name = _("revoked authority")
        verbose_name_plural = _("revoked authorities")
        ordering = ["-revoked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="stamp") | Q(used_until__gte=F("used_from")),
                name="authority_revocation_stamp_has_its_time",
            )
        ]

    def __str__(self) -> str:
        return self.common_name

    def was_used_at(self, moment: dt.datetime) -> bool:
        """Whether it was the time-stamping key at work then."""
        return bool(self.used_from and self.used_until and self.used_from <= moment < self.used_until)


class RevocationList(models.Model):
    """A revocation list as it was issued, the same bytes for everybody. Rows are never changed."""

    authority = models.ForeignKey(
        CertificateAuthority, models.PROTECT, verbose_name=_("certificate authority"), related_name="lists"
    )
    number = models.PositiveBigIntegerField(_("number"))
    der = models.BinaryField()
    entries = models.PositiveIntegerField(_("entries"))
    this_update = models.DateTimeField(_("issued at"))
    next_update = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("revocation list")
        verbose_name_plural = _("revocation lists")
        ordering = ["authority", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="revocation_list_number_once"),
            models.CheckConstraint(
                condition=Q(next_update__gt=F("this_update")), name="revocation_list_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority}, {self.number}"
