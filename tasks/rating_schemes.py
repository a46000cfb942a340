"""What a year is rated by, as data: criteria with weights, grades with thresholds, whence they come."""

import datetime as dt
import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from portal.lib.errors import RuleError
from tasks.models import RatingCriterion, RatingGrade, RatingRound
from tasks.models.ratings import WHOLE

PRESET = Path(__file__).with_name("loading") / "rating.yaml"
GRADES = 4


@dataclass(frozen=True)
class Criterion:
    """One criterion as it was typed."""

    title_vi: str
    measure: str
    weight: int
    title_en: str = ""
    guidance: str = ""


@dataclass(frozen=True)
class Grade:
    """One grade as it was typed."""

    name_vi: str
    from_points: int
    name_en: str = ""
    reward: str = ""


@dataclass(frozen=True)
class Scheme:
    """Criteria in their order, grades from the best."""

    criteria: Sequence[Criterion]
    grades: Sequence[Grade]


@dataclass(frozen=True)
class Terms:
    """When a year is rated and what is left out."""

    counts_until: dt.date
    self_due_on: dt.date
    leaves_out_suspended: bool = True
    leaves_out_carried_over: bool = True
    is_list_public: bool = False


@functools.cache
def preset() -> Scheme:
    """Return what is offered for the first year."""
    found = yaml.safe_load(PRESET.read_text(encoding="utf-8"))
    return Scheme(
        [Criterion(**row) for row in found["criteria"]],
        [Grade(**row) for row in found["grades"]],
    )


def offered(year: int) -> Scheme:
    """Return what a new year begins with: the newest published edition before it, else the preset."""
    earlier = RatingRound.objects.filter(programme__year__lt=year, published_at__isnull=False)
    newest = earlier.order_by("-programme__year").first()
    return of(newest) if newest else preset()


def of(round_: RatingRound) -> Scheme:
    """Return the scheme of a round as it stands in its rows."""
    return Scheme(
        [
            Criterion(row.title_vi, row.measure, row.weight, row.title_en, row.guidance)
            for row in round_.criteria.order_by("order")
        ],
        [
            Grade(row.name_vi, row.from_points, row.name_en, row.reward)
            for row in round_.grades.order_by("place")
        ],
    )


def write(round_: RatingRound, scheme: Scheme) -> None:
    """Put the rows of a draft in place of those it had; only within an action."""
    check_grades(scheme)
    round_.criteria.all().delete()
    round_.grades.all().delete()
    RatingCriterion.objects.bulk_create(
        RatingCriterion(round=round_, order=order, **vars(row))
        for order, row in enumerate(scheme.criteria, 1)
    )
    RatingGrade.objects.bulk_create(
        RatingGrade(round=round_, place=place, **vars(row)) for place, row in enumerate(scheme.grades, 1)
    )


def check_grades(scheme: Scheme) -> None:
    """Refuse grades that are not four, or whose thresholds do not go down to 0. Raises RuleError."""
    thresholds = [grade.from_points for grade in scheme.grades]
    goes_down = all(best > next_best for best, next_best in itertools.pairwise(thresholds))
    if len(thresholds) != GRADES or not goes_down or thresholds[-1] != 0:
        raise RuleError(
            _("There are four grades, each from fewer points than the one before, the last from 0.")
        )


def check_whole(scheme: Scheme) -> None:
    """Refuse weights that do not add up. Raises RuleError."""
    weights = sum(row.weight for row in scheme.criteria)
    if weights != WHOLE:
        raise RuleError(
            _("The weights add up to %(sum)s, not to %(whole)s. Change them first.")
            % {"sum": weights, "whole": WHOLE}
        )


def edition(round_: RatingRound, scheme: Scheme) -> dict[str, Any]:
    """Return what is published: criteria, grades and what is left out. Frozen from then on."""
    return {
        "year": round_.programme.year,
        "counts_until": round_.counts_until.isoformat(),
        "leaves_out_suspended": round_.leaves_out_suspended,
        "leaves_out_carried_over": round_.leaves_out_carried_over,
        "is_list_public": round_.is_list_public,
        "criteria": [vars(row) for row in scheme.criteria],
        "grades": [vars(row) for row in scheme.grades],
    }
