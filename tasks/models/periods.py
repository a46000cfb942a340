"""Reporting periods of a programme: rows, made from the Decree 09 preset and then editable."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
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
    review_due_on = models.DateField(
        _("review due on"),
        null=True,
        blank=True,
        help_text=_("Of a half-year or a year: until when its review is to be approved."),
    )
    locked_at = models.DateTimeField(_("locked at"), null=True, editable=False)
    locked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("locked by"), related_name="+", null=True, editable=False
    )
    lock_reason = models.TextField(_("reason"), blank=True, editable=False)

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
            models.CheckConstraint(
                condition=Q(review_due_on=None) | Q(review_due_on__gte=F("data_to")),
                name="period_reviewed_after_its_end",
                violation_error_message=_("A period is reviewed after its data cut-off."),
            ),
            models.CheckConstraint(
                condition=Q(locked_at=None, locked_by=None)
                | Q(locked_at__isnull=False, locked_by__isnull=False),
                name="period_locked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_reviewed(self) -> bool:
        """Whether the command reviews it: a half-year (sơ kết), or a year (tổng kết)."""
        return self.kind in REVIEWED

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None

    @property
    def title(self) -> str:
        """The period in words, “quý III/2026”; the year is that of its last day."""
        last = self.data_to
        match self.kind:
            case self.Kind.MONTHLY:
                words = _now("month %(month)s/%(year)s")
            case self.Kind.QUARTERLY:
                words = _now("quarter %(quarter)s/%(year)s")
            case self.Kind.SEMIANNUAL:
                words = _now("first six months of %(year)s")
            case self.Kind.NINE_MONTH:
                words = _now("nine months of %(year)s")
            case _:
                words = _now("year %(year)s")
        quarter = ("I", "II", "III", "IV")[(last.month - 1) // 3]
        return words % {"month": last.month, "quarter": quarter, "year": last.year}


REVIEWED = frozenset({ReportingPeriod.Kind.SEMIANNUAL, ReportingPeriod.Kind.ANNUAL})
