"""What a paper that is kept elsewhere is cited with."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CitedPaper(models.Model):
    """A paper kept elsewhere, by what it is cited with."""

    number = models.CharField(_("number and symbol"), max_length=60)
    issued_on = models.DateField(_("issued on"))
    subject = models.CharField(_("subject"), max_length=300)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number
