"""Is what is tracked what was signed? Every clause is compared, and every difference named."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements import access, pades, verification
from agreements.amendment_paper import ATTACHMENT as AMENDMENT
from agreements.documents import ATTACHMENT
from agreements.models import Document
from agreements.states import DocumentState
from agreements.verification import Exit
from portal.audit.events import canonical
from portal.audit.models import Event
from portal.files import store
from tasks import takeovers
from tasks.content import content
from tasks.models import Clause, Programme


@dataclass(frozen=True)
class Drift:
    """One place where the database says something else than the signed text."""

    path: str
    signed: Any
    tracked: Any


class Reason(StrEnum):
    """What the comparison comes to."""

    EQUAL = "what is tracked is what was signed"
    DIFFERS = "the database differs from the signed text"
    NOTHING_FROZEN = "nothing was frozen for signing yet"
    NOT_SIGNED = "the database equals the frozen text, which nobody has signed yet"
    UNREADABLE = "the signed file cannot be read"
    SIGNATURES_BAD = "the signatures of the file do not hold: see verify_document"
    SIGNATURES_UNKNOWN = "the database equals the text, but its signatures cannot be judged"


REASON_WORDS: dict[Reason, str | Promise] = {
    Reason.EQUAL: _("What is tracked is what was signed."),
    Reason.DIFFERS: _("What is tracked differs from what was signed."),
    Reason.NOTHING_FROZEN: _("Nothing was frozen for signing yet."),
    Reason.NOT_SIGNED: _("What is tracked equals the frozen text, which nobody has signed yet."),
    Reason.UNREADABLE: _("The signed file cannot be read. Tell the administrator."),
    Reason.SIGNATURES_BAD: _("The signatures of the file do not hold."),
    Reason.SIGNATURES_UNKNOWN: _("What is tracked equals the text, but its signatures cannot be judged yet."),
}


@dataclass(frozen=True)
class ProgrammeReport:
    """Comparison of what is tracked with what was signed. `reason` may go on with a detail."""

    year: int
    outcome: Exit
    reason: str
    sha256: str = ""
    drifts: tuple[Drift, ...] = ()
    renamed: tuple[Drift, ...] = ()

    @property
    def words(self) -> str | Promise:
        """The reason in the reader's language, without the detail."""
        return next(
            (said for code, said in REASON_WORDS.items() if self.reason.startswith(code)), self.reason
        )


def verify_programme(programme: Programme, *, at: dt.datetime, in_full: bool = True) -> ProgrammeReport:
    """Compare the database with the machine-readable attachment inside the signed file.

    The file is believed as far as its signatures are good: judged anew, which takes seconds, or with
    `in_full` false by the verdicts that were stored when each was checked.
    """
    document = _signed_document(programme)
    if document is None:
        return ProgrammeReport(programme.year, Exit.CANNOT_TELL, Reason.NOTHING_FROZEN)
    try:
        pdf = store.read(document.head_id)
        verdict = _verdict(document, pdf, at=at, in_full=in_full)
        signed, since = json.loads(_attached(pdf)), document.frozen_at
        for amendment in _issued_amendments(programme):
            added = store.read(amendment.head_id)
            verdict = max(verdict, _verdict(amendment, added, at=at, in_full=in_full), key=GRAVITY.index)
            _pass_on(signed, takeovers.moved(programme, after=since, until=amendment.frozen_at))
            _apply(signed, json.loads(_attached(added, AMENDMENT)))
            since = amendment.frozen_at
        _pass_on(signed, takeovers.moved(programme, after=since))
    except (store.FileDamaged, pades.PadesError, ValueError) as error:
        return ProgrammeReport(programme.year, Exit.BAD, f"{Reason.UNREADABLE}: {error}")
    tracked = json.loads(canonical(content(programme)))  # the same spelling as in the file
    found = list(differences("", signed, tracked))
    drifts = tuple(row for row in found if not row.path.startswith(NAMES))
    renamed = tuple(row for row in found if row.path.startswith(NAMES))
    outcome, reason = _conclusion(verdict, is_signed=access.is_signed(document), has_drifts=bool(drifts))
    return ProgrammeReport(programme.year, outcome, reason, document.head_id, drifts, renamed)


def _signed_document(programme: Programme) -> Document | None:
    documents = Document.objects.filter(programme=programme, kind=Document.Kind.PROGRAMME)
    return documents.exclude(state=DocumentState.TERMINATED).order_by("-pk").first()


def _issued_amendments(programme: Programme) -> QuerySet[Document]:
    """Those in force, in the order in which they came into force."""
    issued = Document.objects.filter(
        programme=programme, kind=Document.Kind.AMENDMENT, state=DocumentState.ISSUED
    )
    return issued.order_by("number_year", "number")


def _apply(signed: dict[str, Any], amendment: dict[str, Any]) -> None:
    """Change the signed programme as a signed amendment says. Raises ValueError when they do not fit."""
    duties = {row["code"]: row for row in signed["assignments"]}
    for change in amendment["changes"]:
        if duties.get(change["code"]) != change["before"]:
            raise ValueError(f"the amendment of {change['code']} does not follow what was signed before it")
        duties.pop(change["code"], None)
        if change["after"]:
            duties[change["code"]] = change["after"]
    signed["assignments"] = [duties[code] for code in sorted(duties)]
    mentioned = {signed["host"], signed["co_host"], *(row["code"] for row in signed["signatories"])}
    for duty in duties.values():
        mentioned |= {duty["lead"], *(part["code"] for part in duty["coordinating"])}
    names = {row["code"]: row for row in (*amendment["agencies"], *signed["agencies"])}
    signed["agencies"] = [names[code] for code in sorted(names) if code in mentioned]


def _pass_on(signed: dict[str, Any], moved: Iterable[tuple[str, takeovers.Moves]]) -> None:
    """Let successors stand for agencies that changed by law since: the register says by which document."""
    duties = {row["code"]: row for row in signed["assignments"]}
    for code, moves in moved:
        if code in duties:
            duties[code].update(takeovers.content_after(duties[code], moves))


GRAVITY = (Exit.GOOD, Exit.CANNOT_TELL, Exit.BAD)


def _verdict(document: Document, pdf: bytes, *, at: dt.datetime, in_full: bool) -> Exit:
    if in_full:
        return verification.VERDICT_EXIT[verification.report(pdf, at=at).verdict]
    return verification.stored_report(document.revisions.get(seq=document.head_seq), at=at).outcome


def _conclusion(verdict: Exit, *, is_signed: bool, has_drifts: bool) -> tuple[Exit, Reason]:
    if verdict is Exit.BAD:
        return Exit.BAD, Reason.SIGNATURES_BAD
    if has_drifts:
        return Exit.BAD, Reason.DIFFERS
    if not is_signed:
        return Exit.CANNOT_TELL, Reason.NOT_SIGNED
    if verdict is Exit.CANNOT_TELL:
        return Exit.CANNOT_TELL, Reason.SIGNATURES_UNKNOWN
    return Exit.GOOD, Reason.EQUAL


NAMES = "agencies["
"""An agency's name as signed stays in the paper; correcting it later in the register is no drift."""


def _attached(pdf: bytes, name: str = ATTACHMENT) -> bytes:
    attached = pades.attachment(pdf, name)
    if attached is None:
        raise ValueError(f"it carries no {name}")
    return attached


def differences(path: str, signed: Any, tracked: Any) -> Iterator[Drift]:
    """Walk both values side by side; rows with a code or number are matched by it, not by place."""
    if isinstance(signed, dict) and isinstance(tracked, dict):
        for key in sorted(signed.keys() | tracked.keys()):
            yield from differences(f"{path}.{key}".lstrip("."), signed.get(key), tracked.get(key))
    elif _is_keyed(signed) and _is_keyed(tracked):
        ours, theirs = _by_key(signed), _by_key(tracked)
        for key in sorted(ours.keys() | theirs.keys()):
            yield from differences(f"{path}[{key}]", ours.get(key), theirs.get(key))
    elif signed != tracked:
        yield Drift(path, signed, tracked)


_KEYS = ("code", "number")


def _is_keyed(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(row, dict) and any(key in row for key in _KEYS) for row in value)
        and len(_by_key(value)) == len(value)
    )


def _by_key(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(next(row[key] for key in _KEYS if key in row)): row for row in rows}


# --- In plain words, for the page ------------------------------------------------------------------
PARTS: dict[str, str | Promise] = {
    "assignments": _("Assignment"),
    "tasks": _("Priority task"),
    "solutions": _("Solution"),
    "clauses": _("Clause"),
    "signatories": _("Signatory"),
    "agencies": _("Agency"),
    "title": _("heading"),
    "lead": _("lead agency"),
    "coordinating": _("coordinating agency"),
    "deadline_on": _("deadline"),
    "start_on": _("from"),
    "target": _("target"),
    "indicator": _("indicator"),
    "unit": _("unit"),
    "cycle": _("cycle"),
    "task": _("priority task"),
    "name": _("name"),
    "text": _("text"),
    "deliverable": _("deliverable"),
    "wording": _("wording"),
    "effective_from": _("in force from"),
    "effective_to": _("in force until"),
    "amended_by": _("amended by"),
    "number": _("number"),
    **{section.value: section.label for section in Clause.Section},
}
STEP = re.compile(r"(\w+)(?:\[([^\]]*)\])?")
"""A step of a path: "assignments[1.01]", "deadline_on"."""

COLUMNS = {
    "title": "title_vi",
    "indicator": "indicator_vi",
    "unit": "unit_vi",
    "coordinating": "coordination.",
}
ROWS = {
    "tasks": "prioritytask.",
    "solutions": "solution.",
    "clauses": "clause.",
    "signatories": "signatory.",
    "legal_bases": "programmebasis.",
}
"""What a change of it is called in an event's details; a row of a table begins with the table's name."""


@dataclass(frozen=True)
class Told:
    """A drift for the page: where, what stands on each side, and who the trail says changed it."""

    where: str
    signed: str
    tracked: str
    event: Event | None


def told(programme: Programme, drifts: Iterable[Drift]) -> list[Told]:
    """Put drifts into words; the event is the newest change of the row since the text was frozen.

    None means that the trail knows of no change: it was made past the portal. Two queries.
    """
    pks = {code: str(pk) for code, pk in programme.assignments.values_list("code", "pk")}
    document = _signed_document(programme)
    if document is None:
        return []
    events = Event.objects.filter(
        at__gte=document.frozen_at,
        subject_type__in=("tasks.assignment", "tasks.programme"),
        verb__in=(
            *("assignment.added", "assignment.changed", "assignment.deleted", "assignment.amended"),
            "programme.changed",
        ),
    )
    newest_first = list(events.order_by("-seq"))
    return [
        Told(
            where(drift.path),
            in_words(drift.signed),
            in_words(drift.tracked),
            next((event for event in newest_first if _is_about(event, drift, programme, pks)), None),
        )
        for drift in drifts
    ]


def _is_about(event: Event, drift: Drift, programme: Programme, pks: dict[str, str]) -> bool:
    """Whether an event changed the very row, and the very value, of a drift."""
    (part, key), *rest = STEP.findall(drift.path)
    payload = json.loads(event.payload)
    names = {*(payload.get("before") or {}), *(payload.get("after") or {})}
    if part == "assignments":
        is_row = event.subject_id == pks.get(key) or event.subject_label.startswith(f"{key} ")
        wanted = COLUMNS.get(rest[0][0], rest[0][0]) if rest else ""
        return event.subject_type == "tasks.assignment" and is_row and _names(names, wanted)
    is_programme = event.subject_type == "tasks.programme" and event.subject_id == str(programme.pk)
    return is_programme and _names(names, ROWS.get(part, COLUMNS.get(part, part)))


def _names(names: set[str], wanted: str) -> bool:
    return not wanted or any(
        name == wanted or (wanted[-1] == "." and name.startswith(wanted)) for name in names
    )


def where(path: str) -> str:
    """Return a path in words: "assignments[1.01].deadline_on" is "Assignment 1.01, deadline"."""
    steps = STEP.findall(path)
    return ", ".join(f"{PARTS.get(name, name)} {key}".strip() for name, key in steps)


def in_words(value: Any) -> str:
    """Return a value of the text as a reader sees it."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "; ".join(f"{PARTS.get(key, key)}: {in_words(part)}" for key, part in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(map(in_words, value)) or "–"
    return str(value)
