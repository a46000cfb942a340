"""Rows of the who-may matrix: cooperation, of the coordinating agency with the lead."""

from tests.who_may_rows import ASSIGNMENT, HEADS, WORKS, of, row

_OPEN = "assigned accepted in_progress awaiting_head rejected"
_LEAD = of("lead", WORKS)
_ASKS = {**_LEAD, "host": frozenset({"programme_officer"})}
_COORDINATES = of("coordinating", WORKS)
_APPROVES = of("coordinating", HEADS)
_STATES = "asked awaiting_head delivered nothing"

COOPERATION = (
    row("tasks.cooperations.ask", "Đề nghị phối hợp", _ASKS, ASSIGNMENT, _OPEN),
    row("tasks.cooperations.report", "Báo cáo phối hợp", _COORDINATES, ASSIGNMENT, _OPEN),
    row("tasks.cooperations.approve", "Duyệt nội dung phối hợp", _APPROVES, _STATES, "awaiting_head"),
    row("tasks.cooperations.send_back", "Trả nội dung phối hợp", _APPROVES, _STATES, "awaiting_head"),
    row("tasks.cooperations.rate", "Nhận xét việc phối hợp", _LEAD, _STATES, "delivered nothing"),
)
