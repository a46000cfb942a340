"""Files as the portal keeps them: named by their SHA-256, private, never overwritten."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


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
