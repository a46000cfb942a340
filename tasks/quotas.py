"""How an assignment's figure is measured, and how its target is divided among agencies and localities.

A distribution is written by the lead, as a draft that need not add up, and settled by its head when it
does. Figures of parts are entered only while it is settled.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.lib.templatetags.portal_ui import vn_number
from portal.users.models import User
from tasks import assignments, indicator_access, indicators, reminders
from tasks.models import Aggregation, Assignment, Figure, Indicator, Locality, Quota
from tasks.states import DISTRIBUTION, DIVIDED_ASSIGNMENT, DistributionState

NOT_SETTLED = gettext_lazy("The distribution is not settled. Settle it first; then figures are entered.")


@dataclass(frozen=True)
class Holder:
    """Whose share it is: one of both keys is given."""

    agency_id: int | None = None
    locality_id: int | None = None


@dataclass(frozen=True)
class Definition:
    """How the figure is measured."""

    baseline: Decimal | None
    direction: str
    aggregation: str
    cycle: str


def version_of(indicator: Indicator) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return str(indicator.revision)


@action
def define(
    assignment: Assignment, *, by: User, at: dt.datetime, definition: Definition, version: str = ""
) -> None:
    """Say what counts as better, what becomes of several entries, and from where the work starts."""
    allowed = indicator_access.may_define_indicator(by, assignment)
    assignments.hold_at_work(assignment, allowed, statuses=DIVIDED_ASSIGNMENT)
    indicator = hold(assignment, version)
    if definition.aggregation != indicator.aggregation and indicators.current(indicator):
        raise RuleError(_("Figures were entered already; what becomes of them together stays as it is."))
    if definition.aggregation != indicator.aggregation and indicator.is_settled:
        raise RuleError(_("The distribution was settled by the present rule. Open it again first."))
    for name, value in vars(definition).items():
        setattr(indicator, name, value)
    _save(indicator)
    text = _in_vietnamese(gettext_lazy("The way in which the figure is measured was changed."))
    if indicators.has_figures(indicator):
        assignments.follow_figures(assignment, by=by, at=at, text=text)
    else:
        assignments.note(assignment, by=by, at=at, text=text)
    _record("indicator.defined", assignment, indicator, by=by, at=at)


@action
def distribute(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    shares: Mapping[Holder, Decimal],
    note: str = "",
    version: str = "",
) -> None:
    """Write the draft of the distribution whole; what is not named has no share. It need not add up."""
    allowed = indicator_access.may_distribute(by, assignment)
    assignments.hold_at_work(assignment, allowed, statuses=DIVIDED_ASSIGNMENT)
    indicator = hold(assignment, version)
    if indicator.is_settled:
        raise RuleError(_("The distribution is settled. Its head opens it again before it is changed."))
    if any(entry.part is indicators.WHOLE for entry in indicators.current(indicator)):
        raise RuleError(
            _("Figures of the whole were entered already. Take them back before the target is divided.")
        )
    if indicators.is_in_percent(assignment) and indicator.aggregation != Aggregation.AVERAGE:
        raise RuleError(
            _("Percentages do not add up. The programme officer lets the figure be an average first.")
        )
    _check_holders(assignment, shares)
    indicator.note = note.strip()
    _save(indicator)
    _write(indicator, shares)
    _record("quotas.distributed", assignment, indicator, by=by, at=at)


@action
def settle(assignment: Assignment, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Settle the distribution, which adds up, and tell the agencies that have a share."""
    allowed = indicator_access.may_settle_distribution(by, assignment)
    assignments.hold_at_work(assignment, allowed, statuses=DIVIDED_ASSIGNMENT)
    indicator = hold(assignment, version)
    quotas = list(indicator.quotas.all())
    if not quotas:
        raise RuleError(_("Nothing is divided yet."))
    gap = indicators.difference_of(assignment, indicator, quotas)
    if gap:
        raise RuleError(sentence(gap, target=assignment.target, unit=assignment.unit))
    move(
        indicator,
        DistributionState.SETTLED,
        DISTRIBUTION,
        settled_at=at,
        settled_by=by,
        revision=indicator.revision + 1,
    )
    others = {quota.agency_id for quota in quotas if quota.agency_id} - {assignment.lead_id}
    reminders.tell_shares(assignment, others, by=by, at=at)
    text = _in_vietnamese(gettext_lazy("The distribution of the target was settled."))
    assignments.note(assignment, by=by, at=at, text=text)
    _record("quotas.settled", assignment, indicator, by=by, at=at)


@action
def reopen(assignment: Assignment, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Make a settled distribution a draft again; figures wait until it is settled anew."""
    allowed = indicator_access.may_settle_distribution(by, assignment)
    assignments.hold_at_work(assignment, allowed, statuses=DIVIDED_ASSIGNMENT)
    indicator = hold(assignment, version)
    reason = reasons.given(reason)
    move(indicator, DistributionState.DRAFT, DISTRIBUTION, revision=indicator.revision + 1)
    reminders.take_back_shares(assignment, at=at)
    text = _in_vietnamese(gettext_lazy("The distribution of the target was opened again: %(reason)s"))
    assignments.note(assignment, by=by, at=at, text=text % {"reason": reason})
    _record("quotas.reopened", assignment, indicator, by=by, at=at)


def sentence(gap: Decimal, *, target: Decimal, unit: str) -> str:
    """Say in words by how much the parts differ from the whole; `gap` above 0 is too much."""
    facts = {"gap": vn_number(abs(gap)), "target": vn_number(target), "unit": unit}
    if not gap:
        return _("The parts agree with the target of %(target)s %(unit)s.") % facts
    if gap > 0:
        return _("The parts come to %(gap)s %(unit)s more than the target of %(target)s.") % facts
    return _("The parts come to %(gap)s %(unit)s less than the target of %(target)s.") % facts


def hold(assignment: Assignment, version: str = "") -> Indicator:
    """Return the indicator's row, locked, made when there is none; the assignment's is locked before.

    Raises StaleError when the row is newer than the page.
    """
    Indicator.objects.get_or_create(assignment=assignment, defaults=indicators.defaults(assignment))
    rows = Indicator.objects.select_for_update()
    indicator = rows.get(assignment=assignment)
    if version and version != version_of(indicator):
        raise StaleError(_("Someone changed this distribution after you opened the page."))
    return indicator


def _check_holders(assignment: Assignment, shares: Mapping[Holder, Decimal]) -> None:
    """Agencies take part in the assignment, localities are in the register, shares are not below 0."""
    if any(share < 0 for share in shares.values()):
        raise RuleError(_("A quota cannot be negative."))
    part = {assignment.lead_id, *assignment.coordinations.values_list("agency_id", flat=True)}
    if not {holder.agency_id for holder in shares if holder.agency_id} <= part:
        raise RuleError(_("Only the lead and the coordinating agencies can have a share."))
    localities = {holder.locality_id for holder in shares if holder.locality_id}
    if Locality.objects.filter(pk__in=localities).count() != len(localities):
        raise RuleError(_("One of these localities is not in the register."))


def _write(indicator: Indicator, shares: Mapping[Holder, Decimal]) -> None:
    """Bring the rows to what is wanted. A share under which figures stand stays, or stays at 0."""
    rows = {Holder(row.agency_id, row.locality_id): row for row in indicator.quotas.all()}
    gone = [row for holder, row in rows.items() if holder not in shares]
    _check_free(gone)
    indicator.quotas.filter(pk__in=[row.pk for row in gone]).delete()
    for holder, share in shares.items():
        row = rows.get(holder) or Quota(indicator=indicator, **vars(holder))
        if row.pk is None or row.share != share:
            row.share = share
            row.save()


def _check_free(rows: Collection[Quota]) -> None:
    used = Figure.objects.filter(quota__in=rows).values_list("quota", flat=True)
    names = [row.name for row in rows if row.pk in set(used)]
    if names:
        raise RuleError(
            _("Figures were entered for %(names)s: give the share 0 instead of leaving it out.")
            % {"names": ", ".join(names)}
        )


def _save(indicator: Indicator) -> None:
    indicator.revision += 1
    indicator.save()


def _in_vietnamese(text: Promise) -> str:
    """The log speaks the official language, whoever acts."""
    with translation.override("vi"):
        return str(text)


def _record(verb: str, assignment: Assignment, indicator: Indicator, *, by: User, at: dt.datetime) -> None:
    payload = {
        "code": assignment.code,
        "year": assignment.programme.year,
        "direction": indicator.direction,
        "aggregation": indicator.aggregation,
        "parts": indicator.quotas.count(),
    }
    record(verb, assignment, by=by, at=at, agency_code=assignment.lead.code, payload=payload)
