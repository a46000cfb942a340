"""From a checked file to what the rows should be: values by natural keys, presets filled in."""

import datetime as dt
import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from portal.agencies.models import AgencyChange
from tasks import periods
from tasks.loading.checking import LATER, Content, listed
from tasks.models import Cycle, Signatory

Row = dict[str, Any]
PRESET = Path(__file__).with_name("preset.yaml")
LAST_PLACE = 1000  # protocol order of an agency that says nothing about it

_CHANGE_KINDS = {
    "merge": AgencyChange.Kind.MERGE,
    "merge_same_name": AgencyChange.Kind.MERGE,
    "merge_same_name_with_split": AgencyChange.Kind.MERGE,
    "split": AgencyChange.Kind.SPLIT,
    "rename": AgencyChange.Kind.RENAME,
    "rename_plus_function": AgencyChange.Kind.RENAME,
    "resubordinate": AgencyChange.Kind.REPARENT,
    "dissolve": AgencyChange.Kind.DISSOLVE,
    "create": AgencyChange.Kind.CREATE,
}


@dataclass(frozen=True)
class WantedAssignment:
    """One assignment; agencies by code, task and solutions by number."""

    columns: Row
    task: int
    lead: str
    solutions: tuple[int, ...]
    coordinating: tuple[str, ...]


@dataclass(frozen=True)
class WantedChange:
    """One change of agencies, by their codes."""

    columns: Row
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """A whole programme as rows should be; columns of models, apart from the references."""

    year: int
    programme: Row
    host: str
    co_host: str | None
    agencies: dict[str, Row]
    parents: dict[str, str]
    changes: dict[str, WantedChange]
    localities: dict[str, Row]
    merged: dict[str, str]  # locality → the one it was merged into
    bases: tuple[Row, ...]
    signatories: dict[str, Row]
    clauses: dict[tuple[str, int], Row]
    tasks: dict[int, Row]
    solutions: dict[int, Row]
    assignments: dict[str, WantedAssignment]
    periods: dict[str, Row]


def wanted(content: Content, names: Mapping[str, str], symbols: Mapping[str, str]) -> Wanted:
    """Return what the rows should be.

    `names` and `symbols` of agencies by code: of the register, where the file leaves an agency out.
    """
    programme = content["programme"]
    agencies = _agencies(content)
    words = _words(content, {**names, **{code: row["name_vi"] for code, row in agencies.items()}})
    symbols = {**symbols, **{code: row["symbol"] for code, row in agencies.items()}}
    return Wanted(
        year=programme["year"],
        programme=_programme(content, symbols, words),
        host=programme["host"],
        co_host=programme.get("co_host"),
        agencies=agencies,
        parents={row["code"]: row["parent"] for row in _all_agencies(content) if row.get("parent")},
        changes=_changes(content),
        localities=_localities(content),
        merged={
            row["code"]: row["merged_into"] for row in content.get("localities", []) if row.get("merged_into")
        },
        bases=tuple(_basis(row, words) for row in _given(content, "legal_bases")),
        signatories=_signatories(programme),
        clauses=_clauses(content, words),
        tasks={row["number"]: _titles(row) for row in content["priority_tasks"]},
        solutions={row["number"]: _titles(row) for row in content["solutions"]},
        assignments={row["code"]: _assignment(row) for row in content["assignments"]},
        periods={row["code"]: _period(row) for row in content.get("reporting_periods", [])},
    )


@functools.cache
def preset() -> dict[str, Any]:
    """Return what stands in for sections that a file leaves out."""
    found: dict[str, Any] = yaml.safe_load(PRESET.read_text(encoding="utf-8"))
    return found


def _given(content: Content, section: str) -> list[Any]:
    """Return a section of the file, or the preset's; an empty section is meant to be empty."""
    rows: list[Any] = content.get(section, preset()[section])
    return rows


def _words(content: Content, names: Mapping[str, str]) -> dict[str, str]:
    """Return what the placeholders of the preset stand for."""
    programme = content["programme"]
    hosts = filter(None, [programme["host"], programme.get("co_host")])
    return {
        "{hosts}": ", ".join(names[code] for code in hosts),
        "{year}": str(programme["year"]),
        "{count}": str(len(content["assignments"])),
    }


def _filled(text: str, words: Mapping[str, str]) -> str:
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text


# --- Agencies ------------------------------------------------------------------------------------


def _all_agencies(content: Content) -> list[Content]:
    return [*content.get("agencies", []), *content.get(LATER, [])]


def _agencies(content: Content) -> dict[str, Row]:
    """Return the agencies; a later body takes what it leaves out from whom it came from."""
    rows: dict[str, Row] = {}
    for source in _all_agencies(content):
        origin = rows.get(next(iter([*source.get("predecessors", []), source.get("parent")]), ""), {})
        block = "\n".join(source.get("signature_block_vi", [])) or origin.get("signature_block", "")
        rows[source["code"]] = {
            "symbol": source.get("symbol", ""),
            "name_vi": source["name_vi"],
            "name_en": source.get("name_en", ""),
            "kind": source["kind"],
            "header_parent": source.get("header_parent_vi", origin.get("header_parent", "")),
            "signature_block": block,
            "protocol_order": source.get("sort_order", origin.get("protocol_order", LAST_PLACE)),
            "valid_from": _day(source.get("valid_from")),
            "valid_to": _day(source.get("valid_to")),
        }
    return rows


def _changes(content: Content) -> dict[str, WantedChange]:
    return {
        row["id"]: WantedChange(
            columns={
                "kind": _CHANGE_KINDS[row["type"]],
                "effective_on": _day(row["effective"]),
                **_titles(row),
                "legal_document": row.get("legal_document", ""),
            },
            predecessors=tuple(row["from"]),
            successors=tuple(row["to"]),
        )
        for row in content.get("agency_changes", [])
    }


def _localities(content: Content) -> dict[str, Row]:
    return {
        row["code"]: {
            "kind": row["kind"],
            "name_vi": row["name_vi"],
            "name_en": row.get("name_en", ""),
            "order": row.get("sort_order", LAST_PLACE),
            "valid_from": _day(row.get("valid_from")),
            "valid_to": _day(row.get("valid_to")),
        }
        for row in content.get("localities", [])
    }


# --- The programme -------------------------------------------------------------------------------


def _programme(content: Content, symbols: Mapping[str, str], words: Mapping[str, str]) -> Row:
    source = content["programme"]
    conference = _day(content.get("conference", {}).get("date") or source.get("signed_on"))
    opens = conference or dt.date(source["year"], 1, 1)
    closes = _day(source.get("signing_closes_on")) or opens + dt.timedelta(days=preset()["signing_days"])
    return {
        "year_to": source["year"],
        **_titles(source),
        "place": source.get("place") or content.get("meta", {}).get("province_vi", ""),
        "symbol": source.get("symbol") or _symbol(source, symbols),
        "page_profile": source.get("page_profile", "nd30"),
        "recipients": "\n".join(_filled(line, words) for line in _given(content, "recipients")),
        "conference_on": conference,
        "signing_closes_on": closes,
    }


def _symbol(source: Content, symbols: Mapping[str, str]) -> str:
    """Type and the hosts' symbols, "CTr-BCHQS-MTTQ": of a symbol with a department, its first part."""
    hosts = [source["host"], source.get("co_host")]
    parts = [(symbols.get(code) or code).split("-")[0] for code in hosts if code]
    return "-".join([source.get("document_type", preset()["document_type"]), *parts])


def _signatories(programme: Content) -> dict[str, Row]:
    """Host and co-host sign on the main page, the others in the annex."""
    main = {programme["host"], programme.get("co_host")}
    return {
        code: {"order": order, "place": Signatory.Place.MAIN if code in main else Signatory.Place.ANNEX}
        for order, code in enumerate(programme["signatories"], 1)
    }


def _basis(row: Content, words: Mapping[str, str]) -> Row:
    return {
        "wording": _filled(row["wording"], words),
        "number": row.get("number", ""),
        **{key: _day(row.get(key)) for key in ("issued_on", "effective_from", "effective_to")},
    }


def _clauses(content: Content, words: Mapping[str, str]) -> dict[tuple[str, int], Row]:
    """Return the clauses numbered within their section, in the order of the file."""
    numbers: Counter[str] = Counter()
    clauses: dict[tuple[str, int], Row] = {}
    for row in _given(content, "clauses"):
        numbers[row["section"]] += 1
        text = _filled(row["text"], words)
        clauses[row["section"], numbers[row["section"]]] = {"title": row.get("title", ""), "text": text}
    return clauses


def _assignment(row: Content) -> WantedAssignment:
    goal = row["indicator"]
    return WantedAssignment(
        columns={
            **_titles(row),
            "cycle": row.get("cycle", Cycle.ONCE),
            "start_on": _day(row.get("start_date")),
            "deadline_on": _day(row["deadline"]),
            "indicator_vi": goal["name_vi"],
            "indicator_en": goal.get("name_en", ""),
            "unit_vi": goal["unit_vi"],
            "unit_en": goal.get("unit_en", ""),
            "target": decimal(goal["target"]),
        },
        task=row["task"],
        lead=row["lead"],
        solutions=tuple(listed(row.get("solution"))),
        coordinating=tuple(row.get("coordinating", [])),
    )


def _period(row: Content) -> Row:
    data_to = dt.date.fromisoformat(row["data_to"])
    return {
        "kind": row["type"],
        "data_from": _day(row["data_from"]),
        "data_to": data_to,
        "due_on": _day(row["due"]),
        "review_due_on": periods.review_day(row["type"], data_to),
    }


def _titles(row: Content) -> Row:
    return {"title_vi": row["title_vi"], "title_en": row.get("title_en", "")}


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def decimal(value: float) -> Decimal:
    """Return a figure of the file with two places, as its column holds it."""
    return Decimal(str(value)).quantize(Decimal("0.01"))
