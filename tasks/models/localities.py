"""The register of districts, communes and wards: the units over which a target is divided."""

import datetime as dt

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.lib.text import fold, in_reader_language, sort_key


class LocalityQuerySet(models.QuerySet["Locality"]):
    def valid_on(self, day: dt.date) -> "LocalityQuerySet":
        """Units that existed on a day; an empty date is open."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )


class Locality(models.Model):
    """A district or commune with the dates between which it exists. Its key is its row, not its name."""

    class Kind(models.TextChoices):
        CITY = "city", _("city")
        TOWN = "town", _("district-level town")
        DISTRICT = "district", _("district")
        WARD = "ward", _("ward")
        COMMUNE = "commune", _("commune")

    code = models.CharField(
        _("code"),
        max_length=30,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9-]*$", _("Capital letters, digits and hyphens only."))],
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=1000)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("merged into"),
        related_name="predecessors",
        null=True,
        blank=True,
    )
    name_sort_key = models.CharField(max_length=600, editable=False)
    name_folded = models.CharField(max_length=300, editable=False)

    objects = LocalityQuerySet.as_manager()

    class Meta:
        verbose_name = _("locality")
        verbose_name_plural = _("localities")
        ordering = ["order", "name_sort_key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="locality_dates_in_order",
                violation_error_message=_("The locality ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.name_sort_key = sort_key(self.name_vi)
        self.name_folded = fold(f"{self.code} {self.name_vi} {self.name_en}")
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        return in_reader_language(self.name_vi, self.name_en)
