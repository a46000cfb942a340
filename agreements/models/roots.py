"""Roots of other authorities that this portal believes, and the revocation lists that came by hand."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.states import RootState
from portal.users.models import User


class ExternalRoot(models.Model):
    """A root certificate of somebody else. Proposed by an administrator, enabled by a command post."""

    class Kind(models.TextChoices):
        """By the scope of use of what it certifies: Law 20/2023/QH15, art. 22."""

        PUBLIC_SERVICE = "public_service", _("for official duty (Government's cryptography authority)")
        PUBLIC = "public", _("public (licensed provider)")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    owner = models.CharField(_("whose it is"), max_length=200)
    common_name = models.CharField(_("name in the certificate"), max_length=200)
    der = models.BinaryField()
    sha256 = models.CharField(_("fingerprint"), max_length=64, unique=True)  # of the certificate, hex
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    state = models.CharField(
        _("state"), max_length=10, choices=RootState, default=RootState.PROPOSED, editable=False
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("proposed by"), related_name="+")
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("trusted outside root")
        verbose_name_plural = _("trusted outside roots")
        ordering = ["kind", "owner", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=RootState.ENABLED)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="external_root_enabled_by_another",
                violation_error_message=_("Somebody else has to enable this root."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} ({self.sha256[:8]})"


class ExternalList(models.Model):
    """A revocation list below an outside root, brought here by hand: nothing is ever fetched."""

    root = models.ForeignKey(ExternalRoot, models.PROTECT, verbose_name=_("root"), related_name="lists")
    issuer_sha256 = models.CharField(_("fingerprint of its issuer"), max_length=64)
    issuer_name = models.CharField(_("issued by"), max_length=200)
    number = models.CharField(_("number"), max_length=64, blank=True)  # may be larger than any integer column
    der = models.BinaryField()
    this_update = models.DateTimeField(_("issued at"))
    next_update = models.DateTimeField(_("valid until"))
    added_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("added by"), related_name="+")
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("revocation list of an outside authority")
        verbose_name_plural = _("revocation lists of outside authorities")
        ordering = ["-this_update", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer_sha256", "this_update"], name="external_list_once_a_moment"
            ),
            models.CheckConstraint(condition=Q(next_update__gt=F("this_update")), name="external_list_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer_name}, {self.this_update:%d/%m/%Y}"
