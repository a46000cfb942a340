"""The canonical, machine-readable programme: what is signed, and what tracking is compared with.

Independent of database ids and of everything that happens after signing (status, figures, adjusted
deadlines). The schema is described in docs/programme-json.md; a change of meaning is a new version.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import TypedDict

from portal.lib.text import filled_lines
from tasks.models import Assignment, Clause, PriorityTask, Programme, Solution
from tasks.states import AssignmentStatus

SCHEMA = "programme/1"


class AgencyContent(TypedDict):
    code: str
    name: str
    header_parent: str
    signature_block: list[str]


class SignatoryContent(TypedDict):
    code: str
    order: int  # 1, 2, 3, … whatever numbers the rows have
    place: str  # "main" or "annex"


class ClauseContent(TypedDict):
    number: int
    title: str
    text: str


class NumberedContent(TypedDict):
    number: int
    title: str


class CoordinationContent(TypedDict):
    code: str
    deliverable: str


class AssignmentContent(TypedDict):
    code: str
    task: int
    solutions: list[int]
    title: str
    lead: str
    coordinating: list[CoordinationContent]
    cycle: str  # a value of tasks.models.Cycle
    start_on: str | None
    deadline_on: str
    indicator: str
    unit: str
    target: str  # decimal without trailing zeros: "3505", "12.5"


class ProgrammeContent(TypedDict):
    schema: str
    year: int
    year_to: int
    scope: str
    title: str
    host: str
    co_host: str | None
    place: str
    symbol: str
    page_profile: str
    recipients: list[str]
    conference_on: str | None
    signing_closes_on: str
    agencies: list[AgencyContent]
    signatories: list[SignatoryContent]
    legal_bases: list[str]
    clauses: dict[str, list[ClauseContent]]
    tasks: list[NumberedContent]
    solutions: list[NumberedContent]
    assignments: list[AssignmentContent]


def content(programme: Programme) -> ProgrammeContent:
    """Read the programme from the database as it stands now. A fixed number of queries.

    Days are ISO 8601, texts Vietnamese as stored. Every list has one defined order: signatories and
    legal bases as printed, coordinating agencies in their order, the rest by code or number.
    """
    row = Programme.objects.select_related("host", "co_host").get(pk=programme.pk)
    signatories = list(row.signatories.select_related("agency").order_by("order"))
    assignments = list(
        row.assignments.exclude(
            status=AssignmentStatus.CANCELLED, year_end=None
        )  # withdrawn by an amendment; what ended with the year was signed
        .exclude(is_added=True)  # by a conference, after signing
        .select_related("lead", "task")
        .prefetch_related("solutions", "coordinations__agency")
        .order_by("code")
    )
    mentioned = {party.agency for party in signatories} | {a.lead for a in assignments} | {row.host}
    mentioned |= {share.agency for a in assignments for share in a.coordinations.all()}
    if row.co_host:
        mentioned.add(row.co_host)
    return ProgrammeContent(
        schema=SCHEMA,
        year=row.year,
        year_to=row.year_to,
        scope=row.scope,
        title=row.title_vi,
        host=row.host.code,
        co_host=row.co_host.code if row.co_host else None,
        place=row.place,
        symbol=row.symbol,
        page_profile=row.page_profile,
        recipients=list(filled_lines(row.recipients)),
        conference_on=_day(row.conference_on),
        signing_closes_on=row.signing_closes_on.isoformat(),
        agencies=[
            AgencyContent(
                code=agency.code,
                name=agency.name_vi,
                header_parent=agency.header_parent,
                signature_block=list(agency.block_lines),
            )
            for agency in sorted(mentioned, key=lambda agency: agency.code)
        ],
        signatories=[
            SignatoryContent(code=party.agency.code, order=place, place=party.place)
            for place, party in enumerate(signatories, 1)
        ],
        legal_bases=list(
            row.programmebasis_set.order_by("order", "basis__wording").values_list(
                "basis__wording", flat=True
            )
        ),
        clauses=_clauses(row.clauses.order_by("section", "number")),
        tasks=_numbered(row.priority_tasks.order_by("number")),
        solutions=_numbered(row.solutions.order_by("number")),
        assignments=[assignment_content(a) for a in assignments],
    )


def assignment_content(row: Assignment) -> AssignmentContent:
    """Return one duty as it is signed."""
    return AssignmentContent(
        code=row.code,
        task=row.task.number,
        solutions=sorted(solution.number for solution in row.solutions.all()),
        title=row.title_vi,
        lead=row.lead.code,
        coordinating=[
            CoordinationContent(code=share.agency.code, deliverable=share.deliverable)
            for share in sorted(row.coordinations.all(), key=lambda s: (s.order, s.agency.code))
        ],
        cycle=row.cycle,
        start_on=_day(row.start_on),
        deadline_on=row.deadline_on.isoformat(),
        indicator=row.indicator_vi,
        unit=row.unit_vi,
        target=_decimal(row.target),
    )


def _clauses(rows: Iterable[Clause]) -> dict[str, list[ClauseContent]]:
    """Group the clauses by section; every section is there, empty or not."""
    sections: dict[str, list[ClauseContent]] = {section.value: [] for section in Clause.Section}
    for row in rows:
        sections[row.section].append(ClauseContent(number=row.number, title=row.title, text=row.text))
    return sections


def _numbered(rows: Iterable[PriorityTask] | Iterable[Solution]) -> list[NumberedContent]:
    return [NumberedContent(number=row.number, title=row.title_vi) for row in rows]


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _decimal(value: Decimal) -> str:
    """Return the number without trailing zeros and without an exponent."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
