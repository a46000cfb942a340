"""Carry a change of agencies out: assignments, requests, shares, reports and parties pass to the successors.

Only within the action that carries the change out, which holds the plan's lock. What is over stays with
the agency that did it, and what was signed keeps its names.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from portal.agencies.models import Agency, AgencyChange
from portal.audit.events import record
from portal.lib.templatetags.portal_ui import vn_date
from portal.users.models import User
from tasks import (
    assignments,
    groups,
    parties,
    rating_sheets,
    reminders,
    report_handovers,
    schemes,
    shells,
    takeovers,
)
from tasks.models import (
    Aggregation,
    Assignment,
    ChangePlan,
    Cooperation,
    Coordination,
    ExtensionRequest,
    Figure,
    Indicator,
    PartyHeir,
    Programme,
    Quota,
    Signatory,
    Takeover,
)
from tasks.states import EDITABLE_PROGRAMME, OPEN_PROGRAMME, ExtensionState, ProgrammeState
from tasks.takeovers import Part


@dataclass(frozen=True)
class Passed:
    """What was moved, in numbers, and the agencies that took something over."""

    assignments: int
    reports: int
    successors: frozenset[int]


def carry_out(plan: ChangePlan, *, by: User, at: dt.datetime, on: dt.date) -> Passed:
    """Move everything that passes with a plan; `on` is the day from which the successors have it.

    1. Parties: who takes over sees the programme from here on.
    2. Assignments, one by one under their locks, with requests and shares that hang on them.
    3. Places in standing groups, with the items of their plans.
    4. Open reports; then the shells that new parties lack.
    5. Schemes of several years that are running.
    6. Sheets of a rating that goes on.
    """
    rows = takeovers.parts(plan)
    _pass_parties(plan, rows, on=on)
    of_assignment: dict[int, list[Part]] = {}
    for part in rows:
        of_assignment.setdefault(part.assignment.pk, []).append(part)
    for found in of_assignment.values():
        _pass_assignment(plan, found, by=by, at=at)
    gone, heirs = takeovers.ending(plan), takeovers.heirs(plan)
    groups.pass_on(gone, heirs, on=plan.effective_on, by=by, at=at)
    reports = report_handovers.pass_on(gone, heirs, by=by, at=at)
    for programme in Programme.objects.filter(state=ProgrammeState.IN_FORCE):
        shells.make(programme)
    schemes.pass_on(gone, heirs, by=by, at=at)
    rating_sheets.pass_on(gone, heirs, by=by, at=at)
    taking = {part.target.pk for part in rows if part.target} | {a.pk for a in heirs.values() if a}
    return Passed(len(of_assignment), reports, frozenset(taking))


# --- Parties ----------------------------------------------------------------------------------------
def _pass_parties(plan: ChangePlan, rows: Collection[Part], *, on: dt.date) -> None:
    gone = {agency.pk for agency in takeovers.ending(plan)}
    heirs = takeovers.heirs(plan)
    new = [agency for agency in takeovers.own_options(plan) if agency.valid_from == plan.effective_on]
    if plan.kind == AgencyChange.Kind.REPARENT:
        new = []  # it stops being a party
    for programme in _programmes_of(plan.predecessors.all()):
        for predecessor in plan.predecessors.all():
            taking = [
                part.target
                for part in rows
                if part.predecessor == predecessor
                and part.assignment.programme_id == programme.pk
                and part.target
            ]
            first = [agency for agency in [heirs[predecessor.pk]] if agency]
            parties.pass_on(
                predecessor,
                programme,
                [*first, *new, *taking],
                keeps_place=predecessor.pk not in gone,
                on=on,
            )


def _programmes_of(predecessors: Iterable[Agency]) -> list[Programme]:
    """Return every programme of which one is or was a party, whose text may change or is shown to parties."""
    keys = [agency.pk for agency in predecessors]
    named = {*Signatory.objects.filter(agency__in=keys).values_list("programme_id", flat=True)}
    named |= {*PartyHeir.objects.filter(agency__in=keys).values_list("programme_id", flat=True)}
    rows = Programme.objects.filter(pk__in=named, state__in=EDITABLE_PROGRAMME | OPEN_PROGRAMME)
    return list(rows.order_by("year"))


# --- Assignments ------------------------------------------------------------------------------------
def _pass_assignment(plan: ChangePlan, parts: Collection[Part], *, by: User, at: dt.datetime) -> None:
    """Write lead and coordinating agencies of one assignment anew, and what hangs on them."""
    targets = {part.predecessor.pk: part.target for part in parts if part.target}
    moves = {key: agency.pk for key, agency in targets.items() if agency.pk != key}
    for part in parts:
        if part.predecessor.pk in moves:
            _note_takeover(plan, part, at=at)
    if not moves:
        return
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("programme", "lead")
    row = rows.get(pk=next(iter(parts)).assignment.pk)
    before = (row.lead, [share.agency for share in row.coordinations.select_related("agency")])
    lead, others = takeovers.rearranged(row.lead_id, [agency.pk for agency in before[1]], moves)
    _coordinate(row, lead, moves)
    has_new_lead = lead != row.lead_id
    row.lead_id, row.changed_at = lead, at
    row.save(update_fields=["lead", "changed_at"])
    row = Assignment.objects.select_related("programme__host", "lead").get(pk=row.pk)
    _pass_shares(row, moves)
    if has_new_lead:
        pending = ExtensionRequest.objects.filter(assignment=row, state=ExtensionState.PENDING)
        pending.update(agency=row.lead)
    if row.programme.state == ProgrammeState.IN_FORCE:
        _tell(plan, row, targets, before[0] if has_new_lead else None, by=by, at=at)
    codes = {agency.pk: agency.code for agency in (before[0], *before[1])}
    payload = {
        "code": row.code,
        "year": row.programme.year,
        "plan": plan.reference,
        "before": {"lead": codes[before[0].pk], "coordination.": [codes[a.pk] for a in before[1]]},
        "after": {"lead": row.lead.code, "coordination.": _codes(others)},
    }
    record("assignment.taken_over", row, by=by, at=at, agency_code=row.lead.code, payload=payload)


def _codes(keys: list[int]) -> list[str]:
    codes = dict(Agency.objects.filter(pk__in=keys).values_list("pk", "code"))
    return [codes[key] for key in keys]


def _note_takeover(plan: ChangePlan, part: Part, *, at: dt.datetime) -> None:
    Takeover.objects.update_or_create(
        plan=plan,
        assignment=part.assignment,
        predecessor=part.predecessor,
        defaults={"successor": part.target, "was_lead": part.is_lead, "at": at},
    )


def _coordinate(row: Assignment, lead: int, moves: Mapping[int, int]) -> None:
    """Let each agency coordinate once, and the lead not at all: the first of two rows stays."""
    final: dict[int, Coordination] = {}
    for share in row.coordinations.order_by("order", "pk"):
        target = moves.get(share.agency_id, share.agency_id)
        if target != lead:
            final.setdefault(target, share)
    staying = {share.pk for target, share in final.items() if share.agency_id == target}
    passing = {one.share_id: one for one in Cooperation.objects.filter(share__assignment=row)}
    row.coordinations.exclude(pk__in=staying).delete()
    moved = [(target, share) for target, share in final.items() if share.pk not in staying]
    made = Coordination.objects.bulk_create(
        Coordination(assignment=row, agency_id=target, deliverable=share.deliverable, order=share.order)
        for target, share in moved
    )
    for new, (_target, share) in zip(made, moved, strict=True):
        if share.pk in passing:  # what was asked for and delivered goes with the share
            passing[share.pk].share = new
            passing[share.pk].save(force_insert=True)


def _tell(
    plan: ChangePlan,
    row: Assignment,
    targets: Mapping[int, Agency | None],
    led_before: Agency | None,
    *,
    by: User,
    at: dt.datetime,
) -> None:
    """Leave an entry in the log; a new lead hears what its step now waits for."""
    names = dict(Agency.objects.filter(pk__in=targets).values_list("pk", "name_vi"))
    with translation.override("vi"):  # the log speaks the official language, whoever acts
        words = [
            _("%(agency)s took over from %(predecessor)s")
            % {"agency": agency.name_vi, "predecessor": names[key]}
            for key, agency in targets.items()
            if agency and agency.pk != key
        ]
        source = _("%(document)s of %(day)s") % {
            "document": plan.legal_document,
            "day": vn_date(plan.document_on),
        }
    assignments.note(row, by=by, at=at, text=f"{'; '.join(words)} ({source}).")
    if led_before is not None:
        reminders.follow_lead(row, by=by, at=at)


# --- Shares of targets ------------------------------------------------------------------------------
def _pass_shares(row: Assignment, moves: Mapping[int, int]) -> None:
    """Let the successors hold the shares of the target; what they come to together stays as it was.

    Two shares that meet become one. Figures that were entered under the second stay under its name, with
    nothing of the target left to it. An average knows no sum: there both stay as they are.
    """
    indicator = Indicator.objects.select_for_update(of=("self",)).filter(assignment=row).first()
    if indicator is None:
        return
    quotas = {quota.agency_id: quota for quota in indicator.quotas.filter(agency__isnull=False)}
    moving = _in_turn([(key, target) for key, target in moves.items() if key in quotas])
    for key, target in moving:
        quota, held = quotas[key], quotas.get(target)
        if held is None:
            quotas[target] = quotas.pop(key)
            quota.agency_id = target
            quota.save(update_fields=["agency"])
        elif indicator.aggregation != Aggregation.AVERAGE:
            held.share += quota.share
            held.save(update_fields=["share"])
            if _empty(quota):
                del quotas[key]
    if moving:
        indicator.revision += 1
        indicator.save(update_fields=["revision"])


def _in_turn(moves: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Order them so that each place is left before another comes into it.

    Of those that only change places with each other none can be first: there shares stay where they are.
    """
    left, found = dict(moves), []
    while free := [key for key, target in left.items() if target not in left]:
        found += [(key, left.pop(key)) for key in free]
    return found


def _empty(quota: Quota) -> bool:
    """Leave nothing of the target to it; return whether it went altogether, for want of figures."""
    if Figure.objects.filter(quota=quota).exists():
        quota.share = 0
        quota.save(update_fields=["share"])
        return False
    quota.delete()
    return True
