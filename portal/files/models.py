"""Files as the portal keeps them: named by their SHA-256, private, never overwritten."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.users.models import User


class StoredFile(models.Model):
    """One file in the content-addressed store; the bytes lie under settings.FILES_DIR."""

    sha256 = models.CharField(
        "SHA-256", max_length=64, primary_key=True, validators=[RegexValidator(r"^[0-9a-f]{64}$")]
    )
    size = models.PositiveBigIntegerField(_("size in bytes"))
    media_type = models.CharField(_("type"), max_length=80)
    stored_at = models.DateTimeField(_("stored at"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        ordering = ["-stored_at"]

    def __str__(self) -> str:
        return self.sha256[:16]

    @property
    def recalled(self) -> "Recall | None":
        """Who recalled the file, when and why; None when nobody did. Select `recall` along in lists."""
        return getattr(self, "recall", None)


class Recall(models.Model):
    """A file that nobody may have any more (thu hồi tài liệu). Its bytes lie sealed; its trace stays."""

    file = models.OneToOneField(
        StoredFile, models.PROTECT, primary_key=True, verbose_name=_("stored file"), related_name="recall"
    )
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("recalled by"), related_name="+")
    at = models.DateTimeField(_("recalled at"))
    reason = models.TextField(_("reason"), max_length=1000)
    destroyed_at = models.DateTimeField(_("bytes destroyed at"), null=True, blank=True)
    destruction_record = models.CharField(_("record of the destruction"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("recalled file")
        verbose_name_plural = _("recalled files")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(destroyed_at=None) | ~models.Q(destruction_record=""),
                name="recall_destroyed_by_record",
                violation_error_message=_("Name the record of the destruction."),
            )
        ]

    def __str__(self) -> str:
        return str(self.file_id)[:16]
