"""What one agency is rated by: its sheet, points with what they rest on, and re-examination (phúc tra)."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency, AgencyKind
from portal.lib.text import filled_lines
from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.models.evidence import Evidence
from tasks.models.ratings import RatingCriterion, RatingGrade, RatingRound
from tasks.states import ReexaminationState, SheetState


class RatingSheet(models.Model):
    """One agency in one rating. `revision` grows with each save and step: a page older than that is stale."""

    round = models.ForeignKey(RatingRound, models.PROTECT, verbose_name=_("rating"), related_name="sheets")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    state = models.CharField(
        _("state"), max_length=13, choices=SheetState, default=SheetState.DRAFT, editable=False
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    saved_at = models.DateTimeField(_("last saved"), null=True, editable=False)
    saved_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("last saved by"), related_name="+", null=True, editable=False
    )
    sent_at = models.DateTimeField(_("sent to the command at"), null=True, editable=False)
    sent_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("sent by"), related_name="+", null=True, editable=False
    )
    sent_capacity = models.TextField(_("capacity"), blank=True, editable=False)  # of a deputy, see acting
    send_back_reason = models.TextField(_("why the head sent it back"), blank=True, editable=False)
    verified_at = models.DateTimeField(_("verified at"), null=True, editable=False)
    verified_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("verified by"), related_name="+", null=True, editable=False
    )
    grade = models.ForeignKey(
        RatingGrade, models.PROTECT, verbose_name=_("grade"), related_name="+", null=True, editable=False
    )
    grade_reason = models.TextField(_("reason of another grade than the points give"), blank=True)

    class Meta:
        verbose_name = _("rating of an agency")
        verbose_name_plural = _("ratings of agencies")
        ordering = ["round", "agency__protocol_order", "agency__code"]
        constraints = [
            models.UniqueConstraint(fields=["round", "agency"], name="rating_sheet_once"),
            models.CheckConstraint(
                condition=~Q(state=SheetState.SENT) | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="rating_sheet_sent_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.VERIFIED)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="rating_sheet_verified_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.agency.code}"

    def get_absolute_url(self) -> str:
        return reverse("ratings:sheet", args=[self.pk])

    @property
    def sent_in_words(self) -> str:
        """The post in which a deputy sent it, on one line."""
        return ", ".join(filled_lines(self.sent_capacity))

    @property
    def is_of_party_body(self) -> bool:
        return self.agency.kind == AgencyKind.PARTY


class RatingPoint(models.Model):
    """The points of one criterion: as the agency gives them, as the portal counts, as the officer decides.

    `computed` is the figure at verification: kept, counted and the rows behind it. `points` None after
    verification means that it cannot be told; the criterion is then left out of the total.
    """

    sheet = models.ForeignKey(
        RatingSheet, models.CASCADE, verbose_name=_("rating of an agency"), related_name="points"
    )  # part of it
    criterion = models.ForeignKey(
        RatingCriterion, models.PROTECT, verbose_name=_("criterion"), related_name="+"
    )
    self_points = models.DecimalField(_("self-score"), max_digits=5, decimal_places=2, null=True)
    self_note = models.TextField(_("what it rests on"), blank=True)
    computed = models.JSONField(null=True, editable=False)
    points = models.DecimalField(_("verified points"), max_digits=5, decimal_places=2, null=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("points of a criterion")
        verbose_name_plural = _("points of criteria")
        ordering = ["sheet", "criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="rating_point_once"),
            models.CheckConstraint(
                condition=(Q(self_points=None) | Q(self_points__gte=0, self_points__lte=100))
                & (Q(points=None) | Q(points__gte=0, points__lte=100)),
                name="rating_point_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.criterion_id}"


class RatingProof(models.Model):
    """What an agency shows for a point: one of its duties, or a file of evidence there."""

    point = models.ForeignKey(
        RatingPoint, models.CASCADE, verbose_name=_("points of a criterion"), related_name="proofs"
    )  # part of it
    assignment = models.ForeignKey(Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="+")
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, verbose_name=_("file of evidence"), related_name="+", null=True
    )

    class Meta:
        verbose_name = _("proof of a point")
        verbose_name_plural = _("proofs of points")
        ordering = ["point", "assignment__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["point", "assignment"],
                condition=Q(evidence=None),
                name="rating_proof_duty_once",
                violation_error_message=_("This is shown here already."),
            ),
            models.UniqueConstraint(
                fields=["point", "evidence"],
                name="rating_proof_file_once",
                violation_error_message=_("This is shown here already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.assignment_id}"


class Reexamination(models.Model):
    """An agency asks to look at a point again, with its reason; the officer answers, once."""

    point = models.OneToOneField(
        RatingPoint, models.PROTECT, verbose_name=_("points of a criterion"), related_name="reexamination"
    )
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=ReexaminationState,
        default=ReexaminationState.ASKED,
        editable=False,
    )
    reason = models.TextField(_("reason"))
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("asked by"), related_name="+")
    old_points = models.DecimalField(_("points until then"), max_digits=5, decimal_places=2, null=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("answered by"), related_name="+", null=True
    )

    class Meta:
        verbose_name = _("re-examination")
        verbose_name_plural = _("re-examinations")
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ReexaminationState.ASKED, answer="", answered_at=None, answered_by=None)
                | Q(
                    ~Q(answer=""),
                    state=ReexaminationState.ANSWERED,
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                ),
                name="reexamination_answered_whole",
            )
        ]

    def __str__(self) -> str:
        return str(self.point)

    @property
    def is_answered(self) -> bool:
        return self.state == ReexaminationState.ANSWERED
