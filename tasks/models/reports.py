"""Periodic reports (báo cáo định kỳ): one of each agency for each period, made by the system."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.users.models import User
from tasks.deadlines import Timeliness, report_timeliness
from tasks.models.assignments import Assignment
from tasks.models.grants import SendingGrant
from tasks.models.paper_entries import PaperEntry
from tasks.models.periods import ReportingPeriod
from tasks.states import SENT_REPORT, ReportState


class Report(models.Model):
    """What one agency reports for one period. Its sections I, III, IV, V; section II is its lines.

    `revision` grows with every save and every step: a page older than that is stale. `decision_note`
    is why it was last returned or sent back, until it is sent again.
    """

    period = models.ForeignKey(
        ReportingPeriod, models.PROTECT, verbose_name=_("reporting period"), related_name="reports"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    state = models.CharField(
        _("state"), max_length=14, choices=ReportState, default=ReportState.DRAFT, editable=False
    )
    summary = models.TextField(_("I. General situation"), blank=True)
    shortcomings = models.TextField(_("III. Shortcomings and their causes"), blank=True)
    plans = models.TextField(_("IV. Tasks of the coming period"), blank=True)
    proposals = models.TextField(_("V. Proposals and requests"), blank=True)
    rest_is_nothing = models.BooleanField(_("nothing to report in what is left empty"), default=False)
    own_due_on = models.DateField(_("new due date"), null=True, editable=False)
    decision_note = models.TextField(_("reason"), blank=True, editable=False)
    open_until = models.DateField(_("open until"), null=True, editable=False)
    open_reason = models.TextField(_("reason of the exception"), blank=True, editable=False)
    first_submitted_at = models.DateTimeField(_("first sent at"), null=True, editable=False)
    submitted_at = models.DateTimeField(_("last sent at"), null=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)
    saved_at = models.DateTimeField(_("last saved"), null=True, editable=False)
    saved_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("last saved by"), related_name="+", null=True, editable=False
    )

    class Meta:
        verbose_name = _("periodic report")
        verbose_name_plural = _("periodic reports")
        ordering = ["period", "agency"]
        constraints = [
            models.UniqueConstraint(fields=["period", "agency"], name="report_once"),
            models.CheckConstraint(
                condition=~Q(state__in=SENT_REPORT) | Q(submitted_at__isnull=False),
                name="report_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(first_submitted_at=None, submitted_at=None)
                | Q(first_submitted_at__lte=F("submitted_at")),
                name="report_first_sent_first",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.ACCEPTED) | Q(accepted_at__isnull=False),
                name="report_accepted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period.code} {self.agency.code}"

    def get_absolute_url(self) -> str:
        return reverse("reports:detail", args=[self.pk])

    @property
    def due_on(self) -> dt.date:
        """The day that binds now: the period's, or the one set when the report was returned."""
        return self.own_due_on or self.period.due_on

    @property
    def is_sent(self) -> bool:
        return self.state in SENT_REPORT

    def is_open(self, today: dt.date) -> bool:
        """Whether its period still takes it: not locked, or opened for this agency for a while."""
        return not self.period.is_locked or (self.open_until is not None and today <= self.open_until)

    def standing(self, today: dt.date) -> Timeliness:
        first, last = (at and local_day(at) for at in (self.first_submitted_at, self.submitted_at))
        return report_timeliness(self.is_sent, (first, last), self.period.due_on, self.own_due_on, today)


class ReportLine(models.Model):
    """What a report says of one assignment: of one that the agency leads with its figure."""

    report = models.ForeignKey(
        Report, models.CASCADE, verbose_name=_("periodic report"), related_name="lines"
    )  # part of it
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="report_lines"
    )
    is_led = models.BooleanField(_("led by this agency"))
    actual = models.DecimalField(_("achieved"), max_digits=14, decimal_places=2, null=True)
    text = models.TextField(_("text"), blank=True)
    nothing_to_report = models.BooleanField(_("nothing to report"), default=False)

    class Meta:
        verbose_name = _("line of a report")
        verbose_name_plural = _("lines of reports")
        ordering = ["report", "-is_led", "assignment__code"]
        constraints = [
            models.UniqueConstraint(fields=["report", "assignment"], name="report_line_once"),
            models.CheckConstraint(
                condition=Q(actual=None) | Q(actual__gte=0), name="report_line_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.assignment_id}"


class ReportStep(models.Model):
    """One step of a report: who took it, when, why. Never edited.

    Each time it was sent `content` keeps what it said then (tasks.report_contents.frozen), so that a
    correction stands beside what it corrects. `grant` is the head's leave by which a focal point sent it,
    `paper` the agency's paper from which the command entered it, `capacity` the lines above the name of a
    deputy who acted for the head.
    """

    report = models.ForeignKey(
        Report, models.PROTECT, verbose_name=_("periodic report"), related_name="steps"
    )
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    state = models.CharField(_("state"), max_length=14, choices=ReportState)
    text = models.TextField(_("text"), blank=True)
    content = models.JSONField(null=True, editable=False)
    grant = models.ForeignKey(
        SendingGrant, models.PROTECT, verbose_name=_("leave to send"), related_name="+", null=True
    )
    paper = models.ForeignKey(
        PaperEntry, models.PROTECT, verbose_name=_("entry from paper"), related_name="steps", null=True
    )
    capacity = models.TextField(_("capacity"), blank=True, editable=False)

    class Meta:
        verbose_name = _("step of a report")
        verbose_name_plural = _("steps of reports")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["report", "-at"], name="report_step_of_report")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.at:%d/%m/%Y}"
