"""Urgings (đôn đốc): what was said to an agency that is late, or soon will be. Never edited."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.models.reports import Report
from tasks.models.urging_letters import UrgingLetter


class Urging(models.Model):
    """One urging, about an assignment or a periodic report; `on` is its local day."""

    class Channel(models.TextChoices):
        PORTAL = "portal", _("in the portal")
        TELEPHONE = "telephone", _("by telephone")
        LETTER = "letter", _("by letter")

    class Level(models.IntegerChoices):
        FIRST = 1, _("first urging")
        AGAIN = 2, _("urged again")
        LETTER = 3, _("letter of urging")

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="urgings", null=True
    )
    report = models.ForeignKey(
        Report, models.PROTECT, verbose_name=_("periodic report"), related_name="urgings", null=True
    )
    letter = models.ForeignKey(
        UrgingLetter, models.PROTECT, verbose_name=_("letter of urging"), related_name="urgings", null=True
    )
    channel = models.CharField(_("how"), max_length=10, choices=Channel)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    person = models.CharField(_("who was called"), max_length=120, blank=True)
    text = models.TextField(_("text"))
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("time"))
    on = models.DateField(_("day"))

    class Meta:
        verbose_name = _("urging")
        verbose_name_plural = _("urgings")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["agency", "-at"], name="urging_of_agency")]
        constraints = [
            models.CheckConstraint(
                condition=Q(assignment=None, report__isnull=False) | Q(assignment__isnull=False, report=None),
                name="urging_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(channel="telephone", person__gt="") | (~Q(channel="telephone") & Q(person="")),
                name="urging_call_names_person",
            ),
            models.CheckConstraint(
                condition=Q(letter=None) | Q(channel="letter", level=3), name="urging_by_letter_names_level"
            ),
            models.UniqueConstraint(
                fields=["assignment", "on"],
                condition=Q(channel="portal"),
                name="urging_assignment_once_a_day",
                violation_error_message=_("The agency was urged about this today already."),
            ),
            models.UniqueConstraint(
                fields=["report", "on"],
                condition=Q(channel="portal"),
                name="urging_report_once_a_day",
                violation_error_message=_("The agency was urged about this today already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.on:%d/%m/%Y}"
