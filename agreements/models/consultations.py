"""Draft versions of a programme's text, and what the parties say to them (lấy ý kiến)."""

import json
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.states import AnswerState, ConsultationState
from portal.agencies.models import Agency
from portal.users.models import User
from tasks.models import Programme


class DraftVersion(models.Model):
    """The text of a programme as it stood at a moment. Never changed; without `taken_by`: by the portal."""

    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name=_("programme"), related_name="+")
    number = models.PositiveSmallIntegerField(_("number"))
    label = models.CharField(_("what it is for"), max_length=200)
    content = models.TextField(_("text, JSON"), editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    taken_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("taken by"), related_name="+", null=True, editable=False
    )
    taken_at = models.DateTimeField(_("taken at"), editable=False)

    class Meta:
        verbose_name = _("version of the draft")
        verbose_name_plural = _("versions of the draft")
        ordering = ["programme", "number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="draft_version_once"),
            models.CheckConstraint(condition=~Q(label=""), name="draft_version_has_label"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.label}"

    @cached_property
    def text(self) -> Any:
        """The content, an agreements.drafts.DraftContent."""
        return json.loads(self.content)


class Consultation(models.Model):
    """One round in which the parties are asked; `outcome` is the text at its end, `version` what was sent."""

    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name=_("programme"), related_name="+")
    round = models.PositiveSmallIntegerField(_("round"))
    version = models.ForeignKey(
        DraftVersion, models.PROTECT, verbose_name=_("version of the draft"), related_name="consultations"
    )
    outcome = models.ForeignKey(
        DraftVersion,
        models.PROTECT,
        verbose_name=_("text at the end"),
        related_name="+",
        null=True,
        editable=False,
    )
    closes_on = models.DateField(_("answers until"))
    note = models.TextField(_("letter to the agencies"), blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=ConsultationState, default=ConsultationState.OPEN, editable=False
    )
    opened_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("opened by"), related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    closed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("closed by"), related_name="+", null=True, editable=False
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["-programme__year", "-round"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "round"], name="consultation_round_once"),
            models.UniqueConstraint(
                fields=["programme"], condition=Q(state=ConsultationState.OPEN), name="consultation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=ConsultationState.OPEN, closed_at=None, closed_by=None, outcome=None)
                | Q(
                    state=ConsultationState.CLOSED,
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    outcome__isnull=False,
                ),
                name="consultation_closed_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme.year}/{self.round}"

    def get_absolute_url(self) -> str:
        return reverse("consultations:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == ConsultationState.OPEN


class ConsultationAnswer(models.Model):
    """What an agency that was asked answers; there from the opening on, as a shell."""

    class Verdict(models.TextChoices):
        AGREED = "agreed", _("agrees")
        COMMENTED = "commented", _("has comments")

    consultation = models.ForeignKey(
        Consultation, models.PROTECT, verbose_name=_("consultation"), related_name="answers"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    state = models.CharField(
        _("state"), max_length=14, choices=AnswerState, default=AnswerState.DRAFT, editable=False
    )
    verdict = models.CharField(_("answer"), max_length=10, choices=Verdict, blank=True, editable=False)
    prepared_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("prepared by"), related_name="+", null=True, editable=False
    )
    answered_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("answered by"), related_name="+", null=True, editable=False
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, editable=False)
    is_late = models.BooleanField(_("late"), default=False, editable=False)
    sent_back = models.TextField(_("why it was sent back"), blank=True, editable=False)

    class Meta:
        verbose_name = _("answer in a consultation")
        verbose_name_plural = _("answers in consultations")
        ordering = ["consultation", "agency__protocol_order"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "agency"], name="consultation_answer_once"),
            models.CheckConstraint(
                condition=(
                    Q(state=AnswerState.ANSWERED, answered_at__isnull=False, answered_by__isnull=False)
                    & ~Q(verdict="")
                )
                | (
                    ~Q(state=AnswerState.ANSWERED)
                    & Q(answered_at=None, answered_by=None, verdict="", is_late=False)
                ),
                name="consultation_answered_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return self.consultation.get_absolute_url()

    @property
    def is_draft(self) -> bool:
        return self.state == AnswerState.DRAFT

    @property
    def is_answered(self) -> bool:
        return self.state == AnswerState.ANSWERED


class ConsultationComment(models.Model):
    """One comment of an agency on a place of the text, and what the command made of it.

    `place` names a row of the version (agreements.drafts); empty is the whole text. `changed_place` is
    where the text at the end follows it.
    """

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("taken over")
        PARTLY = "partly", _("taken over in part")
        EXPLAINED = "explained", _("explained, not taken over")

    answer = models.ForeignKey(
        ConsultationAnswer, models.CASCADE, verbose_name=_("answer"), related_name="comments"
    )  # part of it
    place = models.CharField(_("place in the text"), max_length=80, blank=True)
    proposal = models.TextField(_("what is proposed"))
    reason = models.TextField(_("why"), blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True, editable=False)
    response = models.TextField(_("explanation"), blank=True, editable=False)
    changed_place = models.CharField(_("what follows it"), max_length=80, blank=True, editable=False)
    responded_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True, editable=False
    )
    responded_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("comment in a consultation")
        verbose_name_plural = _("comments in consultations")
        ordering = ["answer", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(proposal=""), name="consultation_comment_proposes"),
            models.CheckConstraint(
                condition=Q(decision="", responded_at=None, responded_by=None)
                | (~Q(decision="") & Q(responded_at__isnull=False, responded_by__isnull=False)),
                name="consultation_comment_decided_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "accepted"]) | ~Q(response=""),
                name="consultation_comment_explained",
            ),
        ]

    def __str__(self) -> str:
        return self.proposal[:80]

    @property
    def is_decided(self) -> bool:
        return bool(self.decision)
