"""What tests of drafting share: a duty, and workbooks as agencies write them."""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook

from tasks.assignment_drafts import Duty
from tasks.import_checks import COLUMNS
from tasks.models import Programme

HEADINGS = [one.heading for one in COLUMNS]
DUE_ON = dt.date(2026, 9, 30)


def duty(programme: Programme, **changes: Any) -> Duty:
    """A duty of the first priority task, led by the department."""
    task = programme.priority_tasks.get(number=1)
    usual = {
        "task_id": task.pk,
        "task_number": task.number,
        "title_vi": "Xây dựng thao trường",
        "lead": programme.signatories.get(agency__code="SXD").agency,
        "deadline_on": DUE_ON,
        "indicator_vi": "Thao trường hoàn thành",
        "unit_vi": "thao trường",
        "target": Decimal(2),
    }
    return Duty(**(usual | changes))


def row(n: int = 0, **changes: Any) -> list[Any]:
    """A row of the template that is in order."""
    usual = {
        "code": f"1.{100 + n}",
        "task": 1,
        "solutions": "1; 2",
        "title": f"Nhiệm vụ số {n}",
        "lead": "Sở Xây dựng",
        "coordinating": "UBMTTQ",
        "cycle": "một lần",
        "start_on": dt.date(2026, 2, 1),
        "deadline_on": DUE_ON,
        "indicator": "Số văn bản",
        "unit": "văn bản",
        "target": 3505,
        **dict.fromkeys(("source_number", "source_on", "source_subject"), ""),
    }
    said = usual | changes
    return [said[one.name] for one in COLUMNS]


def workbook(rows: Iterable[Sequence[Any]], *, headings: Sequence[Any] = HEADINGS, above: int = 0) -> bytes:
    """Return an .xlsx as Excel saves one; `above` lines of title stand over the headings."""
    book = Workbook()
    sheet = book.active
    for n in range(above):
        sheet.append([f"PHỤ LỤC {n}"])
    sheet.append(list(headings))
    for one in rows:
        sheet.append(list(one))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
