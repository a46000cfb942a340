"""What tests of changes of agencies share: how a plan is prepared, proposed and confirmed."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from portal.agencies.models import Agency, AgencyChange
from portal.users.models import User
from tasks import change_checks, changes, takeovers
from tasks.changes import Choices, Facts
from tasks.models import Assignment, ChangePlan
from tests.factories import NOW, TODAY

DOCUMENT = {
    "legal_document": "1234/QĐ-UBND",
    "document_on": TODAY - dt.timedelta(days=20),
    "document_subject": "Về việc sắp xếp tổ chức",
}


def facts(
    kind: str,
    predecessors: Iterable[Agency],
    successors: Iterable[Agency],
    *,
    on: dt.date = TODAY,
    reference: str = "",
    **columns: Any,
) -> Facts:
    given = {"kind": kind, "effective_on": on, "title_vi": "Sắp xếp cơ quan", "title_en": ""}
    return Facts({**given, **DOCUMENT, **columns}, tuple(predecessors), tuple(successors), reference)


def plan(
    kind: str,
    predecessors: Iterable[Agency],
    successors: Iterable[Agency],
    *,
    by: User,
    at: dt.datetime = NOW,
    **more: Any,
) -> ChangePlan:
    return changes.prepare(facts(kind, predecessors, successors, **more), by=by, at=at)


def of_register(reference: str, *, by: User, at: dt.datetime) -> ChangePlan:
    """Prepare a change that the register announces, as the programme's file told it."""
    row = AgencyChange.objects.get(reference=reference)
    columns = {"title_vi": row.title_vi, "title_en": row.title_en}
    successors = [part.agency for part in row.succession_set.select_related("agency").order_by("pk")]
    return plan(
        row.kind,
        row.predecessors.all(),
        successors,
        by=by,
        at=at,
        on=row.effective_on,
        reference=reference,
        **columns,
    )


def choose(
    planned: ChangePlan, duties: Mapping[str, str] | None = None, *, by: User, at: dt.datetime = NOW
) -> None:
    """Choose who takes over, by code of the assignment; everything else as proposed."""
    wanted = duties or {}
    keys = {}
    for part in takeovers.parts(planned):
        code = wanted.get(part.assignment.code)
        chosen = next((agency for agency in part.options if agency.code == code), part.target)
        if chosen:
            keys[part.assignment.pk, part.predecessor.pk] = chosen.pk
    on = change_checks.day_of(planned, at.date())
    posts = {
        row.post.pk: (row.target.pk if row.target else None, str(row.role))
        for row in takeovers.people(planned, on=on)
    }
    changes.choose(planned, by=by, at=at, choices=Choices(keys, posts))


def carry_out(
    planned: ChangePlan,
    duties: Mapping[str, str] | None = None,
    *,
    by: User,
    then: User,
    at: dt.datetime = NOW,
) -> ChangePlan:
    """Choose, propose and, by another person, confirm; on its day that carries it out."""
    choose(planned, duties, by=by, at=at)
    changes.propose(planned, by=by, at=at)
    changes.confirm(planned, by=then, at=at)
    return planned


def parts_of(code: str, year: int | None = None) -> tuple[str, list[str]]:
    """Return the codes of lead and coordinating agencies as they are in the database."""
    rows = Assignment.objects.filter(code=code)
    row = rows.get(programme__year=year) if year else rows.get()
    return row.lead.code, list(row.coordinations.values_list("agency__code", flat=True))
