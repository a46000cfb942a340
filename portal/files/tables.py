"""Read the cells of an uploaded workbook, in the sandbox."""

import json
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.files import sandbox
from portal.files.refusals import FileRefused
from portal.files.worker.findings import (
    TABLE_ANSWER,
    TABLE_CELL,
    TABLE_COLUMNS,
    TABLE_ROWS,
    Reason,
)
from portal.lib.errors import RuleError

CHILD = sandbox.command(
    "from files.worker.tables import main\nmain()\n",
    cpu_seconds=sandbox.CPU_SECONDS,
    memory=sandbox.MEMORY,
    answer=TABLE_ANSWER,
)
WORDS: dict[str, str | Promise] = {
    "too_many_rows": gettext_lazy(
        "The sheet has more than 2,000 rows, or too much text. Divide it into several files."
    )
}
Rows = list[tuple[int, list[str]]]
"""Rows that are not empty: the number that the row has in the file, and its cells as texts."""


def read(file: IO[bytes]) -> Rows:
    """Return the rows of the first sheet; days as 2026-12-31, numbers as 3505 or 12.5.

    The file has passed portal.files.uploads. Raises RuleError, BusyError when too many wait.
    """
    answer = sandbox.ask(file, command=CHILD, most=TABLE_ANSWER)
    try:
        told: dict[str, Any] = json.loads(answer or b"")
        if refused := told.get("refused"):
            raise RuleError(str(WORDS[refused])) if refused in WORDS else FileRefused(Reason(refused))
        rows = [_row(row) for row in told["rows"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileRefused(Reason.CRASHED) from error
    if len(rows) > TABLE_ROWS:
        raise FileRefused(Reason.CRASHED)
    if not rows:
        raise RuleError(_("The first sheet of the file is empty."))
    return rows


def _row(row: Any) -> tuple[int, list[str]]:
    """Believe nothing of a row but the shape that the worker writes; what no database keeps is left out."""
    number, cells = row
    texts = [str(cell).replace("\0", "")[:TABLE_CELL] for cell in cells[:TABLE_COLUMNS]]
    return int(number), texts
