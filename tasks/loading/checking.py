"""Hold a file against the schema, then against what a schema cannot say."""

import functools
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError as DjangoError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from portal.lib.text import one_line
from tasks.loading.errors import FileRefused, Problem
from tasks.loading.reading import Place, Reading, Step

SCHEMA = Path(__file__).with_name("programme.schema.json")
LATER = "agencies_after_2025"
Content = dict[str, Any]


def check(reading: Reading, *, registered: Collection[str]) -> Content:
    """Return the content of a file that is in order. Raises FileRefused with every problem found.

    `registered` holds the codes of agencies that the portal knows already: a file may leave them out.
    """
    problems = [_problem(reading, error) for error in _validator().iter_errors(reading.content)]
    if problems:
        raise FileRefused(problems)
    problems = list(_Rules(reading, registered).problems())
    if problems:
        raise FileRefused(problems)
    content: Content = reading.content
    return content


@functools.cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


# --- What the schema says, in the reader's language --------------------------------------------


def _problem(reading: Reading, error: ValidationError) -> Problem:
    place = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        unknown = _unknown(error)
        return Problem(reading.line(*place, unknown), _("“%(key)s” is not known here.") % {"key": unknown})
    return Problem(reading.line(*place), f"{_name(place)}: {_reason(error)}")


def _unknown(error: ValidationError) -> str:
    """Return the first key that neither properties nor patterns of the schema name."""
    content: Any = error.instance
    return str(next(key for key in content if f"'{key}'" in error.message))


def _name(place: Place) -> str:
    """Write a place as a reader would: assignments[3].lead (rows counted from 1)."""
    name = ""
    for step in place:
        name += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if name else step
    return name or _("the file")


def _reason(error: ValidationError) -> str:
    bound: Any = error.validator_value
    if error.validator == "required":
        missing = next(key for key in bound if error.message.startswith(f"'{key}' "))
        return _("“%(key)s” is missing.") % {"key": missing}
    if error.validator == "type":
        if "lead" in error.absolute_path and isinstance(error.instance, list):
            return _("exactly one agency leads; the others coordinate.")
        kinds = bound if isinstance(bound, list) else [bound]
        return _("this has to be %(kind)s.") % {"kind": ", ".join(_kind(kind) for kind in kinds)}
    return _REASONS.get(str(error.validator), _other)(error)


def _kind(kind: str) -> str:
    return {
        "string": _("a text (put a date or a number in quotes)"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "array": _("a list"),
        "object": _("a map of keys and values"),
        "null": _("empty"),
        "boolean": _("true or false"),
    }[kind]


def _enum(error: ValidationError) -> str:
    known: Any = error.validator_value
    names = {"value": error.instance, "known": ", ".join(map(str, known))}
    return _("“%(value)s” is not one of: %(known)s.") % names


def _pattern(error: ValidationError) -> str:
    schema: Any = error.schema
    if "format" in schema:
        return _("“%(value)s” is not a date; write it as 2023-12-31.") % {"value": error.instance}
    return _("“%(value)s” is not written as it has to be (%(pattern)s).") % {
        "value": error.instance,
        "pattern": error.validator_value,
    }


def _limit(error: ValidationError) -> str:
    return _("it breaks the limit %(name)s: %(limit)s.") % {
        "name": error.validator,
        "limit": error.validator_value,
    }


def _unique(error: ValidationError) -> str:
    return _("a value stands in this list twice.")


def _other(error: ValidationError) -> str:
    return error.message


_REASONS: dict[str, Callable[[ValidationError], str]] = {
    "enum": _enum,
    "pattern": _pattern,
    "format": _pattern,
    "uniqueItems": _unique,
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"), _limit),
}


# --- What the schema cannot say -----------------------------------------------------------------


class _Rules:
    """References that lead somewhere, keys that stand once, dates in order."""

    def __init__(self, reading: Reading, registered: Collection[str]) -> None:
        self.reading = reading
        self.content: Content = reading.content
        rows = [*self.content.get("agencies", []), *self.content.get(LATER, [])]
        self.in_file = {row["code"] for row in rows}
        self.agencies = self.in_file | set(registered)

    def problems(self) -> Iterator[Problem]:
        yield from self._agencies()
        yield from self._programme()
        yield from self._assignments()
        yield from self._localities()
        for section, key in _KEYS:
            yield from self._once(((section, index, key), row[key]) for index, row in self._rows(section))
        for section, first, last, text in _ORDERS:
            yield from self._in_order(section, first, last, _(text))

    def _rows(self, section: str) -> Iterator[tuple[int, Content]]:
        return enumerate(self.content.get(section, []))

    def _agencies(self) -> Iterator[Problem]:
        both = [
            (section, index, row) for section in ("agencies", LATER) for index, row in self._rows(section)
        ]
        yield from self._once(((section, index, "code"), row["code"]) for section, index, row in both)
        for section, index, row in both:
            yield from self._in_one_line(section, index, row)
            for key in ("parent", "successors", "predecessors"):
                yield from self._known(section, index, key, row.get(key))
        for index, row in self._rows("agency_changes"):
            for key in ("from", "to"):
                yield from self._known("agency_changes", index, key, row[key])
        for index, row in self._rows(LATER):
            origins = {*row.get("predecessors", [])[:1], row.get("parent")}
            if not (row.get("signature_block_vi") or origins & self.in_file):
                yield self._at(
                    LATER, index, reason=_("“%(key)s” is missing.") % {"key": "signature_block_vi"}
                )

    def _in_one_line(self, section: str, index: int, row: Content) -> Iterator[Problem]:
        for key in ("symbol", "name_vi", "name_en", "header_parent_vi"):
            yield from self._line(row.get(key, ""), section, index, key)
        for place, line in enumerate(row.get("signature_block_vi", [])):
            yield from self._line(line, section, index, "signature_block_vi", place)

    def _line(self, text: str, *where: Step) -> Iterator[Problem]:
        try:
            one_line(text)
        except DjangoError as error:
            yield self._at(*where, reason=error.messages[0])

    def _programme(self) -> Iterator[Problem]:
        programme = self.content["programme"]
        for key in ("host", "co_host", "signatories"):
            yield from self._known("programme", key, programme.get(key))
        codes = programme["signatories"]
        yield from self._once((("programme", "signatories", index), code) for index, code in enumerate(codes))
        for key in ("host", "co_host"):
            if programme.get(key, codes[0]) not in codes:
                yield self._at("programme", key, reason=_("The host and the co-host are signatories too."))
        if not (programme.get("place") or self.content.get("meta", {}).get("province_vi")):
            yield self._at("programme", reason=_("“%(key)s” is missing.") % {"key": "place"})
        if programme["host"] == programme.get("co_host"):
            yield self._at("programme", "co_host", reason=_("Host and co-host are the same agency."))

    def _assignments(self) -> Iterator[Problem]:
        tasks = {row["number"] for row in self.content["priority_tasks"]}
        solutions = {row["number"] for row in self.content["solutions"]}
        for index, row in self._rows("assignments"):
            here = ("assignments", index)
            for key in ("lead", "coordinating"):
                yield from self._known(*here, key, row.get(key))
            if row["lead"] in row.get("coordinating", []):
                text = _("%(agency)s leads this assignment and cannot coordinate it too.")
                yield self._at(*here, "coordinating", reason=text % {"agency": row["lead"]})
            if row["task"] not in tasks:
                text = _("There is no priority task %(number)s in this file.")
                yield self._at(*here, "task", reason=text % {"number": row["task"]})
            for number in listed(row.get("solution")):
                if number not in solutions:
                    text = _("There is no solution %(number)s in this file.")
                    yield self._at(*here, "solution", reason=text % {"number": number})
        deadlines = {row["code"]: row["deadline"] for row in self.content["assignments"]}
        for index, row in self._rows("extension_requests"):
            if row["assignment"] not in deadlines:
                text = _("There is no assignment %(code)s in this file.") % {"code": row["assignment"]}
                yield self._at("extension_requests", index, "assignment", reason=text)
            elif (row.get("new_deadline") or "9999") <= deadlines[row["assignment"]]:
                text = _("The new deadline does not lie after the present one.")
                yield self._at("extension_requests", index, "new_deadline", reason=text)

    def _localities(self) -> Iterator[Problem]:
        """Names in one line; what one was merged into stands in the file too."""
        codes = {row["code"] for row in self.content.get("localities", [])}
        for index, row in self._rows("localities"):
            for key in ("name_vi", "name_en"):
                yield from self._line(row.get(key, ""), "localities", index, key)
            if row.get("merged_into", row["code"]) not in codes:
                text = _("There is no locality “%(code)s” in this file.") % {"code": row["merged_into"]}
                yield self._at("localities", index, "merged_into", reason=text)

    def _known(self, *place_and_codes: Any) -> Iterator[Problem]:
        """Check the code, or each code of the list, that stands last; the place comes before it."""
        *place, codes = place_and_codes
        for index, code in enumerate(listed(codes)):
            if code not in self.agencies:
                text = _("There is no agency “%(code)s”, neither in this file nor in the register.")
                yield self._at(*place, index, reason=text % {"code": code})

    def _once(self, keys: Iterable[tuple[Place, Any]]) -> Iterator[Problem]:
        lines: dict[Any, int] = {}
        for place, key in keys:
            line = self.reading.line(*place)
            if key in lines:
                text = _("“%(key)s” stands on line %(line)d already.") % {"key": key, "line": lines[key]}
                yield Problem(line, text)
            lines.setdefault(key, line)

    def _in_order(self, section: str, first: str, last: str, text: str) -> Iterator[Problem]:
        for index, row in self._rows(section):
            begins, ends = row.get(first), row.get(last)
            if not (begins and ends):
                continue
            is_empty = begins == ends and last == "data_to"  # a period has two days at least
            if begins > ends or is_empty:  # ISO days sort as text
                yield self._at(section, index, last, reason=text)

    def _at(self, *place: Step, reason: str) -> Problem:
        return Problem(self.reading.line(*place), reason)


_KEYS = (
    ("agency_changes", "id"),
    ("localities", "code"),
    ("priority_tasks", "number"),
    ("solutions", "number"),
    ("assignments", "code"),
    ("reporting_periods", "code"),
    ("legal_bases", "wording"),
    ("demo_users", "username"),
)

_ENDS_EARLY = gettext_noop("The agency ends before it begins.")
_PERIOD_ORDER = gettext_noop("A period begins, is cut off, and is due, in this order.")
_ORDERS = (
    ("agencies", "valid_from", "valid_to", _ENDS_EARLY),
    (LATER, "valid_from", "valid_to", _ENDS_EARLY),
    ("localities", "valid_from", "valid_to", gettext_noop("The locality ends before it begins.")),
    ("assignments", "start_date", "deadline", gettext_noop("The assignment ends before it begins.")),
    ("reporting_periods", "data_from", "data_to", _PERIOD_ORDER),
    ("reporting_periods", "data_to", "due", _PERIOD_ORDER),
    (
        "legal_bases",
        "effective_from",
        "effective_to",
        gettext_noop("The text lapses before it comes into force."),
    ),
)


def listed(value: Any) -> list[Any]:
    """Return one value or a list of them as a list; none as an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
