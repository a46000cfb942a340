"""What happens to a planned change of agencies: prepared, proposed, confirmed by another, carried out.

Nothing moves before it is confirmed and its day has come; until then it can be taken back. `version` is
the revision that the person saw (version_of()); an older page is refused with StaleError.
"""

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext as _

from portal.agencies.models import Agency, AgencyChange, Succession
from portal.audit.events import record
from portal.lib import walls
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users import posts
from portal.users.models import User
from tasks import change_access, change_checks, change_reminders, successions, takeovers
from tasks.models import ChangePlan, PlannedSuccessor, PostMove, Programme, Takeover
from tasks.states import CHANGE_PLAN, ENDED_PROGRAMME, PlanState
from tasks.takeovers import DAY

_S = PlanState
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Facts:
    """What a change is: by its columns, and the agencies on both sides."""

    columns: Mapping[str, Any]
    predecessors: tuple[Agency, ...]
    successors: tuple[Agency, ...]
    reference: str = ""


@dataclass(frozen=True)
class Choices:
    """Who takes over: agencies by (assignment, predecessor), and (agency or None, role) by post; all keys."""

    duties: Mapping[tuple[int, int], int]
    posts: Mapping[int, tuple[int | None, str]]


def version_of(plan: ChangePlan) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return str(plan.revision)


# --- Preparing --------------------------------------------------------------------------------------
@action
def prepare(facts: Facts, *, by: User, at: dt.datetime) -> ChangePlan:
    """Begin a draft. `facts.reference` names a change that the register announces already."""
    if not change_access.may_prepare_changes(by):
        raise PermissionDenied
    plan = ChangePlan(reference=facts.reference or _next_reference(facts), prepared_by=by, prepared_at=at)
    _fill(plan, facts)
    _record("agency_change.prepared", plan, by=by, at=at)
    return plan


def _next_reference(facts: Facts) -> str:
    year = facts.columns["effective_on"].year
    used = set(ChangePlan.objects.values_list("reference", flat=True))
    used |= set(AgencyChange.objects.values_list("reference", flat=True))
    return next(name for n in range(1, 1000) if (name := f"TD-{year}-{n:02}") not in used)


@action
def describe(plan: ChangePlan, *, by: User, at: dt.datetime, facts: Facts, version: str = "") -> None:
    """Write the facts of a draft anew; an agency entered for it that is no successor any more goes."""
    _begin_draft(plan, by, version)
    _fill(plan, facts)
    _record("agency_change.described", plan, by=by, at=at)


def _fill(plan: ChangePlan, facts: Facts) -> None:
    for name, value in facts.columns.items():
        setattr(plan, name, value)
    plan.revision += 1
    plan.save()
    plan.predecessors.set(facts.predecessors)
    wanted = {agency.pk for agency in facts.successors}
    for row in plan.successors.select_related("agency"):
        if row.agency_id not in wanted:
            _leave_out(row)
    has = set(plan.successors.values_list("agency_id", flat=True))
    for agency in facts.successors:
        if agency.pk not in has:
            PlannedSuccessor.objects.create(plan=plan, agency=agency)
    entered = plan.successors.filter(is_new=True).values("agency")
    Agency.objects.filter(pk__in=entered).update(valid_from=plan.effective_on)
    _forget_stale_choices(plan)


def _leave_out(row: PlannedSuccessor) -> None:
    """Drop a successor; an agency that was entered for this plan alone goes with it.

    Raises RuleError where something else names that agency already. Choices of other drafts for it go.
    """
    agency, is_new = row.agency, row.is_new
    Takeover.objects.filter(plan=row.plan, successor=agency).delete()
    PostMove.objects.filter(plan=row.plan, successor=agency).delete()
    row.delete()
    if not is_new:
        return
    elsewhere = PlannedSuccessor.objects.filter(agency=agency).order_by("pk").first()
    if elsewhere:
        PlannedSuccessor.objects.filter(pk=elsewhere.pk).update(is_new=True)
        return
    if decided := takeovers.decided_for(agency):
        raise RuleError(
            _("%(agency)s takes over in %(plans)s, which is proposed already: take that back first.")
            % {"agency": agency.name, "plans": ", ".join(decided)}
        )
    unwritten = {"successor": agency, "plan__state__in": [_S.DRAFT, _S.DISCARDED]}
    Takeover.objects.filter(**unwritten).delete()
    PostMove.objects.filter(**unwritten).delete()
    try:
        agency.delete()
    except ProtectedError as error:
        raise RuleError(change_checks.hanging(error)) from error


def _forget_stale_choices(plan: ChangePlan) -> None:
    """A choice for an agency that is no predecessor any more means nothing."""
    kept = plan.predecessors.all()
    plan.takeovers.exclude(predecessor__in=kept).delete()
    plan.post_moves.exclude(post__agency__in=kept).delete()


@action
def add_successor(
    plan: ChangePlan, *, by: User, at: dt.datetime, agency: Agency, note: str = "", version: str = ""
) -> Agency:
    """Enter an agency that begins with the change. `agency` is not saved yet."""
    _begin_draft(plan, by, version)
    agency.valid_from, agency.valid_to = plan.effective_on, None
    try:
        agency.full_clean()
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from error
    agency.save()
    PlannedSuccessor.objects.create(plan=plan, agency=agency, scope_note=note.strip(), is_new=True)
    plan.revision += 1
    plan.save(update_fields=["revision"])
    _record("agency_change.agency_added", plan, by=by, at=at, successor=agency.code)
    return agency


@action
def choose(plan: ChangePlan, *, by: User, at: dt.datetime, choices: Choices, version: str = "") -> None:
    """Keep who takes over which assignment, and what becomes of each post."""
    _begin_draft(plan, by, version)
    on = change_checks.day_of(plan, local_day(at))
    for part in takeovers.parts(plan):
        key = (part.assignment.pk, part.predecessor.pk)
        chosen = choices.duties.get(key)
        if chosen is None:
            continue
        if chosen not in {agency.pk for agency in part.options}:
            raise RuleError(_("That agency is no successor in this change."))
        Takeover.objects.update_or_create(
            plan=plan,
            assignment_id=key[0],
            predecessor_id=key[1],
            defaults={"successor_id": chosen, "was_lead": part.is_lead},
        )
    for person in takeovers.people(plan, on=on):
        if person.post.pk not in choices.posts:
            continue
        agency_id, role = choices.posts[person.post.pk]
        may_be = {(agency.pk, str(kept)) for _value, agency, kept in person.options}
        if agency_id is not None and (agency_id, role) not in may_be:
            raise RuleError(_("That agency is no successor in this change."))
        defaults = {"successor_id": agency_id, "role": role if agency_id else person.post.role}
        PostMove.objects.update_or_create(plan=plan, post=person.post, defaults=defaults)
    plan.revision += 1
    plan.save(update_fields=["revision"])
    _record("agency_change.chosen", plan, by=by, at=at)


@action
def discard(plan: ChangePlan, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Give a draft up; agencies that were entered for it go, its trace stays."""
    _begin_draft(plan, by, version)
    move(plan, _S.DISCARDED, CHANGE_PLAN, revision=plan.revision + 1)
    for row in plan.successors.filter(is_new=True).select_related("agency", "plan"):
        _leave_out(row)
    _record("agency_change.discarded", plan, by=by, at=at)


# --- Deciding ---------------------------------------------------------------------------------------
@action
def propose(plan: ChangePlan, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Put a complete draft before whoever confirms it. Raises RuleError naming everything that lacks."""
    _begin_draft(plan, by, version)
    today = local_day(at)
    parts, people = takeovers.parts(plan), takeovers.people(plan, on=change_checks.day_of(plan, today))
    if missing := change_checks.gaps(plan, parts, people, today=today):
        raise RuleError(_("The change is not complete. %(gaps)s") % {"gaps": " ".join(missing)})
    takeovers.settle(plan, parts, people)
    facts: dict[str, Any] = {"proposed_by": by, "proposed_at": at, "confirmed_by": None, "confirmed_at": None}
    move(plan, _S.PROPOSED, CHANGE_PLAN, revision=plan.revision + 1, **facts)
    change_reminders.tell(change_reminders.PROPOSED, plan, _who_confirms(by), by=by, at=at)
    _record("agency_change.proposed", plan, by=by, at=at)


def _who_confirms(by: User) -> set[int]:
    """The hosts of programmes that run, wherever the proposer's own post is: their heads confirm."""
    hosts = set(Programme.objects.exclude(state__in=ENDED_PROGRAMME).values_list("host_id", flat=True))
    return hosts or {by.agency_id or 0}


@action
def take_back(plan: ChangePlan, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Make it a draft again: before it is confirmed, and after that until its day."""
    _begin(plan, change_access.may_confirm_changes(by), version)
    move(plan, _S.DRAFT, CHANGE_PLAN, revision=plan.revision + 1, refusal="")
    takeovers.unsettle(plan)
    change_reminders.settle(plan, at=at)
    _record("agency_change.taken_back", plan, by=by, at=at)


@action
def confirm(plan: ChangePlan, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Confirm what another proposed. On its day, or after it, everything moves at once; before, that waits.

    Of changes of one day that give to each other the first waits until the other is confirmed too. Raises
    RuleError when something else stands in the way on a day that has come.
    """
    _begin(plan, change_access.may_confirm_changes(by), version)
    if not change_access.may_confirm_change(by, plan):
        raise RuleError(_("Whoever proposed the change does not confirm it."))
    move(
        plan,
        _S.CONFIRMED,
        CHANGE_PLAN,
        revision=plan.revision + 1,
        confirmed_by=by,
        confirmed_at=at,
    )
    change_reminders.settle(plan, at=at)
    _record("agency_change.confirmed", plan, by=by, at=at)
    if plan.effective_on <= (today := local_day(at)):
        people = takeovers.people(plan, on=change_checks.day_of(plan, today))
        if not change_checks.waits(plan, takeovers.parts(plan), people):
            _carry_out_or_say(plan, by=by, at=at)


# --- Carrying out -----------------------------------------------------------------------------------
def due(today: dt.date) -> QuerySet[ChangePlan]:
    """Return the confirmed changes whose day has come, in the order of their days."""
    rows = ChangePlan.objects.filter(state=_S.CONFIRMED, effective_on__lte=today)
    return rows.order_by("effective_on", "pk")


def carry_out_due(*, at: dt.datetime) -> int:
    """Carry out what was confirmed for today or before; return how many. One that cannot be says why.

    Whatever goes wrong with one does not keep back those behind it.
    """
    done = 0
    for plan in due(local_day(at)):
        try:
            _carry_out_on_its_day(plan, at=at)
            done += 1
        except RuleError as refusal:
            _note_refusal(plan, str(refusal), at=at)
        except Exception:  # a fault of ours or of the rows: the plan stays as it was, and the log says what
            log.exception("change of agencies %s was not carried out", plan.reference)
            why = _("An unexpected error; nothing was moved. The administrator finds it in the log.")
            _note_refusal(plan, why, at=at)
    return done


@action
def _carry_out_on_its_day(plan: ChangePlan, *, at: dt.datetime) -> None:
    plan.refresh_from_db(from_queryset=ChangePlan.objects.select_for_update())
    if plan.state == _S.CONFIRMED and plan.confirmed_by:  # another worker may have been first
        _carry_out_or_say(plan, by=plan.confirmed_by, at=at)


@action
def _note_refusal(plan: ChangePlan, why: str, *, at: dt.datetime) -> None:
    plan.refresh_from_db(from_queryset=ChangePlan.objects.select_for_update())
    if plan.refusal == why or plan.state != _S.CONFIRMED:
        return
    plan.refusal = why
    plan.save(update_fields=["refusal"])
    agency = plan.confirmed_by.agency_id if plan.confirmed_by else None
    change_reminders.tell(change_reminders.REFUSED, plan, {agency or 0}, by=None, at=at)
    _record("agency_change.refused", plan, by=None, at=at)


def _carry_out_or_say(plan: ChangePlan, *, by: User, at: dt.datetime) -> None:
    """Carry it out; what the database does not let go becomes words for whoever acts. Raises RuleError."""
    try:
        _carry_out(plan, by=by, at=at)
    except IntegrityError as error:
        log.exception("the database refused the change of agencies %s", plan.reference)
        raise RuleError(change_checks.hanging(error)) from error


def _carry_out(plan: ChangePlan, *, by: User, at: dt.datetime) -> None:
    """Move everything, in one transaction.

    1. Agencies end and begin in the register, by the legal document's day.
    2. Posts pass on from that day or, when it has passed, from today: notices find who holds them.
    3. Parties, assignments and what hangs on them, open reports (tasks.successions).
    4. The change is written into the register; who takes over is told.
    """
    on = change_checks.day_of(plan, local_day(at))
    with walls.everything():  # what passes from one agency to another is neither's
        takeovers.lock_programmes(plan)  # none is frozen while this asks whether one is
        rows = takeovers.people(plan, on=on)
        if missing := change_checks.obstacles(plan, rows, today=local_day(at)):
            raise RuleError(" ".join(missing))
        _begin_and_end(plan)
        people = posts.pass_on(
            [posts.Passing(row.post, row.target, row.role) for row in rows],
            on=on,
            document=plan.legal_document,
            document_on=plan.document_on,
            by=by,
            at=at,
        )
        passed = successions.carry_out(plan, by=by, at=at, on=on)
        _register(plan)
        move(plan, _S.CARRIED_OUT, CHANGE_PLAN, revision=plan.revision + 1, carried_out_at=at, refusal="")
        change_reminders.settle(plan, at=at)
        change_reminders.tell(change_reminders.CARRIED_OUT, plan, passed.successors, by=by, at=at)
    facts = {"assignments": passed.assignments, "reports": passed.reports, "posts": people}
    _record("agency_change.carried_out", plan, by=by, at=at, **facts)


def _begin_and_end(plan: ChangePlan) -> None:
    for agency in takeovers.ending(plan):
        agency.valid_to = plan.effective_on - DAY
        agency.save(update_fields=["valid_to"])
    later = Agency.objects.filter(pk__in=plan.successors.values("agency"), valid_from__gt=plan.effective_on)
    later.update(valid_from=plan.effective_on)


def _register(plan: ChangePlan) -> None:
    names = ("kind", "effective_on", "title_vi", "title_en", "legal_document", "document_on")
    columns = {name: getattr(plan, name) for name in (*names, "document_subject")}
    change, _made = AgencyChange.objects.update_or_create(reference=plan.reference, defaults=columns)
    change.predecessors.set(plan.predecessors.all())
    Succession.objects.filter(change=change).delete()
    Succession.objects.bulk_create(
        Succession(change=change, agency_id=row.agency_id, scope_note=row.scope_note)
        for row in plan.successors.order_by("pk")
    )


# --- What every step does -----------------------------------------------------------------------------
def _begin(plan: ChangePlan, allowed: bool, version: str) -> None:
    """Lock the row and bring the object up to date. Raises PermissionDenied, StaleError."""
    if not allowed:
        raise PermissionDenied
    plan.refresh_from_db(from_queryset=ChangePlan.objects.select_for_update())
    if version and version != version_of(plan):
        raise StaleError(_("Someone changed this plan after you opened the page."))


def _begin_draft(plan: ChangePlan, by: User, version: str) -> None:
    _begin(plan, change_access.may_prepare_changes(by), version)
    if plan.state != _S.DRAFT:
        raise RuleError(_("The change is no draft any more. Take it back first."))


def _record(verb: str, plan: ChangePlan, *, by: User | None, at: dt.datetime, **more: object) -> None:
    payload = {
        "plan": plan.reference,
        "effective_on": plan.effective_on,
        "document": plan.legal_document,
        "predecessors": list(plan.predecessors.values_list("code", flat=True)),
        "successors": list(plan.successors.order_by("pk").values_list("agency__code", flat=True)),
        **more,
    }
    record(verb, plan, by=by, at=at, payload=payload)
