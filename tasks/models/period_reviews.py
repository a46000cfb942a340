"""The interim review (sơ kết) and the annual review (tổng kết): drafted, frozen, approved by the commander.

A draft is the command's. What the commander approves is a row of its own, which every party reads and
which never changes. Decision 0046.
"""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks.models.paragraphs import DraftedParagraph
from tasks.models.periods import ReportingPeriod
from tasks.states import ReviewState


class PeriodReview(models.Model):
    """The review of a half-year or a year while it is written and decided on.

    `figures` are those as of the period's last day that the draft was made from (tasks.review_figures).
    `revision` grows with every save and every step: a page older than that is stale.
    """

    period = models.OneToOneField(
        ReportingPeriod, models.PROTECT, verbose_name=_("reporting period"), related_name="review"
    )
    state = models.CharField(
        _("state"), max_length=8, choices=ReviewState, default=ReviewState.DRAFT, editable=False
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    figures = models.JSONField(editable=False)
    gathered_at = models.DateTimeField(_("figures gathered at"), editable=False)
    recipients = models.TextField(_("recipients"), help_text=_("One a line, without the hyphen."))
    saved_at = models.DateTimeField(_("last saved"), editable=False)
    saved_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("last saved by"), related_name="+", editable=False
    )
    frozen_at = models.DateTimeField(_("frozen at"), null=True, editable=False)
    frozen_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("frozen by"), related_name="+", null=True, editable=False
    )
    content = models.JSONField(null=True, editable=False)
    content_sha256 = models.CharField(_("SHA-256 of the content"), max_length=64, blank=True, editable=False)
    return_reason = models.TextField(_("why it came back"), blank=True, editable=False)

    class Meta:
        verbose_name = _("interim or annual review")
        verbose_name_plural = _("interim and annual reviews")
        ordering = ["period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=ReviewState.DRAFT, content=None, content_sha256="", frozen_at=None, frozen_by=None
                )
                | Q(
                    ~Q(state=ReviewState.DRAFT),
                    ~Q(content_sha256=""),
                    content__isnull=False,
                    frozen_at__isnull=False,
                    frozen_by__isnull=False,
                ),
                name="period_review_frozen_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.period.code

    def get_absolute_url(self) -> str:
        return reverse("reviews:detail", args=[self.period_id])

    @property
    def is_draft(self) -> bool:
        return self.state == ReviewState.DRAFT


class ReviewParagraph(DraftedParagraph):
    """One paragraph of the draft.

    `sources` are what it rests on, each {"kind", "id", "label"} (tasks.period_review_contents).
    """

    class Section(models.TextChoices):
        SITUATION = "situation", _("General situation")
        RESULTS = "results", _("Results")
        STRENGTHS = "strengths", _("Strengths")
        SHORTCOMINGS = "shortcomings", _("Shortcomings and their causes")
        LESSONS = "lessons", _("Lessons")
        GRADES = "grades", _("Rating of agencies")
        PROPOSALS = "proposals", _("Proposals and what became of them")
        DIRECTION = "direction", _("Direction of the coming period")

    review = models.ForeignKey(
        PeriodReview, models.CASCADE, verbose_name=_("review"), related_name="paragraphs"
    )  # part of it
    section = models.CharField(_("section"), max_length=12, choices=Section)
    group = models.CharField(_("under the title"), max_length=520, blank=True)
    key = models.CharField(max_length=60)
    sources = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("paragraph of a review")
        verbose_name_plural = _("paragraphs of reviews")
        ordering = ["review", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "key"], name="review_paragraph_once"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.key}"

    @property
    def is_own(self) -> bool:
        return self.key.startswith("own:")


class ApprovedReview(models.Model):
    """What the commander approved, with its SHA-256. It never changes; number and date come after it."""

    period = models.OneToOneField(
        ReportingPeriod, models.PROTECT, verbose_name=_("reporting period"), related_name="approved_review"
    )
    content = models.JSONField(editable=False)
    content_sha256 = models.CharField(_("SHA-256 of the content"), max_length=64, editable=False)
    frozen_at = models.DateTimeField(_("frozen at"), editable=False)
    frozen_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("frozen by"), related_name="+", editable=False
    )
    approved_at = models.DateTimeField(_("approved at"), editable=False)
    approved_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("approved by"), related_name="+", editable=False
    )
    number = models.CharField(_("number"), max_length=20, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)

    class Meta:
        verbose_name = _("approved review")
        verbose_name_plural = _("approved reviews")
        ordering = ["-period__data_to"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("frozen_by")), name="approved_review_by_a_second_person"
            ),
            models.CheckConstraint(
                condition=Q(number="", issued_on=None) | Q(~Q(number=""), issued_on__isnull=False),
                name="approved_review_number_with_day",
                violation_error_message=_("Number and date are given together."),
            ),
        ]

    def __str__(self) -> str:
        return self.period.code

    def get_absolute_url(self) -> str:
        return reverse("reviews:detail", args=[self.period_id])
