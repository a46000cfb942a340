"""Figures of an indicator: entered, and corrected by another that says why. Nothing is overwritten.

In the same action the assignment's own figure follows the total.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.utils import translation
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.lib.templatetags.portal_ui import vn_date, vn_number
from portal.users.models import User
from tasks import access, assignments, indicator_access, indicators, quotas
from tasks.models import Assignment, Figure, Indicator, Quota

Values = Mapping[int | None, Decimal]
"""Figures by the key of their quota; that of the whole, where nothing is divided, by None."""


@action
def enter(assignment: Assignment, *, by: User, at: dt.datetime, on: dt.date, values: Values) -> list[Figure]:
    """Enter the figures of a day, of the whole or of parts; all of them or none."""
    rows = _parts(assignment, values)
    agencies = [row.agency_id if row else None for row in rows.values()]
    allowed = all(indicator_access.may_enter_figure(by, assignment, agency_id) for agency_id in agencies)
    if not values:
        allowed = access.may_work(by, assignment)
    assignments.hold_at_work(assignment, allowed)
    indicator = quotas.hold(assignment)
    _check(indicator, values, on=on, today=local_day(at))
    _check_free(indicator, rows, on)
    figures = [
        Figure.objects.create(indicator=indicator, quota=rows[key], on=on, value=value, at=at, by=by)
        for key, value in values.items()
    ]
    with translation.override("vi"):  # the log speaks the official language, whoever acts
        text = _("Figures as of %(day)s were entered.") % {"day": vn_date(on)}
    assignments.follow_figures(assignment, by=by, at=at, text=text)
    _record("figures.entered", assignment, by=by, at=at, count=len(figures))
    return figures


@action
def correct(figure: Figure, *, by: User, at: dt.datetime, value: Decimal | None, reason: str) -> Figure:
    """Enter what the figure ought to have been; None takes it back."""
    assignment = figure.indicator.assignment
    agency_id = figure.quota.agency_id if figure.quota else None
    assignments.hold_at_work(assignment, indicator_access.may_enter_figure(by, assignment, agency_id))
    indicator = quotas.hold(assignment)
    if Figure.objects.filter(corrects=figure).exists():
        raise RuleError(_("This figure was corrected already. Correct the newer one."))
    reason = reasons.given(reason)
    if value == figure.value:
        raise RuleError(_("This is the figure that stands there."))
    _check_state(indicator, is_part=figure.quota_id is not None)
    _check_value(value)
    made = Figure.objects.create(
        indicator=indicator,
        quota=figure.quota,
        on=figure.on,
        value=value,
        at=at,
        by=by,
        corrects=figure,
        reason=reason,
    )
    assignments.follow_figures(assignment, by=by, at=at, text=_told(made))
    _record("figure.corrected", assignment, by=by, at=at, count=1)
    return made


def _told(made: Figure) -> str:
    """What the log says of a correction."""
    with translation.override("vi"):
        return _("The figure as of %(day)s was corrected from %(old)s to %(new)s: %(reason)s") % {
            "day": vn_date(made.on),
            "old": _shown(made.corrects.value if made.corrects else None),
            "new": _shown(made.value),
            "reason": made.reason,
        }


def _shown(value: Decimal | None) -> str:
    return "–" if value is None else vn_number(value)


def _parts(assignment: Assignment, values: Values) -> dict[int | None, Quota | None]:
    """Return the quota of each key. Raises PermissionDenied for one of another assignment."""
    wanted = {key for key in values if key is not None}
    rows = {row.pk: row for row in Quota.objects.filter(pk__in=wanted, indicator__assignment=assignment)}
    if set(rows) != wanted:
        raise PermissionDenied
    return {key: None if key is None else rows[key] for key in values}


def _check(indicator: Indicator, values: Values, *, on: dt.date, today: dt.date) -> None:
    if not values:
        raise RuleError(_("No figure was typed."))
    if on > today:
        raise RuleError(_("A figure cannot be for a day to come."))
    for key, value in values.items():
        _check_state(indicator, is_part=key is not None)
        _check_value(value)


def _check_state(indicator: Indicator, *, is_part: bool) -> None:
    """Parts while the distribution is settled; the whole only where nothing is divided."""
    if is_part or indicator.quotas.exists():
        if not indicator.is_settled:
            raise RuleError(str(quotas.NOT_SETTLED))
        if not is_part:
            raise RuleError(_("The target is divided: enter the figures of its parts."))


def _check_value(value: Decimal | None) -> None:
    if value is not None and value < 0:
        raise RuleError(_("A figure cannot be negative."))


def _check_free(indicator: Indicator, rows: Mapping[int | None, Quota | None], on: dt.date) -> None:
    """One entry a day for each part: another value for it is a correction, and says why."""
    taken = set(
        Figure.objects.filter(indicator=indicator, on=on, corrects=None).values_list("quota", flat=True)
    )
    names = [row.name if row else _("the whole") for key, row in rows.items() if key in taken]
    if names:
        raise RuleError(
            _("There is a figure as of %(day)s already for: %(names)s. Correct it in the history below.")
            % {"day": vn_date(on), "names": ", ".join(names)}
        )


def _record(verb: str, assignment: Assignment, *, by: User, at: dt.datetime, count: int) -> None:
    payload = {
        "code": assignment.code,
        "year": assignment.programme.year,
        "count": count,
        "actual": assignment.actual,
        "total": indicators.total_of(indicators.measure_of(assignment)),
    }
    record(verb, assignment, by=by, at=at, agency_code=assignment.lead.code, payload=payload)
