"""Notices, which stand in the portal; the mails that gather them; how a person wants their mail."""

import datetime as dt
import re

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.lib.text import in_reader_language
from portal.users.models import Membership, User


class Why(models.TextChoices):
    """Why a mail was not sent."""

    NEWER = "newer", _("a newer reminder took its place")
    NOT_DUE = "not_due", _("nothing was due any more")
    NO_ADDRESS = "no_address", _("the person has no e-mail address")
    BOUNCED = "bounced", _("the address of the person does not take mail")
    NO_POST = "no_post", _("the person may not sign in or holds no post")
    MOVED = "moved", _("the person no longer holds the post that it was for")
    UNKNOWN_KIND = "unknown_kind", _("this kind of notice is no longer known")
    TAKEN_ON = "taken_on", _("the person had said that it is in hand")
    SWITCHED_OFF = "switched_off", _("the person wants no mail of this kind")
    ONLY_SHOWN = "only_shown", _("for information, and there was no mail for it to go with")


_REFUSED = re.compile(r"SMTP\w+ ([45])(\d\d)")
"""A mail server's answer, as it is kept. Source: RFC 5321, 4.2.1: 4yz may pass, 5yz is for good."""


def _in_words(why: str) -> str:
    """Say a reason in the reader's language; a fault that is no answer of a mail server as it came."""
    if found := _REFUSED.fullmatch(why):
        said = _("the mail server refused it for now") if found[1] == "4" else _("the mail server refused it")
        return f"{said} ({found[1]}{found[2]})"
    return str(dict(Why.choices).get(why, why))


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown(self) -> "NoticeQuerySet":
        """Without the reminders that a newer one replaced before anybody saw them."""
        return self.filter(is_shown=True)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(is_shown=True, read_at=None)

    def loose(self) -> "NoticeQuerySet":
        """Those that wait for a mail to go with."""
        return self.filter(mail_state=Notice.MailState.WAITING, mail=None)


class Notice(models.Model):
    """One thing told to one person, once: unique by subject, recipient, rule and due date."""

    class MailState(models.TextChoices):
        WAITING = "waiting", _("waiting to be sent")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not sent")
        FAILED = "failed", _("could not be sent")

    class PhoneState(models.TextChoices):
        NONE = "", _("none yet")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not sent")
        FAILED = "failed", _("could not be sent")

    kind = models.CharField(_("kind"), max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    recipient = models.ForeignKey(User, models.PROTECT, verbose_name=_("recipient"), related_name="notices")
    rule = models.CharField(
        _("rule"),
        max_length=60,
        help_text=_("Days from the due date, for example -7 or +1; or the moment of what is told."),
    )
    due_on = models.DateField(_("due on"))
    text_vi = models.CharField(_("text in Vietnamese"), max_length=800)
    text_en = models.CharField(_("text in English"), max_length=800)
    is_shown = models.BooleanField(_("shown"), default=True)
    created_at = models.DateTimeField(_("created at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    mail_state = models.CharField(_("mail"), max_length=10, choices=MailState, default=MailState.WAITING)
    skip_reason = models.CharField(_("why not sent"), max_length=120, blank=True)
    send_after = models.DateTimeField(_("not before"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    phone_state = models.CharField(
        _("to the telephone"), max_length=10, choices=PhoneState, blank=True, default="", db_default=""
    )
    phone_leased_until = models.DateTimeField(null=True, blank=True)
    taken_on_at = models.DateTimeField(_("in hand since"), null=True, blank=True)
    mail: "models.ForeignKey[Mail | None, Mail | None]" = models.ForeignKey(
        "Mail", models.PROTECT, verbose_name=_("mail"), related_name="notices", null=True, blank=True
    )

    objects = NoticeQuerySet.as_manager()

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
            models.Index(
                fields=["send_after"],
                condition=Q(mail_state="waiting"),
                name="notice_waiting",
            ),
            models.Index(
                fields=["recipient"], condition=Q(read_at=None, is_shown=True), name="notice_unread"
            ),
            models.Index(
                fields=["subject_type", "subject_id"],
                condition=Q(taken_on_at__isnull=False),
                name="notice_taken_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"  # administrators and logs read this, and no texts of others

    @property
    def text(self) -> str:
        return in_reader_language(self.text_vi, self.text_en)

    @property
    def why_not_sent(self) -> str:
        """The reason in the reader's language."""
        return _in_words(self.skip_reason)


class MailQuerySet(models.QuerySet["Mail"]):
    def claimable(self, at: dt.datetime) -> "MailQuerySet":
        """Those to send now: waiting and their time has come, or left behind by a dead worker."""
        waiting = Q(mail_state=Mail.State.WAITING, send_after__lte=at)
        left_behind = Q(mail_state=Mail.State.SENDING, leased_until__lte=at)
        return self.filter(waiting | left_behind)

    def undelivered(self) -> "MailQuerySet":
        """Those that were given up."""
        return self.filter(mail_state=Mail.State.FAILED)


class Mail(models.Model):
    """One mail to one person: what came together by a day, or one notice that cannot wait.

    A person has one of a day (`first` is empty), and one for each urgent notice (`first`). Its notices
    are chosen when it is claimed for the first time, and stay the same through every attempt.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not sent")
        FAILED = "failed", _("could not be sent")

    recipient = models.ForeignKey(User, models.PROTECT, verbose_name=_("recipient"), related_name="+")
    day = models.DateField(_("day"))
    first = models.OneToOneField(
        Notice, models.PROTECT, verbose_name=_("urgent notice"), related_name="+", null=True, blank=True
    )
    mail_state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(_("why not sent"), max_length=120, blank=True)
    send_after = models.DateTimeField(_("next attempt"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.BigIntegerField(default=0)  # fencing token: grows with every claim
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "day"], condition=Q(first=None), name="mail_of_the_day_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_after"], condition=Q(mail_state__in=["waiting", "sending"]), name="mail_to_send"
            ),
            models.Index(fields=["-day"], condition=Q(mail_state="failed"), name="mail_undelivered"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.pk}"

    @property
    def why_not_sent(self) -> str:
        """The reason in the reader's language."""
        return _in_words(self.why)


class MailPreference(models.Model):
    """How a person wants their mail; without a row, as the defaults here say."""

    HOURS = tuple((hour, f"{hour}:00") for hour in range(6, 19))
    LANGUAGES = (("vi", "Tiếng Việt"), ("en", "English"))

    user = models.OneToOneField(User, models.CASCADE, verbose_name=_("person"), related_name="+")  # theirs
    hour = models.PositiveSmallIntegerField(_("hour of the daily mail"), choices=HOURS, default=7)
    language = models.CharField(_("language of mails"), max_length=2, choices=LANGUAGES, default="vi")
    unwanted = models.JSONField(_("not by mail"), default=list, blank=True)
    """Values of kinds.Group."""
    phone = models.CharField(_("telephone for what cannot wait"), max_length=16, blank=True)
    phone_confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    phone_code = models.CharField(max_length=128, blank=True)  # a hash
    phone_code_until = models.DateTimeField(null=True, blank=True)
    phone_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")
        constraints = [
            models.CheckConstraint(condition=Q(hour__range=(6, 18)), name="mail_hour_of_the_day"),
            models.CheckConstraint(
                condition=Q(phone_confirmed_at=None) | ~Q(phone=""), name="phone_confirmed_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.hour}:00"


class CalendarLink(models.Model):
    """A secret address of a person's deadlines, for the calendar on their phone. It ends with their post."""

    membership = models.OneToOneField(
        Membership, models.CASCADE, verbose_name=_("post"), related_name="+"
    )  # a part of it
    user = models.ForeignKey(User, models.CASCADE, verbose_name=_("person"), related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")

    def __str__(self) -> str:
        return str(self.pk)
