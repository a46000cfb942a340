"""The typesetter (typst): texts in, PDF bytes and places out. The only importer of typst."""

import datetime as dt
import json
import threading
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst
from django.utils.translation import gettext as _

from portal.papers.letters import FONT_DIR, PaperError

SOURCE_DIR = Path(__file__).parent / "typst"
PROFILES = ("nd30", "bqp")  # the profiles of typst/nd30.typ

_UNITS = ("year", "month", "day", "hour", "minute", "second")

# One at a time: a compile fills a core, and the cores are there for the people at their pages.
_lock = threading.Lock()


def moment(at: dt.datetime) -> dict[str, int]:
    """Return an aware time as the parts of a typst datetime, which has no zone and is written as Z."""
    utc = at.astimezone(dt.UTC)
    return {unit: getattr(utc, unit) for unit in _UNITS}


def dated(day: dt.date | None, year: int) -> dict[str, int | None]:
    """Return the parts of the date line; without a day the records office writes day and month."""
    if day is None:
        return {"day": None, "month": None, "year": year}
    return {"day": day.day, "month": day.month, "year": day.year}


def typeset(source: str, *, inputs: dict[str, str], label: str) -> tuple[bytes, list[dict[str, Any]]]:
    """Compile `source` of typst/ with `inputs` as data; return the PDF and the values under `<label>`.

    Raises:
        PaperError: the template refused, or the typesetter warned. A warning may mean a page
            without text (a font not found), so none is let through.
    """
    with _lock:
        try:
            pdf, places = _compiled(source, inputs, label)
        except typst.TypstError as error:
            raise _refusal([error.message, *error.hints]) from error
    return pdf, json.loads(places)


def _compiled(source: str, inputs: dict[str, str], label: str) -> tuple[bytes, str]:
    try:
        compiler = _compiler(source, inputs)
        # The only pair of standards that allows an attachment and a tagged page at once: PDF/A-2
        # refuses attachments, PDF/A-4f is PDF 2.0 and so excludes PDF/UA-1.
        pdf, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards=["a-3a", "ua-1"])
        if warnings:
            raise _refusal([warning.message for warning in warnings])
        return cast(bytes, pdf), compiler.query(f"<{label}>", field="value")
    finally:
        _forget()


def _compiler(source: str, inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(
        str(SOURCE_DIR / source),
        root=str(SOURCE_DIR),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )


def _forget() -> None:
    """Age the typesetter's memory of what it just did.

    It keeps the partial results of its last ten compiles, for an editor that compiles at every key:
    some 40 MB for each paper of 18 pages, up to 570 MB for a process. Ten blank compiles (25 ms)
    bring that to 150 MB.
    """
    blank = _compiler("blank.typ", {})
    for _unused in range(10):
        blank.compile(format="pdf")


@cache
def _fonts() -> typst.Fonts:
    """The project's own fonts and no others: with system fonts the bytes would differ by machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_DIR)])


def _refusal(messages: list[str]) -> PaperError:
    reason = "; ".join(message.removeprefix("assertion failed: ") for message in messages)
    return PaperError(_("The paper could not be typeset: %(reason)s") % {"reason": reason})
