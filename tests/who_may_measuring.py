"""Rows of the who-may matrix: how a figure is measured, divided, entered and corrected."""

from tests.who_may_rows import ASSIGNMENT, HEADS, WORKS, of, row

_OFFICER = of("host", {"programme_officer"})
_WORKS = of("lead", WORKS)
_SHARES = of("lead coordinating", WORKS)
_APPROVES = of("lead", HEADS)

_AT_WORK = "accepted in_progress rejected"
_OPEN = f"assigned {_AT_WORK}"

INDICATORS = (
    row("tasks.quotas.define", "Thay đổi cách đo chỉ tiêu", _OFFICER, ASSIGNMENT, _OPEN),
    row("tasks.quotas.distribute", "Phân bổ chỉ tiêu", _WORKS, ASSIGNMENT, _OPEN),
    row("tasks.quotas.settle", "Chốt phân bổ", _APPROVES, ASSIGNMENT, _OPEN),
    row("tasks.quotas.reopen", "Mở lại phân bổ", _APPROVES, ASSIGNMENT, _OPEN),
    row("tasks.figures.enter", "Nhập số liệu của địa phương", _WORKS, ASSIGNMENT, _AT_WORK, case="locality"),
    row(
        "tasks.figures.enter",
        "Nhập số liệu phần của cơ quan phối hợp",
        _SHARES,
        ASSIGNMENT,
        _AT_WORK,
        case="coordinating",
    ),
    row(
        "tasks.figures.correct",
        "Đính chính số liệu của địa phương",
        _WORKS,
        ASSIGNMENT,
        _AT_WORK,
        case="locality",
    ),
    row(
        "tasks.figures.correct",
        "Đính chính số liệu phần của cơ quan phối hợp",
        _SHARES,
        ASSIGNMENT,
        _AT_WORK,
        case="coordinating",
    ),
)
