"""The audit trail: append-only events in one hash chain.

An event holds actor, agency and subject as plain ids and labels, without foreign keys: this app
lies below all it speaks of, and an event must outlive its subject.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that somebody did. Written only by portal.audit.events.record()."""

    seq = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"))
    verb = models.CharField(_("action"), max_length=60)
    actor_id = models.BigIntegerField(_("actor id"), null=True)
    actor_label = models.CharField(_("actor"), max_length=200, blank=True)
    agency_code = models.CharField(_("agency"), max_length=30, blank=True)
    subject_type = models.CharField(_("kind of object"), max_length=60)
    subject_id = models.CharField(_("object id"), max_length=64)
    subject_label = models.CharField(_("object"), max_length=300, blank=True)
    address = models.CharField(_("network address"), max_length=45, blank=True)
    request_id = models.CharField(_("request id"), max_length=16, blank=True)
    # TEXT, never jsonb: the hash is over exactly these characters.
    payload = models.TextField(_("details"))
    prev_sha256 = models.CharField(_("previous hash"), max_length=64)
    sha256 = models.CharField(_("hash"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-seq"], name="event_subject"),
            models.Index(fields=["actor_id", "-seq"], name="event_actor"),
            models.Index(fields=["agency_code", "-seq"], name="event_agency"),
            models.Index(fields=["verb", "-seq"], name="event_verb"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb}"


class Head(models.Model):
    """The one row that says where the chain ends; locked by whoever appends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head")]


class Verification(models.Model):
    """What a day's walk along the chain found; a job carries it on, so that it ends where the chain does."""

    class Outcome(models.TextChoices):
        UNFINISHED = "unfinished", _("not walked to its end yet")
        GOOD = "good", _("holds")
        BAD = "bad", _("does not hold")
        CANNOT_TELL = "cannot_tell", _("cannot be told")

    day = models.DateField(_("day"), unique=True)
    checked_at = models.DateTimeField(_("checked at"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, default=Outcome.UNFINISHED)
    reached_seq = models.BigIntegerField(_("walked to event"), default=0)
    reached_sha256 = models.CharField(max_length=64)
    bad_seq = models.BigIntegerField(_("first bad event"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    checkpoint_number = models.PositiveIntegerField(_("newest checkpoint"), default=0)
    checkpoint_seq = models.BigIntegerField(_("vouched for up to event"), default=0)
    checkpoint_at = models.DateTimeField(_("signed at"), null=True)

    class Meta:
        verbose_name = _("verification of the audit trail")
        verbose_name_plural = _("verifications of the audit trail")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {self.outcome}"
