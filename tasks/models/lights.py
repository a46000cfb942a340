"""Lights set by hand: what the command says of an assignment beside what is computed. Never edited."""

import datetime as dt

from django.db import models
from django.db.models import F, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks.models.assignments import Assignment


class Colour(TextChoices):
    GREEN = "green", _("green light")
    YELLOW = "yellow", _("yellow light")
    RED = "red", _("red light")


class LightOverrideQuerySet(models.QuerySet["LightOverride"]):
    def counting_on(self, today: dt.date) -> "LightOverrideQuerySet":
        """Those that stand on a day: nobody lifted them, and their last day has not passed."""
        return self.filter(lifted_at=None, until_on__gte=today)


class LightOverride(models.Model):
    """One light set by hand, from the local day `on` through `until_on`; then it lapses by itself."""

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="light_overrides"
    )
    colour = models.CharField(_("progress light"), max_length=6, choices=Colour)
    reason = models.TextField(_("reason"))
    on = models.DateField(_("day"))
    until_on = models.DateField(_("last day"))
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("time"))
    lifted_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("lifted by"), related_name="+", null=True, editable=False
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, editable=False)

    objects = LightOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("light set by hand")
        verbose_name_plural = _("lights set by hand")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(lifted_at=None),
                name="light_override_one_at_a_time",
                violation_error_message=_("Another light was set by hand meanwhile."),
            ),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("on")),
                name="light_override_days_in_order",
                violation_error_message=_("The last day has passed."),
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="light_override_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.colour} {self.until_on:%d/%m/%Y}"
