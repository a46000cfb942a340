"""Reporting periods of a programme: rows, made from the Decree 09 preset and then editable."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tasks.models.programmes import Programme


class ReportingPeriod(models.Model):
    """A stretch of data that agencies report on, and the day their report is due.

    Source of the preset: Decree 09/2019/NĐ-CP, art. 12 (see tasks.periods).
    """

    class Kind(models.TextChoices):
        MONTHLY = "monthly", _("month")
        QUARTERLY = "quarterly", _("quarter")
        SEMIANNUAL = "semiannual", _("first six months")
        NINE_MONTH = "nine_month", _("nine months")
        ANNUAL = "annual", _("year")

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="periods"
    )  # part of it
    code = models.CharField(_("code"), max_length=12)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    data_from = models.DateField(_("data from"))
    data_to = models.DateField(_("data cut-off"))
    due_on = models.DateField(_("due on"))

    class Meta:
        verbose_name = _("reporting period")
        verbose_name_plural = _("reporting periods")
        ordering = ["due_on", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "code"],
                name="period_code_once",
                violation_error_message=_("Another period of this programme has this code."),
            ),
            models.CheckConstraint(
                condition=Q(data_to__gt=F("data_from"), due_on__gte=F("data_to")),
                name="period_dates_in_order",
                violation_error_message=_("A period begins, is cut off, and is due, in this order."),
            ),
        ]

    def __str__(self) -> str:
        return self.code
