"""The consolidated report of a period (tổng hợp): drafted from the agencies' reports, edited, frozen."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks.models.paragraphs import DraftedParagraph
from tasks.models.periods import ReportingPeriod
from tasks.models.programmes import PriorityTask
from tasks.models.reports import Report
from tasks.states import ConsolidationState


class Consolidation(models.Model):
    """What the command makes of a period's reports. Frozen it is its `content`, and nothing changes any more.

    `gathered` tells which reports it was drafted from: when each was sent, by the report's key.
    `revision` grows with every save and every step: a page older than that is stale.
    """

    period = models.OneToOneField(
        ReportingPeriod, models.PROTECT, verbose_name=_("reporting period"), related_name="consolidation"
    )
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=ConsolidationState,
        default=ConsolidationState.DRAFT,
        editable=False,
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    gathered = models.JSONField(editable=False)
    gathered_at = models.DateTimeField(_("drafted from the reports at"), editable=False)
    saved_at = models.DateTimeField(_("last saved"), editable=False)
    saved_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("last saved by"), related_name="+", editable=False
    )
    frozen_at = models.DateTimeField(_("frozen at"), null=True, editable=False)
    frozen_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("frozen by"), related_name="+", null=True, editable=False
    )
    frozen_reason = models.TextField(_("reason"), blank=True, editable=False)
    content = models.JSONField(null=True, editable=False)
    content_sha256 = models.CharField(_("SHA-256 of the content"), max_length=64, blank=True, editable=False)
    number = models.CharField(_("number"), max_length=20, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)

    class Meta:
        verbose_name = _("consolidated report")
        verbose_name_plural = _("consolidated reports")
        ordering = ["period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=ConsolidationState.DRAFT,
                    content=None,
                    content_sha256="",
                    frozen_at=None,
                    frozen_by=None,
                )
                | Q(
                    ~Q(content_sha256=""),
                    state=ConsolidationState.FROZEN,
                    content__isnull=False,
                    frozen_at__isnull=False,
                    frozen_by__isnull=False,
                ),
                name="consolidation_frozen_whole",
            ),
            models.CheckConstraint(
                condition=Q(number="", issued_on=None)
                | Q(~Q(number=""), state=ConsolidationState.FROZEN, issued_on__isnull=False),
                name="consolidation_number_after_freezing",
                violation_error_message=_("Number and date are given together, once it is frozen."),
            ),
        ]

    def __str__(self) -> str:
        return self.period.code

    def get_absolute_url(self) -> str:
        return reverse("consolidations:detail", args=[self.period_id])

    @property
    def is_frozen(self) -> bool:
        return self.state == ConsolidationState.FROZEN


class ConsolidationParagraph(DraftedParagraph):
    """One paragraph of the draft: what the reports say."""

    class Section(models.TextChoices):
        SUMMARY = "summary", _("I. General situation")
        RESULTS = "results", _("II. Results")
        SHORTCOMINGS = "shortcomings", _("III. Shortcomings and their causes")
        PLANS = "plans", _("IV. Tasks of the coming period")
        PROPOSALS = "proposals", _("V. Proposals and requests")

    class Kind(models.TextChoices):
        COUNT = "count", _("number of agencies")
        DUTY = "duty", _("figure of an assignment")
        WORDS = "words", _("words of agencies")
        OWN = "own", _("the officer's own")

    consolidation = models.ForeignKey(
        Consolidation, models.CASCADE, verbose_name=_("consolidated report"), related_name="paragraphs"
    )  # part of it
    section = models.CharField(_("section"), max_length=12, choices=Section)
    task = models.ForeignKey(
        PriorityTask, models.PROTECT, verbose_name=_("priority task"), related_name="+", null=True
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    key = models.CharField(max_length=120)
    figure = models.DecimalField(_("figure"), max_digits=14, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("paragraph of a consolidated report")
        verbose_name_plural = _("paragraphs of consolidated reports")
        ordering = ["consolidation", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["consolidation", "key"], name="consolidation_paragraph_once"),
            models.CheckConstraint(
                condition=Q(section="results", task__isnull=False) | (~Q(section="results") & Q(task=None)),
                name="consolidation_results_by_task",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consolidation_id} {self.key}"

    @property
    def is_own(self) -> bool:
        return self.kind == self.Kind.OWN


class ConsolidationSource(models.Model):
    """What a paragraph rests on: a report, with its words there or the figure that it adds."""

    paragraph = models.ForeignKey(
        ConsolidationParagraph, models.CASCADE, verbose_name=_("paragraph"), related_name="sources"
    )  # part of it
    report = models.ForeignKey(
        Report, models.PROTECT, verbose_name=_("periodic report"), related_name="cited_in"
    )
    text = models.TextField(_("text"), blank=True)
    value = models.DecimalField(_("figure"), max_digits=14, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("source of a consolidated report")
        verbose_name_plural = _("sources of consolidated reports")
        ordering = ["paragraph", "pk"]

    def __str__(self) -> str:
        return f"{self.paragraph_id} {self.report_id}"
