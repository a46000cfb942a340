"""Papers that an assignment cites: the source document that gives it out, and what its lead produced."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.models.cited_papers import CitedPaper
from tasks.models.evidence import Evidence


class SourceDocument(CitedPaper):
    """Why there is the assignment (văn bản giao). Beside the signed text, not in it, like its clause."""

    assignment = models.OneToOneField(
        Assignment, models.CASCADE, verbose_name=_("assignment"), related_name="source"
    )  # part of it
    clause = models.CharField(_("clause or section"), max_length=120, blank=True)
    paper = models.ForeignKey(
        "tasks.YearPaper",
        models.PROTECT,
        verbose_name=_("paper of the year"),
        related_name="sources",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("source document")
        verbose_name_plural = _("source documents")
        ordering = ["assignment"]


class ProductDocument(CitedPaper):
    """A paper by which the lead shows the result; `evidence` is its own file of it, if it added one."""

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="products"
    )
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, verbose_name=_("file of evidence"), related_name="products", null=True
    )
    named_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("named by"), related_name="+")
    named_at = models.DateTimeField(_("named at"))

    class Meta:
        verbose_name = _("product document")
        verbose_name_plural = _("product documents")
        ordering = ["issued_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "number", "issued_on"],
                name="product_named_once",
                violation_error_message=_("This document is named here already."),
            )
        ]
