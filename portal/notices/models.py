"""Notices: the outbox. A row is the in-app message; its mail is sent from the same row."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.users.models import User


class Notice(models.Model):
    """One thing told to one person, once: unique by subject, recipient, rule and due date."""

    class MailState(models.TextChoices):
        WAITING = "waiting", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not sent")
        FAILED = "failed", _("could not be sent")

    kind = models.CharField(_("kind"), max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    recipient = models.ForeignKey(User, models.PROTECT, verbose_name=_("recipient"), related_name="notices")
    rule = models.CharField(_("rule"), max_length=20)
    due_on = models.DateField(_("due on"))
    text_vi = models.CharField(_("text in Vietnamese"), max_length=500)
    text_en = models.CharField(_("text in English"), max_length=500)
    created_at = models.DateTimeField(_("created at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    mail_state = models.CharField(_("mail"), max_length=10, choices=MailState, default=MailState.WAITING)
    skip_reason = models.CharField(_("why not sent"), max_length=120, blank=True)
    send_after = models.DateTimeField(_("next attempt"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.BigIntegerField(default=0)  # fencing token: grows with every claim
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "recipient", "rule", "due_on"], name="notice_once"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_of_person"),
            models.Index(fields=["send_after"], condition=Q(mail_state="waiting"), name="notice_waiting"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text_vi
