"""Rows of the who-may matrix: the papers that an assignment cites."""

from tests.who_may_rows import ASSIGNMENT, PROGRAMME, WORKS, of, row

_OPEN = "assigned accepted in_progress awaiting_head rejected"
_HOST = of("host", {"programme_officer", "commander"})
_LEAD = of("lead", WORKS)
_WRITTEN = "draft consulting settled frozen in_force"

CITING = (
    row("tasks.citations.cite", "Ghi văn bản giao", _HOST, PROGRAMME, _WRITTEN),
    row("tasks.citations.name", "Ghi văn bản kết quả", _LEAD, ASSIGNMENT, _OPEN),
    row("tasks.citations.drop", "Bỏ văn bản kết quả", _LEAD, ASSIGNMENT, _OPEN),
)
