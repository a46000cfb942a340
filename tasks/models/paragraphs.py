"""What every paragraph has that the portal drafts and an officer makes her own."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DraftedParagraph(models.Model):
    """One paragraph of a draft. `drafted` is what the portal found, `text` what the officer makes of it.

    Its `key` tells what it is about, so that it is found again when all is gathered anew. One that is left
    out stays: nothing that an agency wrote is lost.
    """

    order = models.PositiveIntegerField(_("order"), default=0)
    text = models.TextField(_("text"), blank=True)
    drafted = models.TextField(_("as drafted"), blank=True)
    is_left_out = models.BooleanField(_("left out"), default=False)
    is_new = models.BooleanField(_("new since the last draft"), default=False)

    class Meta:
        abstract = True

    @property
    def is_own(self) -> bool:
        """Whether the officer added it: nothing was drafted."""
        raise NotImplementedError

    @property
    def is_edited(self) -> bool:
        return not self.is_own and self.text != self.drafted
