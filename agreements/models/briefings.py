"""The list of a briefing (danh mục giao ban): what stood open on its day. Frozen once, never edited."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.conferences import Conference
from portal.users.models import User


class BriefingList(models.Model):
    """What the briefing had before it, as JSON with its SHA-256; `taken_on` is the day of which it speaks.

    `content` has a list of rows for each part of agreements.briefings.PARTS. A row names an agency, what
    is owed and since when; what an agency wrote (reasons, words) is not in it: all who are invited read it.
    """

    conference = models.OneToOneField(
        Conference, models.PROTECT, verbose_name=_("briefing"), related_name="standing"
    )
    taken_on = models.DateField(_("as of"))
    content = models.JSONField(_("content"))
    content_sha256 = models.CharField(max_length=64)
    frozen_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("frozen by"), related_name="+")
    frozen_at = models.DateTimeField(_("frozen at"))

    class Meta:
        verbose_name = _("list of a briefing")
        verbose_name_plural = _("lists of briefings")
        ordering = ["-frozen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.conference_id} {self.taken_on:%d/%m/%Y}"
