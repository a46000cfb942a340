"""How people come in, come back in, and follow each other: invitations, recoveries, hand-overs.

Rows that actions write and nobody edits. Of links and codes only hashes are kept.
"""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

PERSON = settings.AUTH_USER_MODEL


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Neither used nor revoked; its time may be over."""
        return self.filter(used_at=None, revoked_at=None)

    def alive(self, at: dt.datetime) -> "InvitationQuerySet":
        return self.open().filter(expires_at__gt=at)


class Invitation(models.Model):
    """A way in for one person: a link, and a code that is handed over another way. Works once."""

    class Way(models.TextChoices):
        MAIL = "mail", _("link by mail, code on paper")
        PRESENT = "present", _("in person")

    user = models.ForeignKey(PERSON, models.PROTECT, verbose_name=_("person"), related_name="invitations")
    way = models.CharField(_("way"), max_length=10, choices=Way)
    token_sha256 = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=128)
    invited_by = models.ForeignKey(PERSON, models.PROTECT, verbose_name=_("invited by"), related_name="+")
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("good until"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None, revoked_at=None), name="invitation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(revoked_at=None), name="invitation_ends_one_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_way_display()}"

    def is_alive(self, at: dt.datetime) -> bool:
        return self.used_at is None and self.revoked_at is None and self.expires_at > at


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    def open(self) -> "RecoveryQuerySet":
        """Neither used nor cancelled; its time may be over."""
        return self.filter(used_at=None, cancelled_at=None)

    def alive(self, at: dt.datetime) -> "RecoveryQuerySet":
        return self.open().filter(expires_at__gt=at)


class Recovery(models.Model):
    """Two people let a third sign in once without the second factor they lost.

    One recognises the person and opens it, the other approves, one of the two reads out a code.
    """

    class Stage(models.TextChoices):
        WAITING = "waiting", _("waiting for approval")
        APPROVED = "approved", _("approved, code not shown yet")
        SHOWN = "shown", _("code shown, not used yet")
        USED = "used", _("used")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("expired")

    user = models.ForeignKey(PERSON, models.PROTECT, verbose_name=_("person"), related_name="recoveries")
    note = models.CharField(_("how the person was recognised"), max_length=300)
    opened_by = models.ForeignKey(PERSON, models.PROTECT, verbose_name=_("opened by"), related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    approved_by = models.ForeignKey(
        PERSON, models.PROTECT, verbose_name=_("approved by"), related_name="+", null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    code_hash = models.CharField(max_length=128, blank=True)
    expires_at = models.DateTimeField(_("good until"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("recovery of a lost factor")
        verbose_name_plural = _("recoveries of lost factors")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at=None, cancelled_at=None),
                name="recovery_one_open",
                violation_error_message=_("A recovery for this person is open already."),
            ),
            models.CheckConstraint(condition=~Q(note=""), name="recovery_has_note"),
            models.CheckConstraint(
                condition=~Q(opened_by=F("user"))
                & (Q(approved_by=None) | (~Q(approved_by=F("opened_by")) & ~Q(approved_by=F("user")))),
                name="recovery_takes_two_others",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None, code_hash="", used_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="recovery_code_after_approval",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    def stage(self, at: dt.datetime) -> "Recovery.Stage":
        if self.used_at:
            return self.Stage.USED
        if self.cancelled_at:
            return self.Stage.CANCELLED
        if self.expires_at <= at:
            return self.Stage.EXPIRED
        if self.code_hash:
            return self.Stage.SHOWN
        return self.Stage.APPROVED if self.approved_at else self.Stage.WAITING


class Handover(models.Model):
    """A post that passes from one person to the next on a day; kept also when it was undone."""

    predecessor = models.ForeignKey(
        "users.Membership", models.PROTECT, verbose_name=_("predecessor's post"), related_name="+", null=True
    )
    predecessor_to = models.DateField(null=True)  # when that post would have ended without this
    successor = models.OneToOneField(  # SET_NULL: undone, the post that it opened never was
        "users.Membership",
        models.SET_NULL,
        verbose_name=_("successor's post"),
        related_name="handover",
        null=True,
    )
    left = models.ForeignKey(  # the open post that the successor gives up for this one
        "users.Membership", models.PROTECT, verbose_name=_("post left"), related_name="+", null=True
    )
    starts_on = models.DateField(_("from"))
    made_by = models.ForeignKey(PERSON, models.PROTECT, verbose_name=_("made by"), related_name="+")
    made_at = models.DateTimeField(_("made at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        verbose_name = _("hand-over of a post")
        verbose_name_plural = _("hand-overs of posts")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, successor__isnull=False)
                | Q(undone_at__isnull=False, successor=None),
                name="handover_stands_or_was_undone",
            )
        ]

    def __str__(self) -> str:
        return str(self.successor or self.predecessor or self.pk)
