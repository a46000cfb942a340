"""Changes of what was signed: amendments, and the end of an issued document."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.documents import Document
from agreements.states import DocumentState
from portal.users.models import User
from tasks.models import Programme


class Amendment(models.Model):
    """A proposal to change signed duties (phụ lục): a draft until it has a document."""

    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name=_("programme"), related_name="+")
    ordinal = models.PositiveSmallIntegerField(_("ordinal"))
    reason = models.TextField(_("reason"), max_length=1000)
    closes_on = models.DateField(_("signing closes on"))
    proposed_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("proposed by"), related_name="+")
    proposed_at = models.DateTimeField(_("proposed at"))
    document = models.OneToOneField(
        Document, models.PROTECT, verbose_name=_("document"), related_name="amendment", null=True, blank=True
    )

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering = ["programme", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["programme", "ordinal"], name="amendment_once")]

    def __str__(self) -> str:
        return f"{self.programme.year}/{self.ordinal}"

    @property
    def is_draft(self) -> bool:
        """Whether its changes may still be written: nothing of it is being signed."""
        return self.document is None or self.document.state == DocumentState.TERMINATED


class AmendmentChange(models.Model):
    """One duty as it shall read; withdrawn when `after` is empty."""

    amendment = models.ForeignKey(Amendment, models.CASCADE, related_name="changes")  # part of it
    code = models.CharField(_("code"), max_length=10)
    after = models.TextField(_("as it shall read, JSON"), blank=True)

    class Meta:
        verbose_name = _("change of a duty")
        verbose_name_plural = _("changes of duties")
        ordering = ["amendment", "code"]
        constraints = [models.UniqueConstraint(fields=["amendment", "code"], name="amendment_change_once")]

    def __str__(self) -> str:
        return self.code


class Ending(models.Model):
    """Why an issued document is no longer good, by which decision."""

    document = models.OneToOneField(
        Document, models.PROTECT, verbose_name=_("document"), related_name="ending"
    )
    reason = models.TextField(_("reason"), max_length=1000)
    decision_number = models.CharField(_("number and symbol of the decision"), max_length=80)
    decided_on = models.DateField(_("date of the decision"))
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("decided by"), related_name="+")
    at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("end of a document")
        verbose_name_plural = _("ends of documents")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(decision_number=""), name="ending_has_reason_and_number"
            )
        ]

    def __str__(self) -> str:
        return self.decision_number
