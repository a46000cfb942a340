"""What each role sees first: one function per role, a fixed number of queries, typed results.

Everything comes through access.visible_*; a summary never widens what its reader may see.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from agreements import access as agreements_access
from agreements import boards, decisions, documents, pki, tokens
from agreements.boards import Round
from agreements.states import DocumentState, EnrolmentState, RequestState
from portal.dashboards import (
    change_todos,
    conference_todos,
    consultation_todos,
    cooperation_todos,
    extension_todos,
    links,
    mail_todos,
    portal_facts,
    rating_todos,
    review_todos,
    scheme_todos,
    todos,
    urging_todos,
    year_todos,
)
from portal.dashboards.figures import FourNumbers, Lamp, Light, counted, lamps
from portal.dashboards.todos import Todo
from portal.users import listing
from portal.users.models import HEAD_ROLES, Role, User
from tasks import access as tasks_access
from tasks import lights as tasks_lights
from tasks import standings, vacancies
from tasks.deadlines import Timeliness
from tasks.models import Assignment, PriorityTask, Programme, Report, SendingGrant
from tasks.states import (
    EDITABLE_PROGRAMME,
    EDITABLE_REPORT,
    OPEN_ASSIGNMENT,
    SENT_REPORT,
    AssignmentStatus,
    ProgrammeState,
    ReportState,
)

SHOWN = 8
"""Rows of a work list; the rest follow as these are done."""

LEAD_DAYS = 30
"""Days before its deadline from which an assignment stands on its agency's lists."""

REPORT_DAYS = 15
"""Days before its due date from which a report stands on its agency's list."""

_S = AssignmentStatus


@dataclass(frozen=True)
class Home:
    """Everything that a home page shows."""

    title: str
    programme: Programme | None
    todos: tuple[Todo, ...]
    more_todos: tuple[Todo, ...] = ()  # folded below the first
    numbers: FourNumbers | None = None
    numbers_title: str = ""
    lights: tuple[Light, ...] = ()
    rounds: tuple[Round, ...] = ()
    lamps: tuple[Lamp, ...] = ()
    overdue: tuple[Assignment, ...] = ()
    mine: tuple[Assignment, ...] = ()
    facts: tuple[tuple[str, str, str], ...] = ()  # label, value, address
    links: tuple[tuple[str, str], ...] = ()  # label, address of what is done often
    grant: SendingGrant | None = None  # by which the agency's focal points send without approval

    @property
    def waiting(self) -> int:
        return len(self.todos) + len(self.more_todos)


@dataclass(frozen=True)
class Desk:
    """The reader at a moment: what every home is made from."""

    user: User
    at: dt.datetime
    today: dt.date

    @property
    def agency_id(self) -> int | None:
        return self.user.agency_id

    @cached_property
    def programme(self) -> Programme | None:
        """The newest programme in force, else the newest that the reader sees."""
        shown = tasks_access.visible_programmes(self.user).select_related("host")
        running = shown.filter(state=ProgrammeState.IN_FORCE).order_by("-year").first()
        return running or shown.order_by("-year").first()

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Its assignments whose progress the reader may see, with standing and light: read once, for all."""
        shown = tasks_access.visible_assignments(self.user).filter(tasks_access.progress_rule(self.user))
        mine = shown.filter(programme=self.programme).select_related("lead")
        mine = standings.with_sender(mine, self.agency_id)
        rows = standings.with_standing(mine, self.user, self.today)
        return tuple(
            tasks_lights.lit(list(tasks_lights.with_lights(rows, self.user, self.today)), self.today)
        )

    @cached_property
    def led(self) -> tuple[Assignment, ...]:
        return tuple(row for row in self.assignments if row.lead_id == self.agency_id)

    @property
    def year(self) -> dict[str, str]:
        """What selects the programme in the list of assignments."""
        return {"year": str(self.programme.year)} if self.programme else {}

    @cached_property
    def rounds(self) -> list[Round]:
        """The signing rounds that run or wait to be opened."""
        shown = agreements_access.visible_documents(self.user)
        return boards.rounds(shown.filter(state__in=[DocumentState.FROZEN, DocumentState.SIGNING]))

    def to_sign(self) -> list[Todo]:
        """What waits for the head's signature, after the certificate it needs, and for the agency's own."""
        rows = [
            todos.sign(row, self.today)
            for row in boards.rounds(agreements_access.documents_to_sign(self.user, today=self.today))
        ]
        if rows and not self._has_key():
            first = min(rows, key=lambda row: row.on or dt.date.max)
            rows.insert(0, replace(todos.certificate(self.user), on=first.on, state=first.state))
        own = boards.rounds(agreements_access.documents_to_sign_for_agency(self.user))
        return [*rows, *(todos.sign_for_agency(row, self.today) for row in own)]

    def _has_key(self) -> bool:
        """Whether the reader can sign: with the portal's certificate, or with a token of their own."""
        own = pki.current_credential(self.user, at=self.at)
        return own is not None or tokens.current(self.user, at=self.at) is not None

    def to_recover(self) -> list[Todo]:
        """Lost second factors that wait for the reader's approval: somebody stands at the door."""
        return [todos.recovery(row) for row in listing.recoveries_to_approve(self.user, at=self.at)]

    def to_release(self) -> list[Todo]:
        """Signers' keys that wait to be compared; one's own is for another command post."""
        asked = agreements_access.visible_requests(self.user).filter(state=RequestState.REQUESTED)
        tokens = agreements_access.visible_external_certificates(self.user)
        registered = tokens.filter(state=EnrolmentState.REQUESTED)
        return [
            *(todos.release(row) for row in asked.exclude(user=self.user).order_by("asked_at")),
            *(todos.release_token(row) for row in registered.exclude(user=self.user).order_by("asked_at")),
        ]

    def to_approve(self) -> list[Todo]:
        rows = _by_day(row for row in self.led if row.status == _S.AWAITING_HEAD)
        what, button = _("Approve the result of assignment %(code)s"), _("Read and approve")
        reports = self._reports(Q(state=ReportState.AWAITING_HEAD))
        return [
            *(todos.approve_report(row, self.today) for row in reports),
            *(todos.about(row, what, button) for row in rows),
        ]

    def to_extend(self) -> list[Todo]:
        waiting = extension_todos.rows(self.user, self.programme, self.today)
        return waiting + cooperation_todos.rows(self.user, self.programme, self.today)

    def to_consult(self) -> list[Todo]:
        return consultation_todos.rows(self.user, self.today)

    def to_confer(self) -> list[Todo]:
        return conference_todos.rows(self.user, self.today)

    def to_change(self) -> list[Todo]:
        return change_todos.rows(self.user)

    def to_rate(self) -> list[Todo]:
        return rating_todos.rows(self.user, self.today)

    def to_review(self) -> list[Todo]:
        return review_todos.rows(self.user, self.today)

    def to_reach(self) -> list[Todo]:
        return scheme_todos.rows(self.user, self.today)

    def to_write(self) -> list[Report]:
        """Reports that the reader's agency owes, from some days before they are due."""
        soon = self.today + dt.timedelta(days=REPORT_DAYS)
        is_near = Q(state=ReportState.RETURNED) | ~Q(decision_note="") | Q(period__due_on__lte=soon)
        rows = self._reports(is_near & Q(state__in=EDITABLE_REPORT, period__data_from__lte=self.today))
        return [row for row in rows if row.is_open(self.today)]

    def _reports(self, wanted: Q) -> list[Report]:
        own = tasks_access.visible_reports(self.user).filter(wanted, agency=self.agency_id)
        return list(own.filter(period__programme=self.programme).order_by("period__due_on", "period__code"))

    def about_reports(self) -> list[Todo]:
        """What the officer does about everybody's reports: accept those that came, ask for the others."""
        is_late = Q(reports__own_due_on=None, due_on__lt=self.today) | Q(reports__own_due_on__lt=self.today)
        is_sent = Q(reports__state__in=SENT_REPORT)
        periods = tasks_access.visible_periods(self.user).filter(
            Q(locked_at=None) | Q(consolidation=None), programme=self.programme, data_from__lte=self.today
        )
        counted = periods.annotate(
            waiting=Count("reports", filter=Q(reports__state=ReportState.SUBMITTED)),
            silent=Count("reports", filter=is_late & ~is_sent),
            drafts=Count("consolidation"),
        ).order_by("due_on", "code")
        rows = list(counted)
        opened = [period for period in rows if not period.is_locked]
        over = [period for period in rows if period.due_on < self.today and not period.drafts]
        return [
            *(todos.accept_reports(period, period.waiting) for period in opened if period.waiting),
            *(todos.ask_for_reports(period, period.silent) for period in opened if period.silent),
            *(todos.consolidate(period) for period in over),
        ]


def home(user: User, *, at: dt.datetime, today: dt.date) -> Home:
    """Return the home of the user's post."""
    if user.post is None:
        raise ValueError("a home belongs to a post")
    return _HOMES[Role(user.post.role)](Desk(user, at, today))


def _focal_point(desk: Desk) -> Home:
    early = desk.today + dt.timedelta(days=LEAD_DAYS)
    owed = [row for row in desk.led if row.status in OPEN_ASSIGNMENT - {_S.AWAITING_HEAD}]
    near = [row for row in owed if row.status == _S.ASSIGNED or _is_by(row, early) or todos.is_returned(row)]
    rows = [*desk.to_sign(), *desk.to_consult(), *desk.to_confer(), *desk.to_rate()]
    rows += [todos.lead(row) for row in _by_day(near)]
    rows += [todos.write_report(row, desk.today) for row in desk.to_write()]
    rows += [*desk.to_extend(), *desk.to_reach()]
    return replace(_of_agency(_("To do"), desk, rows), links=links.of_agency())


def _head(desk: Desk) -> Home:
    rows = [*desk.to_sign(), *desk.to_consult(), *desk.to_confer(), *desk.to_rate(), *desk.to_approve()]
    rows += [*desk.to_extend(), *desk.to_reach()]
    home = _of_agency(_("To approve and sign"), desk, rows)
    return replace(home, links=links.of_heads() if desk.user.role in HEAD_ROLES else links.of_agency())


def _commander(desk: Desk) -> Home:
    ready = [todos.bring_into_force(row) for row in desk.rounds if _is_ready_for_force(row)]
    stuck = [todos.decide_round(row) for row in desk.rounds if _waits_for_decision(row, desk.at)]
    rows = [*desk.to_recover(), *stuck, *desk.to_sign(), *desk.to_confer(), *ready, *desk.to_extend()]
    rows += [*desk.to_rate(), *desk.to_review(), *desk.to_change(), *desk.to_release(), *desk.to_consult()]
    rows += [*desk.to_approve(), *desk.to_reach()]
    return replace(_of_programme(_("Decisions waiting"), desk, rows), links=links.of_heads())


def _officer(desk: Desk) -> Home:
    submitted = [row for row in desk.assignments if row.status == _S.SUBMITTED]
    submitted.sort(key=lambda row: (row.submitted_on or dt.date.max, row.code))
    returned = [row for row in desk.assignments if row.status == _S.RETURNED]
    early = [ProgrammeState.DRAFT, ProgrammeState.SETTLED]
    texts = tasks_access.visible_programmes(desk.user).filter(state__in=early).order_by("year")
    rows = [*desk.to_recover(), *desk.to_sign(), *desk.to_confer(), *desk.to_change(), *desk.to_release()]
    rows += [*desk.to_consult(), *(todos.confirm(row) for row in submitted)]
    rows += [todos.decide_returned(row) for row in returned]
    rows += [todos.write_report(row, desk.today) for row in desk.to_write()]
    rows += [*desk.to_extend(), *desk.to_rate(), *desk.to_review(), *desk.about_reports(), *desk.to_reach()]
    rows += [todos.open_round(row) for row in desk.rounds if row.document.state == DocumentState.FROZEN]
    rows += todos.close_signing(desk.rounds)
    rows += [*(todos.text(row) for row in texts), *year_todos.rows(desk.user, desk.programme, desk.today)]
    return replace(_of_programme(_("To do"), desk, rows), links=links.of_officer())


def _clerk(desk: Desk) -> Home:
    closed = agreements_access.visible_documents(desk.user).filter(state=DocumentState.CLOSED)
    rows = [*desk.to_sign(), *desk.to_confer(), *(todos.issue(row) for row in closed.order_by("closes_on"))]
    rows += urging_todos.to_number(desk.user)
    return replace(_of_programme(_("To issue"), desk, rows), links=links.of_clerk())


def _viewer(desk: Desk) -> Home:
    return _of_programme(_("The programme at a glance"), desk, desk.to_sign())


def _administrator(desk: Desk) -> Home:
    gaps = vacancies.gaps(desk.programme, desk.today) if desk.programme else ()
    rows = [*desk.to_recover(), *mail_todos.rows(desk.user, at=desk.at), *desk.to_change()]
    rows += [todos.invitation(row, at=desk.at) for row in listing.to_follow_up(at=desk.at)]
    rows += [todos.gap(agency, has_head=agency.has_head) for agency in gaps]
    facts = portal_facts.rows(desk.today)
    return Home(_("To mend"), desk.programme, *_cut(desk, rows), facts=facts, links=links.with_people())


_HOMES: dict[Role, Callable[[Desk], Home]] = {
    Role.FOCAL_POINT: _focal_point,
    Role.AGENCY_HEAD: _head,
    Role.DEPUTY_HEAD: _head,
    Role.COMMANDER: _commander,
    Role.PROGRAMME_OFFICER: _officer,
    Role.RECORDS_CLERK: _clerk,
    Role.VIEWER: _viewer,
    Role.ADMINISTRATOR: _administrator,
}


def _of_agency(title: str, desk: Desk, rows: list[Todo]) -> Home:
    code = desk.user.post.agency.code if desk.user.post else ""
    early = desk.today + dt.timedelta(days=LEAD_DAYS)
    open_rows = [row for row in desk.led if row.status in OPEN_ASSIGNMENT]
    mine = _by_day(row for row in open_rows if row.due_on is None or _is_by(row, early))
    return Home(
        title,
        desk.programme,
        *_cut(desk, rows),
        numbers=counted(desk.led, {**desk.year, "lead": code}),
        numbers_title=_("My agency's four numbers"),
        lamps=lamps(desk.led, {**desk.year, "lead": code}),
        overdue=_overdue(desk.led),
        mine=mine[:SHOWN],
        grant=tasks_access.grant_of(desk.agency_id, desk.today),
    )


def _of_programme(title: str, desk: Desk, rows: list[Todo]) -> Home:
    return Home(
        title,
        desk.programme,
        *_cut(desk, rows),
        numbers=counted(desk.assignments, desk.year),
        numbers_title=_("Assignments with a deadline"),
        lamps=lamps(desk.assignments, desk.year),
        lights=_lights(desk),
        rounds=tuple(desk.rounds),
        overdue=_overdue(desk.assignments),
    )


def _overdue(rows: Iterable[Assignment]) -> tuple[Assignment, ...]:
    late = (row for row in rows if row.standing == Timeliness.OVERDUE)
    return _by_day(late)[:SHOWN]


def _by_day(rows: Iterable[Assignment]) -> tuple[Assignment, ...]:
    return tuple(sorted(rows, key=lambda row: (row.due_on or dt.date.max, row.code)))


def _is_by(row: Assignment, day: dt.date) -> bool:
    return row.due_on is not None and row.due_on <= day


def _cut(desk: Desk, rows: Iterable[Todo]) -> tuple[tuple[Todo, ...], tuple[Todo, ...]]:
    """The first rows in their order, the very first with the page's one filled button, and the others."""
    ordered = todos.in_order(rows, desk.today)
    every = tuple(replace(row, primary=place == 0) for place, row in enumerate(ordered))
    return every[:SHOWN], every[SHOWN:]


def _lights(desk: Desk) -> tuple[Light, ...]:
    """The tasks of the programme; of a text that is still written nothing is on time or late."""
    if desk.programme is None or desk.programme.state in EDITABLE_PROGRAMME:
        return ()
    of_task: dict[int, list[Assignment]] = defaultdict(list)
    for row in desk.assignments:
        of_task[row.task_id].append(row)
    return tuple(
        Light(task.number, task.title, counted(of_task[task.pk], {**desk.year, "task": str(task.number)}))
        for task in PriorityTask.objects.filter(programme=desk.programme).order_by("number")
    )


def _is_ready_for_force(row: Round) -> bool:
    return _is_undecided(row) and documents.hosts_have_signed(row.document)


def _waits_for_decision(row: Round, at: dt.datetime) -> bool:
    """A party refused, or the closing date passed without the command and the Front."""
    return _is_undecided(row) and decisions.is_stuck(row.document, at=at)


def _is_undecided(row: Round) -> bool:
    is_open = row.document.state == DocumentState.SIGNING
    return is_open and row.document.programme.state == ProgrammeState.FROZEN
