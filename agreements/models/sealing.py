"""Time-stamps: those that the portal gave, and the archive time-stamps that keep a signed file checkable."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.documents import Revision


class Timestamp(models.Model):
    """A number that the portal's time-stamp authority took: the leading part of a serial number."""

    stamped_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("time-stamp")
        verbose_name_plural = _("time-stamps")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk}"


class Seal(models.Model):
    """The archive time-stamp that a revision brought, and what was found when every signature was judged."""

    class Check(models.TextChoices):
        CHECKING = "checking", _("being checked")
        GOOD = "good", _("every signature lasts")
        BAD = "bad", _("a signature would not last")

    revision = models.OneToOneField(Revision, models.PROTECT, verbose_name=_("revision"))
    stamped_at = models.DateTimeField(_("stamped at"))
    ends_at = models.DateTimeField(_("its certificate ends at"))
    is_outside = models.BooleanField(_("by another authority"))
    check_state = models.CharField(_("check"), max_length=10, choices=Check, default=Check.CHECKING)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    findings = models.JSONField(_("findings"), default=dict)  # field → why it would not last

    class Meta:
        verbose_name = _("archive time-stamp")
        verbose_name_plural = _("archive time-stamps")
        ordering = ["revision"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("stamped_at")), name="seal_dates"),
            models.CheckConstraint(
                condition=Q(check_state="checking") | Q(checked_at__gte=F("stamped_at")),
                name="seal_checked_has_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.revision)
