"""Assignments: what one lead agency does, with whom, until when, measured by what."""

import datetime as dt

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.text import fold, in_reader_language
from tasks.deadlines import DUE_SOON_DAYS, Timeliness
from tasks.models.grants import SendingGrant
from tasks.models.paper_entries import PaperEntry
from tasks.models.programmes import Clause, PriorityTask, Programme, Solution
from tasks.states import COUNTED_ASSIGNMENT, DONE_ASSIGNMENT, AssignmentStatus


class Cycle(models.TextChoices):
    ONCE = "once", _("once")
    MONTHLY = "monthly", _("monthly")
    QUARTERLY = "quarterly", _("quarterly")
    SEMIANNUAL = "semiannual", _("every six months")
    ANNUAL = "annual", _("during the year")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def with_timeliness(self, today: dt.date) -> "AssignmentQuerySet":
        """Annotate `standing`: tasks.deadlines.timeliness() in SQL; a test holds the two equal."""
        counted = Q(status__in=COUNTED_ASSIGNMENT)
        done = Q(status__in=DONE_ASSIGNMENT)
        soon = today + dt.timedelta(days=DUE_SOON_DAYS)
        return self.annotate(
            standing=Case(
                When(Q(due_on=None) | ~counted, then=Value(Timeliness.NO_DEADLINE)),
                When(done & Q(submitted_on__gt=F("due_on")), then=Value(Timeliness.COMPLETED_LATE)),
                When(done, then=Value(Timeliness.COMPLETED_ON_TIME)),
                When(due_on__lt=today, then=Value(Timeliness.OVERDUE)),
                When(due_on__lte=soon, then=Value(Timeliness.DUE_SOON)),
                default=Value(Timeliness.NOT_DUE),
                output_field=models.CharField(),
            )
        )


class Assignment(models.Model):
    """One row of the assignment annex. Exactly one agency leads; only the lead is rated for it."""

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="assignments"
    )  # part of it
    code = models.CharField(
        _("code"), max_length=10, validators=[RegexValidator(r"^\d+\.\d+$", _("For example 2.05."))]
    )
    task = models.ForeignKey(
        PriorityTask, models.PROTECT, verbose_name=_("priority task"), related_name="assignments"
    )
    solutions = models.ManyToManyField(
        Solution, verbose_name=_("solutions"), related_name="assignments", blank=True
    )
    clause = models.ForeignKey(
        Clause,
        models.SET_NULL,  # the duty stands in the annex by itself, whatever becomes of the sentence
        verbose_name=_("clause it carries out"),
        related_name="assignments",
        null=True,
        blank=True,
        help_text=_("Kept beside the signed text, not in it."),
    )
    title_vi = models.CharField(_("title in Vietnamese"), max_length=500)
    title_en = models.CharField(_("title in English"), max_length=500, blank=True)
    lead = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("lead agency"), related_name="leads")
    coordinating: "models.ManyToManyField[Agency, Coordination]" = models.ManyToManyField(
        Agency, through="Coordination", verbose_name=_("coordinating agencies"), related_name="coordinates"
    )
    cycle = models.CharField(_("cycle"), max_length=12, choices=Cycle, default=Cycle.ONCE)
    start_on = models.DateField(_("from"), null=True, blank=True)
    deadline_on = models.DateField(_("deadline as signed"))
    adjusted_on = models.DateField(_("adjusted deadline"), null=True, blank=True)
    extensions_granted = models.PositiveSmallIntegerField(
        _("extensions granted"), default=0, editable=False, help_text=_("Of the deadline as signed.")
    )
    due_on = models.DateField(
        _("binding day"),
        null=True,
        editable=False,
        help_text=_("The deadline after extension, moved to a working day; empty when recurring."),
    )
    indicator_vi = models.CharField(_("indicator in Vietnamese"), max_length=200)
    indicator_en = models.CharField(_("indicator in English"), max_length=200, blank=True)
    unit_vi = models.CharField(_("unit in Vietnamese"), max_length=40)
    unit_en = models.CharField(_("unit in English"), max_length=40, blank=True)
    target = models.DecimalField(
        _("target"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)]
    )
    # --- Execution -------------------------------------------------------------------------
    status = models.CharField(
        _("status"), max_length=14, choices=AssignmentStatus, default=AssignmentStatus.DRAFT, editable=False
    )
    actual = models.DecimalField(_("achieved"), max_digits=14, decimal_places=2, default=0)
    progress_percent = models.PositiveSmallIntegerField(_("progress in percent"), default=0)
    result_text = models.TextField(_("result"), blank=True)
    submitted_on = models.DateField(_("result sent on"), null=True, blank=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True, editable=False)
    decision_note = models.TextField(_("reason"), blank=True, editable=False)
    changed_at = models.DateTimeField(_("last change"), null=True, editable=False)
    conclusion_id = models.PositiveBigIntegerField(
        _("conclusion of a conference"),
        null=True,
        editable=False,
        help_text=_("Key of the conclusion it comes from."),
    )
    copied_from = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("copied from"),
        related_name="copies",
        null=True,
        editable=False,
        help_text=_("The duty of an earlier year that it repeats or goes on with."),
    )
    is_added = models.BooleanField(
        _("added after signing"),
        default=False,
        editable=False,
        help_text=_("Given out by a conclusion while the programme is in force; no part of the signed text."),
    )
    reported_at = models.DateTimeField(
        _("last news of the work"),
        null=True,
        editable=False,
        help_text=_("When progress, a figure, a report or the result last came."),
    )
    folded = models.CharField(max_length=1200, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["programme", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "code"],
                name="assignment_code_once",
                violation_error_message=_("Another assignment of this programme has this code."),
            ),
            models.CheckConstraint(
                condition=Q(start_on=None) | Q(start_on__lte=F("deadline_on")),
                name="assignment_dates_in_order",
                violation_error_message=_("The assignment ends before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(progress_percent__lte=100),
                name="assignment_progress_to_100",
                violation_error_message=_("Progress is a figure from 0 to 100."),
            ),
            models.CheckConstraint(condition=Q(target__gte=0), name="assignment_target_not_negative"),
            models.CheckConstraint(
                condition=~Q(status__in=DONE_ASSIGNMENT) | Q(submitted_on__isnull=False),
                name="assignment_done_has_day",
            ),
            models.CheckConstraint(
                condition=Q(is_added=False) | Q(conclusion_id__isnull=False),
                name="assignment_added_by_conclusion",
            ),
            models.UniqueConstraint(
                fields=["conclusion_id"],
                condition=~Q(status=AssignmentStatus.CANCELLED),
                name="assignment_of_conclusion_once",
                violation_error_message=_("The conclusion is an assignment already."),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "lead", "due_on"], name="assignment_of_lead"),
            # All that a sweep asks first, so that it reads no row of what it told already.
            models.Index(fields=["due_on", "status", "programme", "lead"], name="assignment_due"),
            models.Index(fields=["submitted_on"], name="assignment_submitted"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.folded = fold(f"{self.code} {self.title_vi} {self.title_en}")
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def present_deadline_on(self) -> dt.date:
        """The adjusted deadline, else the one that was signed."""
        return self.adjusted_on or self.deadline_on

    def get_absolute_url(self) -> str:
        return reverse("assignments:detail", args=[self.pk])

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)

    @property
    def indicator(self) -> str:
        return in_reader_language(self.indicator_vi, self.indicator_en)

    @property
    def unit(self) -> str:
        return in_reader_language(self.unit_vi, self.unit_en)


class Coordination(models.Model):
    """A coordinating agency's share of an assignment, with its own deliverable."""

    assignment = models.ForeignKey(
        Assignment, models.CASCADE, verbose_name=_("assignment"), related_name="coordinations"
    )  # part of it
    agency = models.ForeignKey(
        Agency, models.PROTECT, verbose_name=_("coordinating agency"), related_name="coordinations"
    )
    deliverable = models.CharField(_("deliverable"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("coordinating agency")
        verbose_name_plural = _("coordinating agencies")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "agency"],
                name="coordination_once",
                violation_error_message=_("This agency coordinates here already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.agency)


class Progress(models.Model):
    """One entry of an assignment's log: who reported what, when. Never edited.

    `grant` is the head's leave by which a focal point sent a result, `paper` the agency's paper from which
    the command entered it, `capacity` the lines above the name of a deputy who acted for the head.
    """

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="log"
    )
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey("users.User", models.PROTECT, verbose_name=_("by"), related_name="+")
    status = models.CharField(_("status"), max_length=14, choices=AssignmentStatus)
    actual = models.DecimalField(_("achieved"), max_digits=14, decimal_places=2)
    progress_percent = models.PositiveSmallIntegerField(_("progress in percent"))
    text = models.TextField(_("text"), blank=True)
    grant = models.ForeignKey(
        SendingGrant, models.PROTECT, verbose_name=_("leave to send"), related_name="+", null=True
    )
    paper = models.ForeignKey(
        PaperEntry, models.PROTECT, verbose_name=_("entry from paper"), related_name="log", null=True
    )
    capacity = models.TextField(_("capacity"), blank=True, editable=False)

    class Meta:
        verbose_name = _("progress entry")
        verbose_name_plural = _("progress entries")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["assignment", "-at"], name="progress_of_assignment")]

    def __str__(self) -> str:
        return f"{self.assignment.code} {self.at:%d/%m/%Y}"
