"""The turn of the year: what was decided on each unfinished duty, and what was looked at in a new text."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.models.programmes import Programme
from tasks.states import AssignmentStatus


class YearEndDecision(models.Model):
    """What becomes of a duty that the year left unfinished; carried over it is a duty of the next programme.

    `status_before` is where the work stood. One that is left open may be decided on anew.
    """

    class Choice(models.TextChoices):
        CARRIED = "carried", _("carried over to next year")
        CANCELLED = "cancelled", _("cancelled")
        LEFT_OPEN = "left_open", _("left open")

    assignment = models.OneToOneField(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="year_end"
    )
    choice = models.CharField(_("decision"), max_length=10, choices=Choice)
    status_before = models.CharField(_("status until then"), max_length=14, choices=AssignmentStatus)
    reason = models.TextField(_("reason"), blank=True)
    carried_to = models.OneToOneField(
        Assignment,
        models.PROTECT,
        verbose_name=_("duty of the next year"),
        related_name="carried_from",
        null=True,
    )
    with_remainder = models.BooleanField(
        _("with what remains of the target"),
        default=False,
        help_text=_("Otherwise with the whole target."),
    )
    made_duty = models.BooleanField(default=False, editable=False)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("decision on an unfinished duty")
        verbose_name_plural = _("decisions on unfinished duties")
        ordering = ["assignment__code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(choice="carried", carried_to__isnull=False)
                | (~Q(choice="carried") & Q(carried_to=None)),
                name="year_end_carried_into_a_duty",
            ),
            models.CheckConstraint(
                condition=Q(choice="carried") | ~Q(reason=""),
                name="year_end_says_why",
                violation_error_message=_("Give a reason."),
            ),
            models.CheckConstraint(
                condition=Q(carried_to=None) | ~Q(carried_to=models.F("assignment")),
                name="year_end_carried_into_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.choice}"


class SeenPoint(models.Model):
    """Somebody looked at a point of a new text and lets it stand. The key names what was seen.

    What is seen holds for that alone: with another day, or another agency, the point is a new one.
    """

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="seen_points"
    )  # part of it
    key = models.CharField(_("point"), max_length=120)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("point that was seen")
        verbose_name_plural = _("points that were seen")
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["programme", "key"], name="point_seen_once")]

    def __str__(self) -> str:
        return self.key
