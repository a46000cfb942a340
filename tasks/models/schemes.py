"""Schemes, projects and master plans of several years, with the milestones that programmes carry."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.text import in_reader_language
from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.states import MilestoneState, SchemeState

_YEARS = [MinValueValidator(2000), MaxValueValidator(2100)]


class Scheme(models.Model):
    """What was approved for several years (đề án, dự án, quy hoạch). Progress alone, never its content."""

    class Kind(models.TextChoices):
        SCHEME = "scheme", _("scheme")
        PROJECT = "project", _("project")
        PLAN = "plan", _("master plan")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    title_vi = models.CharField(_("title in Vietnamese"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    year_from = models.PositiveSmallIntegerField(_("first year"), validators=_YEARS)
    year_to = models.PositiveSmallIntegerField(_("last year"), validators=_YEARS)
    approval_number = models.CharField(_("number of the approving document"), max_length=60)
    approved_on = models.DateField(_("approved on"))
    approval_subject = models.CharField(_("subject of the approving document"), max_length=300)
    approved_by = models.CharField(_("approved by"), max_length=200, blank=True)
    lead = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("lead agency"), related_name="+")
    coordinating: "models.ManyToManyField[Agency, models.Model]" = models.ManyToManyField(
        Agency, verbose_name=_("coordinating agencies"), related_name="+", blank=True
    )
    state = models.CharField(
        _("state"), max_length=7, choices=SchemeState, default=SchemeState.RUNNING, editable=False
    )
    outcome = models.TextField(_("outcome"), blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    class Meta:
        verbose_name = _("scheme of several years")
        verbose_name_plural = _("schemes of several years")
        ordering = ["year_from", "title_vi"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year_to__gte=F("year_from")),
                name="scheme_ends_after_it_begins",
                violation_error_message=_("The last year comes before the first."),
            ),
            models.UniqueConstraint(
                fields=["approval_number", "approved_on"],
                name="scheme_approved_once",
                violation_error_message=_("A scheme that this document approves is here already."),
            ),
            models.CheckConstraint(
                condition=Q(state=SchemeState.RUNNING, ended_at=None)
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="scheme_ended_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)

    def get_absolute_url(self) -> str:
        return reverse("schemes:detail", args=[self.pk])


class Milestone(models.Model):
    """What a scheme shall have reached by a day. Its lead says so, the officer confirms it."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, verbose_name=_("scheme"), related_name="milestones")
    title = models.CharField(_("milestone"), max_length=300)
    due_on = models.DateField(_("to be reached by"))
    state = models.CharField(
        _("state"), max_length=8, choices=MilestoneState, default=MilestoneState.OPEN, editable=False
    )
    result = models.TextField(_("result"), blank=True, editable=False)
    reached_on = models.DateField(_("reached on"), null=True, editable=False)
    reported_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("reported by"), related_name="+", null=True, editable=False
    )
    settled_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("settled by"), related_name="+", null=True, editable=False
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, editable=False)
    note = models.TextField(_("reason"), blank=True, editable=False)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "title"],
                name="milestone_once",
                violation_error_message=_("The scheme has this milestone already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[MilestoneState.OPEN, MilestoneState.DROPPED])
                | (Q(reached_on__isnull=False) & ~Q(result="")),
                name="milestone_reached_with_result",
            ),
            models.CheckConstraint(
                condition=~Q(state=MilestoneState.DROPPED) | ~Q(note=""),
                name="milestone_dropped_with_reason",
                violation_error_message=_("Give a reason."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_late(self) -> bool:
        """Whether it was reached after its day."""
        return self.reached_on is not None and self.reached_on > self.due_on

    def get_absolute_url(self) -> str:
        return reverse("schemes:milestone", args=[self.pk])


class MilestoneDuty(models.Model):
    """Which duty of a year's programme carries a milestone; a duty carried over takes it along."""

    milestone = models.ForeignKey(
        Milestone, models.PROTECT, verbose_name=_("milestone"), related_name="duties"
    )
    assignment = models.ForeignKey(
        Assignment, models.CASCADE, verbose_name=_("assignment"), related_name="milestone_duties"
    )  # only drafts are deleted: nothing was carried yet
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("duty that carries a milestone")
        verbose_name_plural = _("duties that carry milestones")
        ordering = ["assignment__programme__year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["milestone", "assignment"], name="milestone_carried_once")
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.assignment_id}"
