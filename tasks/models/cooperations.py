"""What a coordinating agency is asked for and has delivered, and how the lead found the cooperation."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks.models.assignments import Coordination
from tasks.states import DELIVERED_COOPERATION, CooperationState


class Cooperation(models.Model):
    """One agency's cooperation in one assignment; there is none before anybody asked or reported.

    Apart from the share (Coordination), whose deliverable is signed text and known to every party: this is
    for the agency itself, the lead and the command.
    """

    class Rating(models.IntegerChoices):
        POOR = 1, _("poor cooperation")
        FAIR = 2, _("fair cooperation")
        GOOD = 3, _("good cooperation")
        VERY_GOOD = 4, _("very good cooperation")

    share = models.OneToOneField(
        Coordination, models.CASCADE, verbose_name=_("share"), related_name="cooperation"
    )  # part of it
    state = models.CharField(
        _("state"), max_length=14, choices=CooperationState, default=CooperationState.ASKED, editable=False
    )
    due_on = models.DateField(_("wanted by"), null=True)
    request = models.TextField(_("what is asked"), blank=True)
    asked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("asked by"), related_name="+", null=True
    )
    asked_at = models.DateTimeField(_("asked at"), null=True)
    text = models.TextField(_("what was delivered"), blank=True)
    says_nothing = models.BooleanField(_("nothing to contribute"), default=False)
    reported_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("reported by"), related_name="+", null=True
    )
    submitted_on = models.DateField(_("delivered on"), null=True, editable=False)
    note = models.TextField(_("reason"), blank=True)
    rating = models.PositiveSmallIntegerField(_("rating"), choices=Rating, null=True)
    rating_note = models.TextField(_("why it is rated so"), blank=True)
    rated_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("rated by"), related_name="+", null=True
    )
    rated_at = models.DateTimeField(_("rated at"), null=True)

    class Meta:
        verbose_name = _("cooperation")
        verbose_name_plural = _("cooperations")
        ordering = ["share"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state__in=DELIVERED_COOPERATION) & Q(submitted_on__isnull=False))
                | (~Q(state__in=DELIVERED_COOPERATION) & Q(submitted_on=None)),
                name="cooperation_delivered_has_day",
            ),
            models.CheckConstraint(
                condition=Q(rating=None, rated_by=None, rated_at=None)
                | Q(rating__range=(1, 4), rated_by__isnull=False, rated_at__isnull=False),
                name="cooperation_rated_whole",
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(state__in=DELIVERED_COOPERATION),
                name="cooperation_rated_when_delivered",
                violation_error_message=_("Cooperation is rated once it was delivered."),
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="cooperation_due")]

    def __str__(self) -> str:
        return f"{self.share.assignment.code}: {self.share.agency}"

    def get_absolute_url(self) -> str:
        return reverse("cooperations:detail", args=[self.share_id])

    @property
    def is_delivered(self) -> bool:
        return self.state in DELIVERED_COOPERATION

    def is_late(self, today: dt.date) -> bool:
        """Whether it came, or is still to come, after the day by which it was wanted."""
        return self.due_on is not None and (self.submitted_on or today) > self.due_on
