"""Signatures that are not made with a key of the portal: on a computer of the signer's, or on paper."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.documents import Document, Signature, SignatureField
from agreements.models.external import ExternalCertificate
from agreements.states import PaperState
from portal.files.models import StoredFile
from portal.users.models import User


class Counterpart(models.Model):
    """A genuine signature on a state of the file that is not the newest: kept as evidence, never merged."""

    class Reason(models.TextChoices):
        STALE = "stale", _("signed on an older state of the file")

    document = models.ForeignKey(Document, models.PROTECT, related_name="counterparts")
    field = models.ForeignKey(SignatureField, models.PROTECT, related_name="counterparts")
    signer = models.ForeignKey(User, models.PROTECT, verbose_name=_("signer"), related_name="+")
    certificate = models.ForeignKey(
        ExternalCertificate, models.PROTECT, verbose_name=_("certificate"), related_name="+"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name=_("file"), related_name="+")
    base_seq = models.PositiveSmallIntegerField(_("revision that was signed"))
    head_seq = models.PositiveSmallIntegerField(_("newest revision at that time"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, default=Reason.STALE)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("signed counterpart")
        verbose_name_plural = _("signed counterparts")
        ordering = ["document", "received_at"]
        constraints = [
            models.UniqueConstraint(fields=["document", "file"], name="counterpart_once"),
            models.CheckConstraint(condition=Q(base_seq__lt=F("head_seq")), name="counterpart_is_older"),
        ]

    def __str__(self) -> str:
        return f"{self.field.agency_name}, {self.base_seq}"


class PreparedSignature(models.Model):
    """A signing task for the program on the signer's computer, opened by a ticket that she was shown.

    The portal keeps the ticket's hash alone. `tail` is the revision that waits for its signature value,
    made on the revision `base_seq`, until `lease_ends_at`; a value that comes later, or after somebody
    else's signature, is refused and the task prepared anew.
    """

    ticket_sha256 = models.CharField(max_length=64, unique=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("signer"), related_name="+")
    certificate = models.ForeignKey(
        ExternalCertificate, models.PROTECT, verbose_name=_("certificate"), related_name="+"
    )
    capacity = models.CharField(_("capacity"), max_length=40, blank=True)  # key of a capacities.Choice
    grounds = models.CharField(_("why not the head"), max_length=300, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    ends_at = models.DateTimeField(_("ends at"))
    base_seq = models.PositiveSmallIntegerField(_("revision to be signed"), null=True)
    signed_at = models.DateTimeField(_("time of signing"), null=True)
    tail = models.BinaryField(null=True)
    attributes = models.BinaryField(null=True)  # DER: what the token signs
    lease_ends_at = models.DateTimeField(_("lease ends at"), null=True)
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("prepared signature")
        verbose_name_plural = _("prepared signatures")
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="prepared_signature_ends")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.document}"


class PaperSignature(models.Model):
    """A signature on paper: a scan, who signed when, who vouches, and a second person who confirms.

    It counts for the round and stands in no PDF; wherever it is shown it is called paper.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="paper_signatures")
    field = models.ForeignKey(SignatureField, models.PROTECT, related_name="paper_signatures")
    state = models.CharField(
        _("state"), max_length=10, choices=PaperState, default=PaperState.WAITING, editable=False
    )
    signer_name = models.CharField(_("who signed"), max_length=160)
    signer_title = models.CharField(_("their post"), max_length=200)
    signed_on = models.DateField(_("signed on"))
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name=_("scan"), related_name="+")
    name = models.CharField(_("file name"), max_length=255)
    vouched_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("who vouches"), related_name="+")
    vouched_at = models.DateTimeField(_("uploaded at"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("who confirmed"), related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("signature on paper")
        verbose_name_plural = _("signatures on paper")
        ordering = ["document", "vouched_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["field"],
                condition=~Q(state=PaperState.REFUSED),
                name="paper_signature_once",
                violation_error_message=_("A paper signature of this agency is recorded already."),
            ),
            models.CheckConstraint(
                condition=Q(state=PaperState.WAITING, decided_at=None, decided_by=None)
                | (~Q(state=PaperState.WAITING) & Q(decided_at__gte=F("vouched_at"))),
                name="paper_signature_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("vouched_by")),
                name="paper_signature_two_people",
                violation_error_message=_("Somebody else must confirm what you vouch for."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer_name}, {self.field.agency_name}"
