"""The review of a year: shortcomings as a ledger through the years, and what agencies propose."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.models.programmes import Programme, Solution
from tasks.models.reports import Report
from tasks.states import ProposalState, ShortcomingState


class Shortcoming(models.Model):
    """What was found wanting in a year, and why; open until a review finds it gone."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name=_("programme"), related_name="shortcomings"
    )
    text = models.CharField(_("shortcoming"), max_length=500)
    cause = models.TextField(_("cause"), blank=True)
    source = models.CharField(_("where it was found"), max_length=300, blank=True)
    agency = models.ForeignKey(
        Agency, models.PROTECT, verbose_name=_("agency"), related_name="+", null=True, blank=True
    )
    report = models.ForeignKey(
        Report, models.PROTECT, verbose_name=_("periodic report"), related_name="+", null=True, blank=True
    )
    solutions: "models.ManyToManyField[Solution, models.Model]" = models.ManyToManyField(
        Solution, verbose_name=_("solutions"), related_name="answers", blank=True
    )
    state = models.CharField(
        _("state"), max_length=6, choices=ShortcomingState, default=ShortcomingState.OPEN, editable=False
    )
    noted_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("noted by"), related_name="+")
    noted_at = models.DateTimeField(_("noted at"))

    class Meta:
        verbose_name = _("shortcoming")
        verbose_name_plural = _("shortcomings")
        ordering = ["-programme__year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "text"],
                name="shortcoming_once_a_year",
                violation_error_message=_("This shortcoming stands in the ledger of the year already."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ShortcomingReview(models.Model):
    """What the review of a year found: it is gone, by evidence, or it is carried on. Once a year."""

    class Verdict(models.TextChoices):
        GONE = "gone", _("gone")
        REMAINS = "remains", _("carried on")

    shortcoming = models.ForeignKey(
        Shortcoming, models.PROTECT, verbose_name=_("shortcoming"), related_name="reviews"
    )
    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name=_("programme"), related_name="+")
    verdict = models.CharField(_("finding"), max_length=7, choices=Verdict)
    words = models.TextField(_("evidence, or what is still wanting"))
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="+", null=True, blank=True
    )
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("review of a shortcoming")
        verbose_name_plural = _("reviews of shortcomings")
        ordering = ["programme__year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["shortcoming", "programme"], name="shortcoming_reviewed_once"),
            models.CheckConstraint(condition=~Q(words=""), name="shortcoming_review_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.shortcoming_id} {self.verdict}"


class Proposal(models.Model):
    """What an agency proposes in its report, and what the command decides on it."""

    report = models.ForeignKey(
        Report, models.PROTECT, verbose_name=_("periodic report"), related_name="proposal_rows"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("proposal"))
    state = models.CharField(
        _("state"), max_length=8, choices=ProposalState, default=ProposalState.OPEN, editable=False
    )
    answer = models.TextField(_("answer"), blank=True)
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="+", null=True, blank=True
    )
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True, editable=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)

    class Meta:
        verbose_name = _("proposal of an agency")
        verbose_name_plural = _("proposals of agencies")
        ordering = ["report__period__due_on", "agency__protocol_order", "number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="proposal_number_once"),
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN, decided_by=None, decided_at=None)
                | Q(~Q(answer=""), decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text
