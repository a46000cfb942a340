"""A head's leave for the agency's focal points to send reports and results without her approval."""

import datetime as dt

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.users.models import HEAD_ROLES, Membership, User


class SendingGrantQuerySet(models.QuerySet["SendingGrant"]):
    def counting_on(self, day: dt.date) -> "SendingGrantQuerySet":
        """Grants by which somebody may send on a day: not over, not revoked, and of who is the head still."""
        ends = Q(valid_until=None) | Q(valid_until__gte=day)
        heads = Membership.objects.valid_on(day).filter(
            user=OuterRef("granted_by"), agency=OuterRef("agency"), role__in=HEAD_ROLES
        )
        return self.filter(ends, Exists(heads), revoked_at=None)


class SendingGrant(models.Model):
    """From when until when focal points send by themselves. It ends with the post of the head who gave it."""

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    granted_at = models.DateTimeField(_("given at"))
    granted_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("given by"), related_name="+")
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("revoked by"), related_name="+", null=True, blank=True
    )

    objects = SendingGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("leave to send")
        verbose_name_plural = _("leaves to send")
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(revoked_at=None), name="sending_grant_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__gte=F("granted_at"), revoked_by__isnull=False),
                name="sending_grant_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency.code} {self.granted_at:%d/%m/%Y}"
