"""Public holidays and swapped working days: rows that an administrator edits.

Source: Labour Code 2019, art. 112; the swap days of each year are announced by the Government, so
they are data, never a constant.
"""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.lib.dates import Calendar


class Holiday(models.Model):
    """A day off, or a weekend day that is worked in exchange for another."""

    class Kind(models.TextChoices):
        OFF = "off", _("day off")
        WORKED = "worked", _("worked in exchange")

    on = models.DateField(_("date"), unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.OFF)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("holiday or swapped day")
        verbose_name_plural = _("holidays and swapped days")
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y} {self.name}"


def load_calendar(*, first: dt.date | None = None) -> Calendar:
    """Return the working calendar in one query, from `first` on (all of it when None)."""
    rows = Holiday.objects.all() if first is None else Holiday.objects.filter(on__gte=first)
    days: dict[str, set[dt.date]] = {Holiday.Kind.OFF: set(), Holiday.Kind.WORKED: set()}
    for on, kind in rows.values_list("on", "kind"):
        days[kind].add(on)
    return Calendar(frozenset(days[Holiday.Kind.OFF]), frozenset(days[Holiday.Kind.WORKED]))
