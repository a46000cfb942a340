"""Rating of agencies at the end of a programme's year: the published criteria, the grades, the decision."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.lib.text import in_reader_language
from portal.users.models import User
from tasks.models.programmes import Programme
from tasks.states import RatingState

WHOLE = 100
"""What the weights of an edition add up to."""


class RatingRound(models.Model):
    """The rating of one programme's year. Published, its criteria are `edition` and change no more.

    `revision` grows with every change of the criteria: a page older than that is stale. `public_list` is
    what every party reads after approval, where the round says so: grades without points, no Party body.
    """

    programme = models.OneToOneField(
        Programme, models.PROTECT, verbose_name=_("programme"), related_name="rating"
    )
    state = models.CharField(
        _("state"), max_length=8, choices=RatingState, default=RatingState.DRAFT, editable=False
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    counts_until = models.DateField(
        _("counted until"), help_text=_("What fell due later is left out of the portal's figures.")
    )
    self_due_on = models.DateField(_("self-scores due on"))
    review_until = models.DateField(_("re-examination until"), null=True, editable=False)
    leaves_out_suspended = models.BooleanField(
        _("suspended duties are left out"),
        default=True,
        help_text=_("Otherwise one that fell due counts as not done. Cancelled ones are always left out."),
    )
    leaves_out_carried_over = models.BooleanField(
        _("duties carried over to the next year are left out"), default=True
    )
    is_list_public = models.BooleanField(
        _("every party reads the approved list"),
        default=False,
        help_text=_("Grades without points and without Party bodies. Otherwise each agency reads its own."),
    )
    edition = models.JSONField(null=True, editable=False)
    edition_sha256 = models.CharField(_("SHA-256 of the criteria"), max_length=64, blank=True, editable=False)
    prepared_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("prepared by"), related_name="+", editable=False
    )
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    return_reason = models.TextField(_("why the proposal came back"), blank=True, editable=False)
    public_list = models.JSONField(null=True, editable=False)

    class Meta:
        verbose_name = _("rating of a year")
        verbose_name_plural = _("ratings of years")
        ordering = ["-programme__year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=RatingState.DRAFT, edition=None, edition_sha256="", published_at=None)
                | Q(~Q(state=RatingState.DRAFT), ~Q(edition_sha256=""), published_at__isnull=False),
                name="rating_published_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[RatingState.DRAFT, RatingState.SCORING])
                | Q(review_until__isnull=False),
                name="rating_review_has_day",
            ),
            models.CheckConstraint(
                condition=Q(public_list=None) | Q(state=RatingState.APPROVED, is_list_public=True),
                name="rating_list_public_once_approved",
            ),
        ]

    def __str__(self) -> str:
        return str(self.programme.year)

    def get_absolute_url(self) -> str:
        return reverse("ratings:detail", args=[self.programme.year])


class RatingCriterion(models.Model):
    """One criterion with its weight: a figure of the portal, or judged by the officer with a reason."""

    class Measure(models.TextChoices):
        ON_TIME = "on_time", _("figure: duties finished on time")
        TARGETS = "targets", _("figure: targets reached")
        REPORTS = "reports", _("figure: reports sent on time")
        JUDGED = "judged", _("judged, with a reason")

    round = models.ForeignKey(
        RatingRound, models.CASCADE, verbose_name=_("rating"), related_name="criteria"
    )  # part of it
    order = models.PositiveSmallIntegerField(_("order"))
    title_vi = models.CharField(_("criterion in Vietnamese"), max_length=200)
    title_en = models.CharField(_("criterion in English"), max_length=200, blank=True)
    guidance = models.CharField(_("how points are given"), max_length=500, blank=True)
    measure = models.CharField(_("points come from"), max_length=7, choices=Measure)
    weight = models.PositiveSmallIntegerField(
        _("weight"), validators=[MinValueValidator(1), MaxValueValidator(WHOLE)]
    )

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["round", "order"]
        constraints = [
            models.UniqueConstraint(fields=["round", "order"], name="criterion_order_once"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=WHOLE), name="criterion_weight_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)

    @property
    def is_judged(self) -> bool:
        return self.measure == self.Measure.JUDGED


class RatingGrade(models.Model):
    """One of the four grades: from how many points of a hundred, and the reward it is proposed for."""

    round = models.ForeignKey(
        RatingRound, models.CASCADE, verbose_name=_("rating"), related_name="grades"
    )  # part of it
    place = models.PositiveSmallIntegerField(_("place"), help_text=_("1 is the best."))
    name_vi = models.CharField(_("grade in Vietnamese"), max_length=100)
    name_en = models.CharField(_("grade in English"), max_length=100, blank=True)
    from_points = models.PositiveSmallIntegerField(_("from"), validators=[MaxValueValidator(WHOLE)])
    reward = models.CharField(
        _("reward proposed"),
        max_length=200,
        blank=True,
        help_text=_("Empty where agencies of this grade are proposed for none."),
    )

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        ordering = ["round", "place"]
        constraints = [
            models.UniqueConstraint(fields=["round", "place"], name="grade_place_once"),
            models.UniqueConstraint(fields=["round", "from_points"], name="grade_points_once"),
            models.CheckConstraint(
                condition=Q(place__gte=1, place__lte=4, from_points__lte=WHOLE), name="grade_of_four"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self.name_vi, self.name_en)


class RatingDecision(models.Model):
    """What the commander approved: every agency's points and grade, with its SHA-256. Never changed."""

    round = models.OneToOneField(
        RatingRound, models.PROTECT, verbose_name=_("rating"), related_name="decision"
    )
    content = models.JSONField(editable=False)
    content_sha256 = models.CharField(_("SHA-256 of the content"), max_length=64, editable=False)
    approved_at = models.DateTimeField(_("approved at"), editable=False)
    approved_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("approved by"), related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("approved rating")
        verbose_name_plural = _("approved ratings")

    def __str__(self) -> str:
        return str(self.round)


QUESTIONS = {
    "guidance_mark": _("guidance on the duties is clear"),
    "answers_mark": _("questions are answered in time"),
    "help_mark": _("difficulties are helped with"),
    "burden_mark": _("what is asked for is no needless burden"),
}
"""What the command's support is rated by, by the column of the mark."""

MARKED = tuple(QUESTIONS)


class SupportReceipt(models.Model):
    """That an agency has rated the command's support; what it said stands elsewhere, without its name."""

    round = models.ForeignKey(
        RatingRound, models.PROTECT, verbose_name=_("rating"), related_name="support_receipts"
    )
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, verbose_name=_("agency"), related_name="+")

    class Meta:
        verbose_name = _("receipt of an answer about support")
        verbose_name_plural = _("receipts of answers about support")
        constraints = [models.UniqueConstraint(fields=["round", "agency"], name="support_answered_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.agency_id}"


class SupportAnswer(models.Model):
    """One agency's rating of the command's support: neither who, nor when, nor in which order."""

    MARKS = ((5, _("very good")), (4, _("good")), (3, _("fair")), (2, _("poor")), (1, _("bad")))

    id = models.UUIDField(primary_key=True, editable=False)
    round = models.ForeignKey(
        RatingRound, models.PROTECT, verbose_name=_("rating"), related_name="support_answers"
    )
    guidance_mark = models.PositiveSmallIntegerField(QUESTIONS["guidance_mark"], choices=MARKS)
    answers_mark = models.PositiveSmallIntegerField(QUESTIONS["answers_mark"], choices=MARKS)
    help_mark = models.PositiveSmallIntegerField(QUESTIONS["help_mark"], choices=MARKS)
    burden_mark = models.PositiveSmallIntegerField(QUESTIONS["burden_mark"], choices=MARKS)
    words = models.TextField(_("suggestions"), blank=True)

    class Meta:
        verbose_name = _("answer about support")
        verbose_name_plural = _("answers about support")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    guidance_mark__range=(1, 5),
                    answers_mark__range=(1, 5),
                    help_mark__range=(1, 5),
                    burden_mark__range=(1, 5),
                ),
                name="support_marks_in_range",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
