"""What passes from one agency to another when agencies change, and to whom: read and proposed, not moved.

One successor takes over by itself; of several the officer chooses for each assignment, the proposal
marked. A predecessor that is among the successors goes on and keeps what is not given to others.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.agencies.models import Agency, AgencyChange
from portal.lib import walls
from portal.users.models import HEAD_ROLES, Membership, Role
from tasks import rating_sheets, rounds, schemes
from tasks.content import AssignmentContent, CoordinationContent
from tasks.models import (
    Assignment,
    ChangePlan,
    Coordination,
    ExtensionRequest,
    PlannedSuccessor,
    PostMove,
    Programme,
    Quota,
    Report,
    Signatory,
    Takeover,
)
from tasks.models.assignments import AssignmentQuerySet
from tasks.models.changes import PartyHeir
from tasks.states import (
    DECIDED_PLAN,
    EDITABLE_PROGRAMME,
    ENDED_ASSIGNMENT,
    ENDED_PROGRAMME,
    PENDING_PLAN,
    SENT_REPORT,
    ExtensionState,
    PlanState,
    ProgrammeState,
)

T = TypeVar("T")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """A predecessor's part in one assignment, and to whom it passes."""

    assignment: Assignment
    predecessor: Agency
    is_lead: bool
    options: Sequence[Agency]
    proposed: Agency | None
    chosen: Agency | None

    @property
    def target(self) -> Agency | None:
        return self.chosen or self.proposed

    @property
    def is_open(self) -> bool:
        """Whether the officer has still to choose."""
        return self.chosen is None and len(self.options) > 1

    @property
    def key(self) -> str:
        """Its name in a form."""
        return f"duty_{self.assignment.pk}_{self.predecessor.pk}"


@dataclass(frozen=True)
class Person:
    """A post in a predecessor, and what becomes of it: `target` None ends it."""

    post: Membership
    options: Sequence[tuple[str, Agency, Role]]  # value in a form, agency, role
    target: Agency | None
    role: Role
    is_chosen: bool

    @property
    def key(self) -> str:
        return f"post_{self.post.pk}"

    @property
    def value(self) -> str:
        return value_of(self.target, self.role) if self.target else ENDS


ENDS = "ends"


def value_of(agency: Agency, role: str) -> str:
    return f"{agency.pk}:{role}"


@dataclass(frozen=True)
class Counts:
    """What else passes on, in numbers."""

    extensions: int
    quotas: int
    reports: int
    signatories: int
    schemes: int
    sheets: int


# --- Who takes over ---------------------------------------------------------------------------------
def ending(plan: ChangePlan) -> list[Agency]:
    """Return the predecessors that end with the change."""
    going_on = set(plan.successors.values_list("agency_id", flat=True))
    return [agency for agency in plan.predecessors.all() if agency.pk not in going_on]


def own_options(plan: ChangePlan) -> list[Agency]:
    """Return the successors; of one that comes under another body that body too, into which it goes."""
    rows = plan.successors.select_related("agency__parent").order_by("pk")
    own = [row.agency for row in rows]
    if plan.kind == AgencyChange.Kind.REPARENT:
        own += [agency.parent for agency in own if agency.parent and agency.parent not in own]
    return own


def options(plan: ChangePlan, states: Collection[str] = PENDING_PLAN) -> dict[int, list[Agency]]:
    """Return to whom things can pass, by predecessor: also where other changes of its day take from it.

    `states`: of the changes beside it that count.
    """
    own = own_options(plan)
    found = {agency.pk: list(own) for agency in plan.predecessors.all()}
    beside = PlannedSuccessor.objects.filter(
        plan__effective_on=plan.effective_on, plan__state__in=states, plan__predecessors__in=found
    ).exclude(plan=plan)
    for row in beside.select_related("agency", "plan").order_by("pk").distinct():
        for agency in row.plan.predecessors.filter(pk__in=found):
            if row.agency not in found[agency.pk]:
                found[agency.pk].append(row.agency)
    return found


def proposal(plan: ChangePlan, predecessor: Agency, among: Sequence[Agency]) -> Agency | None:
    """Return who takes over unless somebody chooses otherwise.

    1. The predecessor itself where it goes on.
    2. A party into which the successor goes, when it only comes under another body.
    3. The successor with the same name, else the first that begins with the change, else the first.
    """
    if not among or predecessor in among:
        return predecessor if predecessor in among else None
    if plan.kind == AgencyChange.Kind.REPARENT and among[0].parent in among:
        return among[0].parent
    same = [agency for agency in among if agency.name_vi == predecessor.name_vi]
    new = [agency for agency in among if agency.valid_from == plan.effective_on]
    return (same or new or list(among))[0]


def heirs(plan: ChangePlan) -> dict[int, Agency | None]:
    """Return whom reports and the place of a party pass to; a change that nobody confirmed counts not."""
    found = options(plan, DECIDED_PLAN)
    return {agency.pk: proposal(plan, agency, found[agency.pk]) for agency in plan.predecessors.all()}


# --- Assignments ------------------------------------------------------------------------------------
def movable(predecessors: Collection[int]) -> AssignmentQuerySet:
    """Assignments in which they have a part, not over, of programmes in force or not yet frozen."""
    part = Coordination.objects.filter(assignment=OuterRef("pk"), agency__in=predecessors)
    rows = Assignment.objects.filter(Q(lead__in=predecessors) | Q(Exists(part)))
    running = Q(programme__state=ProgrammeState.IN_FORCE) & ~Q(status__in=ENDED_ASSIGNMENT)
    return rows.filter(running | Q(programme__state__in=EDITABLE_PROGRAMME))


def parts(plan: ChangePlan) -> list[Part]:
    """Return every part of a predecessor in an assignment that is not over. A fixed number of queries."""
    predecessors = {agency.pk: agency for agency in plan.predecessors.all()}
    open_to = options(plan)
    suggested = {pk: proposal(plan, agency, open_to[pk]) for pk, agency in predecessors.items()}
    chosen = {
        (row.assignment_id, row.predecessor_id): row.successor
        for row in plan.takeovers.select_related("successor")
    }
    rows = movable(predecessors).select_related("programme", "lead", "task")
    rows = rows.prefetch_related("coordinations__agency").order_by("programme__year", "task__number", "code")
    return [
        Part(row, agency, is_lead, open_to[agency.pk], suggested[agency.pk], chosen.get((row.pk, agency.pk)))
        for row in rows
        for agency, is_lead in _taking_part(row, predecessors)
    ]


def _taking_part(row: Assignment, predecessors: Mapping[int, Agency]) -> list[tuple[Agency, bool]]:
    found = [(predecessors[row.lead_id], True)] if row.lead_id in predecessors else []
    return found + [
        (predecessors[share.agency_id], False)
        for share in row.coordinations.all()
        if share.agency_id in predecessors and share.agency_id != row.lead_id
    ]


def rearranged(lead: T, coordinating: Iterable[T], moves: Mapping[T, T]) -> tuple[T, list[T]]:
    """Return lead and coordinating agencies after the moves: each once, the lead not among the others."""
    lead = moves.get(lead, lead)
    others = dict.fromkeys(moves.get(agency, agency) for agency in coordinating)
    return lead, [agency for agency in others if agency != lead]


# --- People -----------------------------------------------------------------------------------------
def people(plan: ChangePlan, *, on: dt.date) -> list[Person]:
    """Return the posts of the agencies that end, with what becomes of each; `on` is the day of the move.

    Posts and roles are kept. Where a head would be the second one, the proposal is that of a deputy.
    """
    gone = ending(plan)
    own = [row.agency for row in plan.successors.select_related("agency__parent").order_by("pk")]
    open_to, into = options(plan), {agency.parent for agency in own if agency.parent not in own}
    rows = Membership.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), agency__in=gone)
    rows = rows.select_related("user", "agency").order_by("agency__protocol_order", "role", "pk")
    chosen = {move.post_id: move for move in plan.post_moves.select_related("successor")}
    headed = _headed({agency for found in open_to.values() for agency in found}, on)
    found = []
    for post in rows:
        move = chosen.get(post.pk)
        among = [agency for agency in open_to[post.agency_id] if agency not in into]
        target = move.successor if move else proposal(plan, post.agency, among)
        role = Role(move.role) if move else _kept_role(post, target, headed)
        if target and role in HEAD_ROLES:
            headed.add(target.pk)
        found.append(Person(post, _choices(post, among), target, role, move is not None))
    return found


def _headed(agencies: Collection[Agency], on: dt.date) -> set[int]:
    heads = Membership.objects.valid_on(on).filter(agency__in=agencies, role__in=HEAD_ROLES)
    return set(heads.values_list("agency_id", flat=True))


def _kept_role(post: Membership, target: Agency | None, headed: Collection[int]) -> Role:
    if target and post.role in HEAD_ROLES and target.pk in headed:
        return Role.DEPUTY_HEAD
    return Role(post.role)


def _choices(post: Membership, among: Iterable[Agency]) -> list[tuple[str, Agency, Role]]:
    roles = [Role(post.role)] + ([Role.DEPUTY_HEAD] if post.role in HEAD_ROLES else [])
    return [(value_of(agency, role), agency, role) for agency in among for role in roles]


def two_heads(rows: Iterable[Person], *, on: dt.date) -> list[Agency]:
    """Return the successors that would have more than one head."""
    heads = Counter(row.target for row in rows if row.target and row.role in HEAD_ROLES)
    sitting = _headed([agency for agency in heads if agency], on)
    return [agency for agency, count in heads.items() if agency and count + (agency.pk in sitting) > 1]


# --- What was proposed is what moves ----------------------------------------------------------------
def settle(plan: ChangePlan, duties: Iterable[Part], posts: Iterable[Person]) -> None:
    """Write down everything that would move, so that what is confirmed is what was read."""
    for part in duties:
        if part.chosen is None and part.target:
            key = {"assignment": part.assignment, "predecessor": part.predecessor}
            Takeover.objects.create(plan=plan, successor=part.target, was_lead=part.is_lead, **key)
    for person in posts:
        if not person.is_chosen:
            PostMove.objects.create(plan=plan, post=person.post, successor=person.target, role=person.role)


def unsettle(plan: ChangePlan) -> None:
    """Forget what nobody had to choose: it is proposed anew from what is there then."""
    alone = {(part.assignment.pk, part.predecessor.pk) for part in parts(plan) if len(part.options) == 1}
    rows = plan.takeovers.values_list("pk", "assignment_id", "predecessor_id")
    plan.takeovers.filter(pk__in=[pk for pk, *key in rows if tuple(key) in alone]).delete()


def unsure(plan: ChangePlan, duties: Iterable[Part], posts: Iterable[Person]) -> list[Agency]:
    """Return the agencies that take over by another change of the day, which nobody has confirmed."""
    sure = options(plan, DECIDED_PLAN)
    to = [(part.predecessor.pk, part.target) for part in duties]
    to += [(person.post.agency_id, person.target) for person in posts]
    return list(dict.fromkeys(agency for key, agency in to if agency and agency not in sure[key]))


# --- What else --------------------------------------------------------------------------------------
def counts(plan: ChangePlan) -> Counts:
    """Count what passes on besides: numbers alone, which tell nothing of any agency's words."""
    gone = [agency.pk for agency in ending(plan)]
    moving = movable(gone)
    with walls.everything():
        return Counts(
            extensions=ExtensionRequest.objects.filter(
                assignment__in=moving.filter(lead__in=gone), state=ExtensionState.PENDING
            ).count(),
            quotas=Quota.objects.filter(indicator__assignment__in=moving, agency__in=gone).count(),
            reports=open_reports(gone).count(),
            signatories=Signatory.objects.filter(
                agency__in=gone, programme__state__in=EDITABLE_PROGRAMME
            ).count(),
            schemes=schemes.open_schemes(gone).count(),
            sheets=len(rating_sheets.passing(ending(plan), heirs(plan))),
        )


def open_reports(predecessors: Collection[int]) -> QuerySet[Report]:
    """Reports that the command has not got, of programmes in force and periods that still take them."""
    rows = Report.objects.filter(agency__in=predecessors, period__programme__state=ProgrammeState.IN_FORCE)
    rows = rows.filter(Q(period__locked_at=None) | Q(open_until__isnull=False))
    return rows.exclude(state__in=SENT_REPORT)


def naming(plan: ChangePlan) -> QuerySet[Programme]:
    """Programmes that name one of the predecessors, as party or in an assignment."""
    gone = [agency.pk for agency in plan.predecessors.all()]
    named = (
        Q(Exists(Signatory.objects.filter(programme=OuterRef("pk"), agency__in=gone)))
        | Q(Exists(PartyHeir.objects.filter(programme=OuterRef("pk"), agency__in=gone)))
        | Q(Exists(Assignment.objects.filter(programme=OuterRef("pk"), lead__in=gone)))
        | Q(Exists(Coordination.objects.filter(assignment__programme=OuterRef("pk"), agency__in=gone)))
    )
    return Programme.objects.filter(named).order_by("year")


def lock_programmes(plan: ChangePlan) -> None:
    """Hold the programmes that name a predecessor, so that no round begins meanwhile."""
    list(naming(plan).select_for_update(of=("self",)).values_list("pk", flat=True))


def frozen(plan: ChangePlan) -> list[Programme]:
    """Return the programmes that are out for signing and name one of the predecessors: they come first."""
    return list(naming(plan).filter(state=ProgrammeState.FROZEN))


def consulting(plan: ChangePlan) -> list[Programme]:
    """Return those whose text is out for comment."""
    return list(naming(plan).filter(state=ProgrammeState.CONSULTING))


def amending(plan: ChangePlan) -> list[Programme]:
    """Return those in force that have an amendment out for signing."""
    return list(naming(plan).filter(pk__in=rounds.amended()))


def decided_for(agency: Agency) -> list[str]:
    """Return the references of the changes, proposed or confirmed, that name an agency."""
    rows = ChangePlan.objects.filter(state__in=PENDING_PLAN - {PlanState.DRAFT})
    named = Q(takeovers__successor=agency) | Q(post_moves__successor=agency) | Q(predecessors=agency)
    return list(rows.filter(named).distinct().order_by("reference").values_list("reference", flat=True))


def hosted(plan: ChangePlan) -> list[Programme]:
    """Return the programmes that are not over and have a predecessor that ends as host or co-host."""
    gone = [agency.pk for agency in ending(plan)]
    rows = Programme.objects.filter(Q(host__in=gone) | Q(co_host__in=gone))
    return list(rows.exclude(state__in=ENDED_PROGRAMME).order_by("year"))


# --- What was taken over ------------------------------------------------------------------------------
Moves = dict[str, str]
"""Who took over from whom in one assignment, by codes of agencies."""


def moved(
    programme: Programme, *, after: dt.datetime, until: dt.datetime | None = None
) -> list[tuple[str, Moves]]:
    """Return what changes moved after a moment, in their order: (code of the assignment, moves)."""
    rows = Takeover.objects.filter(assignment__programme=programme, at__gt=after)
    if until:
        rows = rows.filter(at__lte=until)
    found: dict[tuple[int, str], Moves] = {}
    for row in rows.order_by("at", "pk").select_related("predecessor", "successor", "assignment"):
        of = found.setdefault((row.plan_id, row.assignment.code), {})
        of[row.predecessor.code] = row.successor.code
    return [(code, moves) for (_plan, code), moves in found.items()]


def content_after(duty: AssignmentContent, moves: Moves) -> AssignmentContent:
    """Return a signed duty as the moves left it: the same rule as rearranged(), on codes."""
    codes = [part["code"] for part in duty["coordinating"]]
    lead, others = rearranged(duty["lead"], codes, moves)
    parts = {moves.get(part["code"], part["code"]): part for part in reversed(duty["coordinating"])}
    after = duty.copy()
    after["lead"] = lead
    after["coordinating"] = [
        CoordinationContent(code=code, deliverable=parts[code]["deliverable"]) for code in others
    ]
    return after
