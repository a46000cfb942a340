"""Letters of urging (công văn đôn đốc): what an agency owes on one day, issued by the records office."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.users.models import User
from tasks.models.programmes import Programme
from tasks.states import UrgingLetterState


class UrgingLetter(models.Model):
    """One letter to one agency. What it says never changes: for another text, discard it and write anew.

    `things` are what was overdue when it was written, each {"kind": "assignment" | "report", "id": key,
    "code", "title", "due_on": ISO date, "days": days late}; titles in Vietnamese, as they are printed.
    """

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name=_("programme"), related_name="urging_letters"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=UrgingLetterState, default=UrgingLetterState.DRAFT, editable=False
    )
    things = models.JSONField(_("what is owed"), editable=False)
    text = models.TextField(_("what is asked"))
    reply_by = models.DateField(_("answer until"))
    written_at = models.DateTimeField(_("written at"), editable=False)
    written_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("written by"), related_name="+", editable=False
    )
    number = models.CharField(_("number"), max_length=20, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    issued_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("number noted by"), related_name="+", null=True, editable=False
    )
    reason = models.TextField(_("why it was discarded"), blank=True)

    class Meta:
        verbose_name = _("letter of urging")
        verbose_name_plural = _("letters of urging")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=UrgingLetterState.ISSUED, issued_on__isnull=False, issued_by__isnull=False)
                & ~Q(number="")
                | ~Q(state=UrgingLetterState.ISSUED) & Q(number="", issued_on=None, issued_by=None),
                name="urging_letter_issued_whole",
            ),
            models.UniqueConstraint(
                fields=["agency"],
                condition=Q(state=UrgingLetterState.DRAFT),
                name="urging_letter_one_draft",
                violation_error_message=_("A letter to this agency stands already and has no number yet."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.number or self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("urgings:letter", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.state == UrgingLetterState.DRAFT

    @property
    def codes(self) -> list[str]:
        return [thing["code"] for thing in self.things]

    def keys(self, kind: str) -> list[int]:
        """Return the keys of its assignments, or of its reports."""
        things: list[dict[str, Any]] = self.things
        return [thing["id"] for thing in things if thing["kind"] == kind]
