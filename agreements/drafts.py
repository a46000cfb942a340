"""Versions of a programme's draft: what is kept of its text, and what differs between two.

A version holds the text as tasks.content reads it, the legal bases with their validity, and the keys of
the rows: a clause that was renumbered or reworded is still followed. A place names a row of a text, such
as "clause.purpose.2" or "assignment.1.01"; the empty place is the whole text.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements import consultation_access as access
from agreements import drifts, pades
from agreements.amendment_paper import differences as duty_differences
from agreements.amendment_paper import duty_words
from agreements.documents import ATTACHMENT
from agreements.models import Document, DraftVersion
from portal.audit.events import canonical, record
from portal.files import store
from portal.lib.actions import action
from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from tasks.content import (
    AgencyContent,
    AssignmentContent,
    ClauseContent,
    NumberedContent,
    ProgrammeContent,
    content,
)
from tasks.models import Clause, LegalBasis, Programme
from tasks.states import EDITABLE_PROGRAMME

SCHEMA = "draft/1"
WHOLE = ""
"""The place of a comment on the text as a whole."""


class BasisContent(TypedDict):
    wording: str
    effective_from: str | None
    effective_to: str | None
    amended_by: list[str]


class DraftContent(TypedDict):
    """What a version holds. `ids`: the key of each place's row; none of what a signed file says."""

    schema: str
    title: str
    legal_bases: list[BasisContent]
    clauses: dict[str, list[ClauseContent]]
    tasks: list[NumberedContent]
    solutions: list[NumberedContent]
    assignments: list[AssignmentContent]
    agencies: list[AgencyContent]
    ids: dict[str, int]


# --- Taking one ------------------------------------------------------------------------------------
@action
def take(programme: Programme, *, by: User, at: dt.datetime, label: str) -> DraftVersion:
    """Keep the text as it stands under the next number. Raises RuleError, StaleError."""
    if not access.may_take_version(by, programme):
        raise PermissionDenied
    if programme.state not in EDITABLE_PROGRAMME:
        raise RuleError(_("The text is frozen; what was signed is kept in its paper."))
    if not label.strip():
        raise RuleError(_("Say what this version is for."))
    return keep(programme, by=by, at=at, label=label)


def keep(programme: Programme, *, by: User, at: dt.datetime, label: str) -> DraftVersion:
    """Store the text. Only within an action, which has asked who may."""
    text = canonical(snapshot(programme))
    version = DraftVersion(
        programme=programme,
        number=access.versions_of(programme).count() + 1,
        label=label.strip(),
        content=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        taken_by=by,
        taken_at=at,
    )
    try:
        with transaction.atomic():
            version.save()
    except IntegrityError as error:  # somebody else took one at the same moment
        raise StaleError(_("Someone has just taken a version of this draft. Look at it first.")) from error
    payload = {"number": version.number, "label": version.label, "sha256": version.sha256}
    record("draft.taken", version, by=by, at=at, agency_code=programme.host.code, payload=payload)
    return version


def snapshot(programme: Programme) -> DraftContent:
    """Return the text as it stands now, spelled as it is kept."""
    whole = content(programme)
    bases = list(programme.bases.order_by("programmebasis__order").prefetch_related("amended_by"))
    spelled: DraftContent = json.loads(canonical(_text(whole, bases)))
    places_of_bases = [_basis_place(row["wording"]) for row in spelled["legal_bases"]]
    spelled["ids"] = _ids(programme) | {
        place: row.pk for place, row in zip(places_of_bases, bases, strict=True)
    }
    return spelled


def _text(whole: ProgrammeContent, bases: list[LegalBasis]) -> DraftContent:
    return DraftContent(
        schema=SCHEMA,
        title=whole["title"],
        legal_bases=[_basis(row) for row in bases],
        clauses=whole["clauses"],
        tasks=whole["tasks"],
        solutions=whole["solutions"],
        assignments=whole["assignments"],
        agencies=whole["agencies"],
        ids={},
    )


def _basis(row: LegalBasis) -> BasisContent:
    return BasisContent(
        wording=row.wording,
        effective_from=row.effective_from.isoformat() if row.effective_from else None,
        effective_to=row.effective_to.isoformat() if row.effective_to else None,
        amended_by=sorted(other.number or other.wording for other in row.amended_by.all()) if row.pk else [],
    )


def _ids(programme: Programme) -> dict[str, int]:
    clauses = programme.clauses.values_list("section", "number", "pk")
    return {
        "title": programme.pk,
        **{f"clause.{section}.{number}": pk for section, number, pk in clauses},
        **{f"task.{number}": pk for number, pk in programme.priority_tasks.values_list("number", "pk")},
        **{f"solution.{number}": pk for number, pk in programme.solutions.values_list("number", "pk")},
        **{f"assignment.{code}": pk for code, pk in programme.assignments.values_list("code", "pk")},
    }


def signed_text(document: Document) -> DraftContent:
    """Return the text inside a frozen paper, to compare a version with it; bases by their words alone.

    Raises RuleError.
    """
    try:
        read: ProgrammeContent = json.loads(
            pades.attachment(store.read(document.frozen_id), ATTACHMENT) or b""
        )
    except (store.FileDamaged, pades.PadesError, ValueError) as error:
        raise RuleError(_("The signed file cannot be read. Tell the administrator.")) from error
    return _text(read, [LegalBasis(wording=wording) for wording in read["legal_bases"]])


# --- Reading one -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """One place of a text for a page: under which heading, what it is called, what it says."""

    place: str
    group: str
    label: str
    title: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()


def read(text: DraftContent) -> list[Row]:
    """Return the text in the order in which it is printed."""
    names = names_of(text)
    rows = [Row("title", str(_("Programme")), label("title"), text["title"], "")]
    for place, value in places(text).items():
        if place == "title":
            continue
        group = _group(place)
        if place.startswith("assignment."):
            facts = duty_words(value, names)
            title = facts.pop("Nội dung")
            rows.append(Row(place, group, label(place), title, "", tuple(facts.items())))
        elif place.startswith("basis."):
            facts = {_field(name): drifts.in_words(value[name]) for name in VALIDITY if value[name]}
            rows.append(Row(place, group, label(place), value["wording"], "", tuple(facts.items())))
        else:
            rows.append(Row(place, group, label(place), value["title"], value.get("text", "")))
    return rows


VALIDITY = ("effective_from", "effective_to", "amended_by")


def places(text: DraftContent) -> dict[str, Any]:
    """Return every place of a text with its row, in the order of print."""
    return {
        "title": {"title": text["title"]},
        **{_basis_place(row["wording"]): row for row in text["legal_bases"]},
        **{
            f"clause.{section.value}.{row['number']}": row
            for section in Clause.Section
            for row in text["clauses"].get(section.value, [])
        },
        **{f"task.{row['number']}": row for row in text["tasks"]},
        **{f"solution.{row['number']}": row for row in text["solutions"]},
        **{f"assignment.{row['code']}": row for row in text["assignments"]},
    }


def _basis_place(wording: str) -> str:
    return f"basis.{hashlib.sha256(wording.encode()).hexdigest()[:12]}"


def names_of(text: DraftContent) -> dict[str, str]:
    return {row["code"]: row["name"] for row in text["agencies"]}


def label(place: str, text: DraftContent | None = None) -> str:
    """Say where a place is, in the reader's language; a legal basis by its words, where the text is given."""
    kind, _dot, rest = place.partition(".")
    if kind == "clause":
        section, _dot, number = rest.partition(".")
        return _("%(section)s, clause %(number)s") % {
            "section": Clause.Section(section).label,
            "number": number,
        }
    if kind == "basis":
        wording = places(text)[place]["wording"] if text and place in places(text) else ""
        return wording or _("Legal basis")
    named = {
        WHOLE: _("The text as a whole"),
        "title": _("Title of the programme"),
        "task": _("Priority task %(number)s") % {"number": rest},
        "solution": _("Solution %(number)s") % {"number": rest},
        "assignment": _("Assignment %(code)s") % {"code": rest},
    }
    return named.get(kind, place)


def _group(place: str) -> str:
    kind, _dot, rest = place.partition(".")
    if kind == "clause":
        return str(Clause.Section(rest.partition(".")[0]).label)
    groups = {
        "basis": _("Legal bases"),
        "task": _("Priority tasks"),
        "solution": _("Key solutions"),
        "assignment": _("Assignments"),
    }
    return groups[kind]


# --- What differs ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """One place that differs: where it is in each text, and each part of it before and after."""

    before: str | None
    after: str | None
    label: str
    fields: tuple[tuple[str, str, str], ...]

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_gone(self) -> bool:
        return self.after is None


def changes(old: DraftContent, new: DraftContent) -> list[Change]:
    """Return what differs, place by place in the order of print; rows are followed by their keys."""
    return list(_changes(old, new))


def _changes(old: DraftContent, new: DraftContent) -> Iterator[Change]:
    ours, theirs = places(old), places(new)
    names = names_of(old) | names_of(new)
    knows_validity = bool(old["ids"] and new["ids"])
    came_from = {after: before for before in ours if (after := followed(before, old, new)) is not None}
    for after, value in theirs.items():
        before = came_from.get(after)
        if after.startswith("basis.") and before and not knows_validity:
            continue
        if fields := _fields(after, ours[before] if before else None, value, names):
            yield Change(before, after, label(after, new), fields)
    for before in ours.keys() - came_from.values():
        yield Change(before, None, label(before, old), _fields(before, ours[before], None, names))


def followed(place: str, old: DraftContent, new: DraftContent) -> str | None:
    """Return where a place of the old text is in the new one; None when it is there no more."""
    key = old["ids"].get(place)
    if key is None or not new["ids"]:
        return place if place in places(new) else None
    kind = place.partition(".")[0]
    there = places(new)
    return next(
        (
            one
            for one, pk in new["ids"].items()
            if pk == key and one in there and one.partition(".")[0] == kind
        ),
        None,
    )


def _fields(place: str, was: Any, now: Any, names: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    if place.startswith("assignment."):
        return tuple(duty_differences(was, now, dict(names)))
    found = drifts.differences("", was or {}, now or {})
    if was is None or now is None:  # its number is in its label
        found = (drift for drift in found if drift.path != "number" and (drift.signed or drift.tracked))
    return tuple(
        (_field(drift.path), drifts.in_words(drift.signed), drifts.in_words(drift.tracked)) for drift in found
    )


def _field(name: str) -> str:
    return str(drifts.PARTS.get(name, name)).capitalize()


def by_place(found: list[Change]) -> dict[str, Change]:
    """Return the changes by their places, before and after."""
    before = {change.before: change for change in found if change.before}
    return before | {change.after: change for change in found if change.after}
