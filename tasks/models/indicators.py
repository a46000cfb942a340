"""Indicators: how the figure of an assignment is measured, divided and entered.

What was signed (name, unit, target) stands in the columns of the assignment; an indicator holds what the
annex does not print. An assignment without one is measured by the defaults. Decision 0031.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.text import in_reader_language
from portal.users.models import User
from tasks.deadlines import figure_is_late
from tasks.models.assignments import Assignment, Cycle
from tasks.models.localities import Locality
from tasks.models.programmes import Programme
from tasks.states import DistributionState


class Direction(models.TextChoices):
    HIGHER = "higher", _("higher is better")
    LOWER = "lower", _("lower is better")


class Aggregation(models.TextChoices):
    """What becomes of several entries; of parts, what becomes of them together (tasks.indicators)."""

    SUM = "sum", _("entries are added up")
    LATEST = "latest", _("the newest entry counts")
    AVERAGE = "average", _("the average of the entries counts")


class Indicator(models.Model):
    """How an assignment's figure is measured. `state` is that of its distribution among parts.

    `revision` grows with every change of the definition or the distribution: an older page is stale.
    """

    assignment = models.OneToOneField(
        Assignment, models.CASCADE, verbose_name=_("assignment"), related_name="measure"
    )  # part of it
    baseline = models.DecimalField(_("baseline"), max_digits=14, decimal_places=2, null=True, blank=True)
    direction = models.CharField(_("direction"), max_length=6, choices=Direction, default=Direction.HIGHER)
    aggregation = models.CharField(
        _("aggregation"), max_length=7, choices=Aggregation, default=Aggregation.SUM
    )
    cycle = models.CharField(_("figures are entered"), max_length=12, choices=Cycle, default=Cycle.MONTHLY)
    state = models.CharField(
        _("state of the distribution"),
        max_length=7,
        choices=DistributionState,
        default=DistributionState.DRAFT,
        editable=False,
    )
    note = models.CharField(_("note on the distribution"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    settled_at = models.DateTimeField(_("settled at"), null=True, editable=False)
    settled_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("settled by"), related_name="+", null=True, editable=False
    )

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["assignment"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=DistributionState.SETTLED)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="indicator_settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(baseline=None) | Q(baseline__gte=0), name="indicator_baseline_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return str(self.assignment)

    @property
    def is_settled(self) -> bool:
        return self.state == DistributionState.SETTLED


class Quota(models.Model):
    """The share of the target that falls to one agency or to one locality."""

    indicator = models.ForeignKey(
        Indicator, models.CASCADE, verbose_name=_("indicator"), related_name="quotas"
    )  # part of it
    agency = models.ForeignKey(
        Agency, models.PROTECT, verbose_name=_("agency"), related_name="+", null=True, blank=True
    )
    locality = models.ForeignKey(
        Locality, models.PROTECT, verbose_name=_("locality"), related_name="quotas", null=True, blank=True
    )
    share = models.DecimalField(_("quota"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["agency__protocol_order", "locality__order", "locality__name_sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agency=None, locality__isnull=False) | Q(agency__isnull=False, locality=None),
                name="quota_of_one_holder",
            ),
            models.UniqueConstraint(
                fields=["indicator", "agency"],
                name="quota_of_agency_once",
                violation_error_message=_("This agency has a quota here already."),
            ),
            models.UniqueConstraint(
                fields=["indicator", "locality"],
                name="quota_of_locality_once",
                violation_error_message=_("This locality has a quota here already."),
            ),
            models.CheckConstraint(condition=Q(share__gte=0), name="quota_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        holder = self.agency or self.locality
        return holder.name if holder else ""


class Figure(models.Model):
    """One value, for a day, of the whole or of a part. Never changed: a correction is another figure.

    A correction without a value takes the entry back. What counts is what nothing corrects.
    """

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name=_("indicator"), related_name="figures"
    )
    quota = models.ForeignKey(
        Quota, models.PROTECT, verbose_name=_("quota"), related_name="figures", null=True, blank=True
    )
    on = models.DateField(_("as of"))
    value = models.DecimalField(_("figure"), max_digits=14, decimal_places=2, null=True)
    at = models.DateTimeField(_("entered at"))
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("entered by"), related_name="+")
    corrects = models.OneToOneField(
        "self", models.PROTECT, verbose_name=_("corrects"), related_name="correction", null=True
    )
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["-on", "-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "on"],
                condition=Q(quota=None, corrects=None),
                name="figure_of_whole_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["quota", "on"], condition=Q(corrects=None), name="figure_of_quota_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(corrects=None, value__isnull=False) | (Q(corrects__isnull=False) & ~Q(reason="")),
                name="figure_correction_says_why",
            ),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="figure_not_negative"),
        ]
        indexes = [models.Index(fields=["indicator", "-on"], name="figure_of_indicator")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.on:%d/%m/%Y}"

    @property
    def is_late(self) -> bool:
        return figure_is_late(self.on, self.at)


class JointIndicator(models.Model):
    """A target of the programme that several assignments make up together: 3,934 = 3,505 + 429.

    It has no figures of its own: what was achieved is what its parts achieved.
    """

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="joint_indicators"
    )  # part of it
    name_vi = models.CharField(_("name in Vietnamese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    unit_vi = models.CharField(_("unit in Vietnamese"), max_length=40)
    unit_en = models.CharField(_("unit in English"), max_length=40, blank=True)
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=2)
    parts = models.ManyToManyField(Assignment, verbose_name=_("assignments"), related_name="joint_indicators")

    class Meta:
        verbose_name = _("joint indicator")
        verbose_name_plural = _("joint indicators")
        ordering = ["programme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name_vi"],
                name="joint_indicator_once",
                violation_error_message=_("Another joint indicator of this programme has this name."),
            ),
            models.CheckConstraint(
                condition=Q(target__gte=0),
                name="joint_target_not_negative",
                violation_error_message=_("A target cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self.name_vi, self.name_en)

    @property
    def unit(self) -> str:
        return in_reader_language(self.unit_vi, self.unit_en)
