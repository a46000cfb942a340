"""Sheets of assignments that were sent to be added to a draft: what stood in them, and what became of it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks.models.programmes import Programme
from tasks.states import ImportState


class AssignmentImport(models.Model):
    """One sheet, as the sandbox read it. What it says is checked anew whenever it is shown or added.

    `rows` holds every row that is not empty, the one with the headings too: [number in the file, [cells]];
    a cell is a text as a person reads it, a day as 2026-12-31.
    """

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="imports"
    )  # part of its draft
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState, default=ImportState.WAITING, editable=False
    )
    file_name = models.CharField(_("file"), max_length=255)
    file_sha256 = models.CharField(_("SHA-256"), max_length=64)
    rows = models.JSONField(_("rows"), editable=False)
    sent_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("sent by"), related_name="+")
    sent_at = models.DateTimeField(_("sent at"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("added or discarded by"), related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("added or discarded at"), null=True)
    loaded_count = models.PositiveSmallIntegerField(_("assignments added"), default=0)

    class Meta:
        verbose_name = _("sheet of assignments")
        verbose_name_plural = _("sheets of assignments")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(state=ImportState.WAITING),
                name="assignment_import_one_waiting",
                violation_error_message=_("Another sheet waits to be added to this draft."),
            ),
            models.CheckConstraint(
                condition=Q(state=ImportState.WAITING, decided_at=None, decided_by=None)
                | (~Q(state=ImportState.WAITING) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="assignment_import_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("drafting:sheet", args=[self.pk])

    @property
    def table(self) -> list[tuple[int, list[str]]]:
        rows: list[Any] = self.rows
        return [(int(number), [str(cell) for cell in cells]) for number, cells in rows]
