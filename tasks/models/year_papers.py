"""Papers of the year: directives, plans, resolutions, letters and others that stand beside a programme."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.files.models import Recall, StoredFile
from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.models.cited_papers import CitedPaper
from tasks.models.programmes import Clause, PriorityTask, Programme, Solution
from tasks.states import YearPaperState


class PaperKind(models.TextChoices):
    """Kinds of administrative papers by their codes; a letter has none and is called CV here.

    Source: Decree 30/2020/NĐ-CP, Appendix III, I.
    """

    LETTER = "CV", _("official letter")
    DIRECTIVE = "CT", _("directive")
    PLAN = "KH", _("plan")
    RESOLUTION = "NQ", _("resolution")
    DECISION = "QĐ", _("decision (paper)")
    REGULATION = "QC", _("statute")
    RULES = "QyĐ", _("rules")
    COMMUNIQUE = "TC", _("communiqué")
    ANNOUNCEMENT = "TB", _("announcement")
    GUIDANCE = "HD", _("guidance")
    PROGRAMME = "CTr", _("programme (paper)")
    OPTIONS = "PA", _("operating plan")
    SCHEME = "ĐA", _("scheme (paper)")
    PROJECT = "DA", _("project (paper)")
    REPORT = "BC", _("report (paper)")
    MINUTES = "BB", _("minutes (paper)")
    SUBMISSION = "TTr", _("submission")
    CONTRACT = "HĐ", _("contract")
    TELEGRAM = "CĐ", _("urgent telegram")
    MEMORANDUM = "BGN", _("memorandum")
    AGREEMENT = "BTT", _("agreement (paper)")
    AUTHORISATION = "GUQ", _("letter of authorisation")
    INVITATION = "GM", _("letter of invitation")
    INTRODUCTION = "GGT", _("letter of introduction")
    LEAVE = "GNP", _("leave permit")
    SENDING_SLIP = "PG", _("sending slip")
    TRANSFER_SLIP = "PC", _("transfer slip")
    NOTICE_SLIP = "PB", _("notice slip")


class YearPaper(CitedPaper):
    """A row of a programme's register, with its file as it came; one that is wrong is struck out."""

    file_may_be_recalled = True  # see portal.files.references

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name=_("programme"), related_name="papers"
    )
    kind = models.CharField(_("kind of paper"), max_length=3, choices=PaperKind)
    issuer = models.CharField(_("issuing body"), max_length=200)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, verbose_name=_("file"), related_name="+", null=True, editable=False
    )
    file_name = models.CharField(_("file name"), max_length=160, blank=True, editable=False)
    declaration = models.CharField(_("declaration"), max_length=10, blank=True, editable=False)
    clauses: "models.ManyToManyField[Clause, models.Model]" = models.ManyToManyField(
        Clause, verbose_name=_("clauses"), related_name="papers", blank=True
    )
    tasks: "models.ManyToManyField[PriorityTask, models.Model]" = models.ManyToManyField(
        PriorityTask, verbose_name=_("priority tasks"), related_name="papers", blank=True
    )
    solutions: "models.ManyToManyField[Solution, models.Model]" = models.ManyToManyField(
        Solution, verbose_name=_("key solutions"), related_name="papers", blank=True
    )
    assignments: "models.ManyToManyField[Assignment, models.Model]" = models.ManyToManyField(
        Assignment, verbose_name=_("assignments"), related_name="papers", blank=True
    )
    state = models.CharField(
        _("state"), max_length=7, choices=YearPaperState, default=YearPaperState.ENTERED, editable=False
    )
    struck_reason = models.TextField(_("reason"), blank=True, editable=False)
    entered_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("entered by"), related_name="+", editable=False
    )
    entered_at = models.DateTimeField(_("entered at"), editable=False)

    class Meta:
        verbose_name = _("paper of the year")
        verbose_name_plural = _("papers of the year")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number", "issued_on"],
                condition=Q(state=YearPaperState.ENTERED),
                name="year_paper_once",
                violation_error_message=_("This document is in the register already."),
            ),
            models.CheckConstraint(
                condition=Q(state=YearPaperState.ENTERED) | ~Q(struck_reason=""),
                name="year_paper_struck_with_reason",
                violation_error_message=_("Give a reason."),
            ),
            models.CheckConstraint(
                condition=Q(file=None) | (~Q(file_name="") & ~Q(declaration="")),
                name="year_paper_file_declared",
            ),
        ]

    @property
    def is_struck(self) -> bool:
        return self.state == YearPaperState.STRUCK

    @property
    def recalled(self) -> Recall | None:
        return self.file.recalled if self.file else None

    @property
    def has_content(self) -> bool:
        """Whether its file can be downloaded."""
        return self.file is not None and self.recalled is None

    def get_absolute_url(self) -> str:
        return reverse("papers:detail", args=[self.pk])
