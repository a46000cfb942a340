"""The register of numbers: per year, from 01 on, without gaps or doubles.

Source: Decree 30/2020/NĐ-CP, art. 15: a number is unique within the agency and the year, and given in
the order of time. It stands in the record, never in the frozen pages.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from agreements import boards
from agreements.models import Document
from agreements.states import DocumentState
from portal.lib.errors import RuleError


@dataclass(frozen=True)
class Register:
    """One year's numbers, and what waits for one."""

    year: int
    years: tuple[int, ...]
    entries: tuple[Document, ...]
    waiting: tuple[Document, ...]
    next_number: int


def register(documents: QuerySet[Document], year: int, *, this_year: int) -> Register:
    """Return the register of a year as the reader of these documents sees it. Four queries."""
    rows = boards.counted(documents).select_related("programme")
    years = set(documents.exclude(number_year=None).order_by().values_list("number_year", flat=True))
    return Register(
        year,
        tuple(sorted({this_year, year, *filter(None, years)}, reverse=True)),
        tuple(rows.filter(number_year=year).order_by("number")),
        tuple(rows.filter(state=DocumentState.CLOSED).order_by("frozen_at")),
        next_number(year),
    )


def next_number(year: int) -> int:
    """Return the number that comes next in a year."""
    newest = Document.objects.filter(number_year=year).aggregate(newest=Max("number"))["newest"]
    return (newest or 0) + 1


def check_next(number: int, issued_on: dt.date) -> None:
    """Refuse a number that would leave a gap or comes out of order. Raises RuleError.

    Two who take the same number at the same moment are kept apart by the database.
    """
    year = issued_on.year
    if Document.objects.filter(number_year=year, number=number).exists():
        raise taken(number)
    following = next_number(year)
    if number != following:
        raise RuleError(
            _("The number %(number)s would leave a gap. The next one of %(year)s is %(next)s.")
            % {"number": number, "year": year, "next": following}
        )
    days = Document.objects.filter(number_year=year).values_list("issued_on", flat=True)
    if (latest := _latest(days)) and issued_on < latest:
        raise RuleError(
            _("The number before was given on %(day)s; a later number has no earlier date.")
            % {"day": f"{latest:%d/%m/%Y}"}
        )


def taken(number: int) -> RuleError:
    return RuleError(_("The number %(number)s is taken in this year.") % {"number": number})


def _latest(days: Iterable[dt.date | None]) -> dt.date | None:
    return max(filter(None, days), default=None)
