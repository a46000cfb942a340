"""Conversation (trao đổi): what people write beside an assignment, a clause or a periodic report."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.models.programmes import Clause
from tasks.models.reports import Report

LONGEST = 2000  # characters of a comment


class Comment(models.Model):
    """One comment about one thing, in the name of its writer and of the agency they then were of.

    An internal one is its agency's alone. What was deleted keeps who and when, and loses its words.
    """

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="comments", null=True
    )
    clause = models.ForeignKey(
        Clause, models.PROTECT, verbose_name=_("clause"), related_name="comments", null=True
    )
    report = models.ForeignKey(
        Report, models.PROTECT, verbose_name=_("periodic report"), related_name="comments", null=True
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    is_internal = models.BooleanField(_("for my agency only"), default=False)
    text = models.CharField(_("text"), max_length=LONGEST, blank=True)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("time"))
    edited_at = models.DateTimeField(_("edited at"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)
    deleted_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("deleted by"), related_name="+", null=True, editable=False
    )
    mentioned: "models.ManyToManyField[User, Mention]" = models.ManyToManyField(
        User, through="Mention", verbose_name=_("mentioned"), related_name="+"
    )

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["assignment", "-at"], name="comment_of_assignment"),
            models.Index(fields=["clause", "-at"], name="comment_of_clause"),
            models.Index(fields=["report", "-at"], name="comment_of_report"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(assignment__isnull=False, clause=None, report=None)
                | Q(assignment=None, clause__isnull=False, report=None)
                | Q(assignment=None, clause=None, report__isnull=False),
                name="comment_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by=None, text__gt="")
                | Q(deleted_at__isnull=False, deleted_by__isnull=False, text=""),
                name="comment_deleted_has_no_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M}"

    @property
    def subject(self) -> Assignment | Clause | Report:
        found = self.assignment or self.clause or self.report
        if found is None:
            raise ValueError("a comment is about something")
        return found

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


class Mention(models.Model):
    """Somebody whom a comment calls upon."""

    comment = models.ForeignKey(
        Comment, models.CASCADE, verbose_name=_("comment"), related_name="mentions"
    )  # part of it
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="+")

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.user_id}"
