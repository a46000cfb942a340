"""Make the rows of a programme as a file wants them. Writes only what differs."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from portal.agencies.models import Agency, AgencyChange, Succession
from portal.audit.events import canonical, record
from portal.calendar.models import load_calendar
from portal.files.store import sha256_of
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import due_days, periods
from tasks.loading import checking, reading, shifting
from tasks.loading.execution import standings, take_over
from tasks.loading.extending import asked
from tasks.loading.rows import Key, Pen, differs, keyed, prune, replace, upsert
from tasks.loading.wanted import Row, Wanted, wanted
from tasks.models import (
    Assignment,
    Clause,
    Coordination,
    LegalBasis,
    Locality,
    PriorityTask,
    Programme,
    ProgrammeBasis,
    ReportingPeriod,
    Signatory,
    Solution,
)
from tasks.states import EDITABLE_PROGRAMME

NUMBER, CODE, CLAUSE = ("number",), ("code",), ("section", "number")
PRINTED = ("name_vi", "header_parent", "signature_block")
"""Columns of an agency that stand in the signed paper."""


@dataclass(frozen=True)
class Outcome:
    """What a load did: number of rows written, 0 when everything stood as the file wants it.

    `differing` are codes of agencies that the register has otherwise than the file.
    """

    programme: Programme
    changed: int
    taken_over: bool
    differing: tuple[str, ...]


def open_file(path: Path, *, year: int | None = None) -> checking.Content:
    """Read and check a file, and move it to `year`. Raises FileRefused; writes nothing."""
    registered = set(Agency.objects.values_list("code", flat=True))
    return shifting.shift(checking.check(reading.read(path), registered=registered), year)


@action
def load(
    content: checking.Content, *, by: User | None, at: dt.datetime, as_of: dt.date | None = None
) -> Outcome:
    """Write a checked file: the agencies that the register lacks, then the programme of its year.

    With `as_of` the programme is taken over as one that was signed on paper and runs already. `by`
    is None for the command: who runs it holds the machine. Raises RuleError when the text of the
    programme may no longer change and the file says something else.
    """
    register = {agency.code: agency for agency in Agency.objects.all()}
    plan = wanted(
        content,
        names={code: agency.name_vi for code, agency in register.items()},
        symbols={code: agency.symbol for code, agency in register.items()},
    )
    added = _add_agencies(plan, register) + _add_changes(plan, register) + _add_localities(plan)
    programme, pen = _programme(plan, register)
    _text(pen, plan, register)
    taken_over = as_of is not None and _take_over(programme, content, as_of, at)
    if pen.is_editable:
        due_days.refresh(programme.assignments.all(), calendar=load_calendar())
    changed = added + pen.changed
    if changed or taken_over:
        payload = {
            "year": plan.year,
            "changed": changed,
            "content_sha256": sha256_of(canonical(content).encode()),
            "as_of": as_of if taken_over else None,
        }
        record("programme.loaded", programme, by=by, at=at, agency_code=plan.host, payload=payload)
    return Outcome(programme, changed, taken_over, _differing(plan, register))


def _take_over(programme: Programme, content: checking.Content, as_of: dt.date, at: dt.datetime) -> bool:
    return take_over(programme, standings(content, as_of), asked(content, as_of), at=at)


# --- Agencies: the register wins ----------------------------------------------------------------


def _add_agencies(plan: Wanted, register: dict[str, Agency]) -> int:
    """Add the agencies that the register lacks; return how many.

    One that is there stays as it is: it is edited in the administration, and its name may stand in
    signed papers.
    """
    missing = {code: row for code, row in plan.agencies.items() if code not in register}
    for code, row in missing.items():
        register[code] = Agency(code=code, **row)
        register[code].save()
    for code, parent in plan.parents.items():
        if code in missing:
            register[code].parent = register[parent]
            register[code].save(update_fields=["parent"])
    return len(missing)


def _add_changes(plan: Wanted, register: Mapping[str, Agency]) -> int:
    known = set(AgencyChange.objects.values_list("reference", flat=True))
    missing = {reference: row for reference, row in plan.changes.items() if reference not in known}
    for reference, row in missing.items():
        change = AgencyChange.objects.create(reference=reference, **row.columns)
        change.predecessors.set([register[code] for code in row.predecessors])
        Succession.objects.bulk_create(
            Succession(change=change, agency=register[code]) for code in row.successors
        )
    return len(missing)


def _add_localities(plan: Wanted) -> int:
    """Add the districts and communes that the register lacks; return how many. Those that are there stay."""
    rows = {row.code: row for row in Locality.objects.filter(code__in=plan.localities)}
    missing = {code: row for code, row in plan.localities.items() if code not in rows}
    for code, row in missing.items():
        rows[code] = Locality(code=code, **row)
        rows[code].save()
    for code, into in plan.merged.items():
        if code in missing:
            rows[code].successor = rows[into]
            rows[code].save(update_fields=["successor"])
    return len(missing)


def _differing(plan: Wanted, register: Mapping[str, Agency]) -> tuple[str, ...]:
    return tuple(
        code
        for code, row in plan.agencies.items()
        if differs(register[code], {column: row[column] for column in PRINTED})
    )


# --- The programme ------------------------------------------------------------------------------


def _programme(plan: Wanted, register: Mapping[str, Agency]) -> tuple[Programme, Pen]:
    columns = {
        **plan.programme,
        "host_id": register[plan.host].pk,
        "co_host_id": register[plan.co_host].pk if plan.co_host else None,
    }
    programme = Programme.objects.select_for_update().filter(year=plan.year).first()
    programme = programme or Programme(year=plan.year)
    pen = Pen(programme, programme.state in EDITABLE_PROGRAMME)
    if programme.pk is None or differs(programme, columns):
        pen.set(programme, columns)
    return programme, pen


def _text(pen: Pen, plan: Wanted, register: Mapping[str, Agency]) -> None:
    """Write everything under the programme; what is no longer named goes last, for others point at it."""
    task_ids = upsert(pen, PriorityTask, keyed(plan.tasks), NUMBER)
    solution_ids = upsert(pen, Solution, keyed(plan.solutions), NUMBER)
    _assignments(pen, plan, register, task_ids, solution_ids)
    period_rows = plan.periods or _usual_periods(plan.year)
    upsert(pen, Clause, plan.clauses, CLAUSE)
    upsert(pen, ReportingPeriod, keyed(period_rows), CODE)
    _signatories(pen, plan, register)
    _bases(pen, plan)
    _keep_carried(pen, plan)
    prune(pen, Assignment, keyed(plan.assignments), CODE)
    prune(pen, PriorityTask, keyed(plan.tasks), NUMBER)
    prune(pen, Solution, keyed(plan.solutions), NUMBER)
    prune(pen, Clause, plan.clauses, CLAUSE)
    prune(pen, ReportingPeriod, keyed(period_rows), CODE)


def _keep_carried(pen: Pen, plan: Wanted) -> None:
    """Refuse a file that leaves out a duty which was carried over into the text: it would be lost."""
    carried = Assignment.objects.filter(programme=pen.programme, carried_from__isnull=False)
    gone = carried.exclude(code__in=plan.assignments).order_by("code")
    if codes := list(gone.values_list("code", flat=True)):
        raise RuleError(
            _("Carried over from an earlier year, and not in the file: %(codes)s.")
            % {"codes": ", ".join(codes)}
        )


def _assignments(
    pen: Pen,
    plan: Wanted,
    register: Mapping[str, Agency],
    task_ids: Mapping[Key, int],
    solution_ids: Mapping[Key, int],
) -> None:
    rows = {
        (code,): {**row.columns, "task_id": task_ids[row.task,], "lead_id": register[row.lead].pk}
        for code, row in plan.assignments.items()
    }
    ids = upsert(pen, Assignment, rows, CODE)
    shares: dict[int, list[Row]] = {}
    links: dict[int, list[Row]] = {}
    for code, row in plan.assignments.items():
        partners = enumerate(row.coordinating, 1)
        shares[ids[code,]] = [
            {"agency_id": register[agency].pk, "order": place} for place, agency in partners
        ]
        links[ids[code,]] = [{"solution_id": solution_ids[number,]} for number in sorted(row.solutions)]
    replace(pen, Coordination, "assignment_id", shares, order="order")
    replace(pen, Assignment.solutions.through, "assignment_id", links, order="solution__number")


def _usual_periods(year: int) -> dict[str, Row]:
    """Return the periods of Decree 09/2019 for a file that names none."""
    usual: dict[str, Row] = {}
    for period in periods.preset(year, calendar=load_calendar()):
        columns: dict[str, Any] = dict(vars(period))
        usual[columns.pop("code")] = columns
    return usual


def _signatories(pen: Pen, plan: Wanted, register: Mapping[str, Agency]) -> None:
    rows = [{"agency_id": register[code].pk, **row} for code, row in plan.signatories.items()]
    replace(pen, Signatory, "programme_id", {pen.programme.pk: rows}, order="order")


def _bases(pen: Pen, plan: Wanted) -> None:
    """Cite the legal bases. A text that the portal knows stays as it is there: programmes share it."""
    known = dict(LegalBasis.objects.values_list("wording", "pk"))
    for row in plan.bases:
        if row["wording"] not in known:
            pen.touch()
            known[row["wording"]] = LegalBasis.objects.create(**row).pk
    rows = [{"basis_id": known[row["wording"]], "order": place} for place, row in enumerate(plan.bases, 1)]
    replace(pen, ProgrammeBasis, "programme_id", {pen.programme.pk: rows}, order="order")
