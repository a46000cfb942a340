"""Certificates of other authorities, on tokens that people hold."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.states import EnrolmentState
from portal.agencies.models import Agency
from portal.users.models import User


class ExternalCertificate(models.Model):
    """A person's certificate of another authority: hers once the command has compared its fingerprint."""

    class Kind(models.TextChoices):
        GOVERNMENT = "government", _("specialised public-service certificate (Government Cipher Committee)")
        PUBLIC = "public", _("certificate of a licensed public authority")

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(
        _("state"), max_length=12, choices=EnrolmentState, default=EnrolmentState.REQUESTED, editable=False
    )
    common_name = models.CharField(_("name in the certificate"), max_length=200)
    issuer_name = models.CharField(_("issued by"), max_length=200)
    serial = models.CharField(_("serial number"), max_length=64)  # hex
    der = models.BinaryField()
    fingerprint = models.CharField(_("fingerprint of the certificate"), max_length=64)  # SHA-256, hex
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    asked_at = models.DateTimeField(_("asked at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True, blank=True
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("certificate on a token")
        verbose_name_plural = _("certificates on tokens")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=[EnrolmentState.REQUESTED, EnrolmentState.RELEASED]),
                name="external_certificate_one_each",
                violation_error_message=_("You have registered a certificate already. End that one first."),
            ),
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(state__in=[EnrolmentState.REQUESTED, EnrolmentState.RELEASED]),
                name="external_certificate_of_one_person",
                violation_error_message=_("This certificate is registered for somebody else."),
            ),
            models.CheckConstraint(
                condition=Q(state=EnrolmentState.REQUESTED, decided_at=None)
                | (~Q(state=EnrolmentState.REQUESTED) & Q(decided_at__gte=F("asked_at"))),
                name="external_certificate_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("user")) | Q(state=EnrolmentState.WITHDRAWN),
                name="external_certificate_not_by_oneself",
                violation_error_message=_("Nobody releases their own certificate."),
            ),
            models.CheckConstraint(
                condition=Q(state=EnrolmentState.ENDED, ended_at__isnull=False)
                | (~Q(state=EnrolmentState.ENDED) & Q(ended_at=None)),
                name="external_certificate_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.common_name} ({self.fingerprint[:8]})"
