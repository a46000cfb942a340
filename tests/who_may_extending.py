"""Rows of the who-may matrix: requests for extension."""

from tests.who_may_rows import ASSIGNMENT, EXTENSION, WORKS, of, row

_COMMANDER = of("host", {"commander"})
_WORKS = of("lead", WORKS)

EXTENSIONS = (
    row(
        "tasks.extensions.request",
        "Xin gia hạn",
        _WORKS,
        ASSIGNMENT,
        "assigned accepted in_progress awaiting_head rejected",
    ),
    row("tasks.extensions.withdraw", "Rút đề nghị gia hạn", _WORKS, EXTENSION, "pending"),
    row("tasks.extensions.approve", "Duyệt gia hạn", _COMMANDER, EXTENSION, "pending"),
    row("tasks.extensions.refuse", "Không đồng ý gia hạn", _COMMANDER, EXTENSION, "pending"),
)
"""A deputy of the host decides as the commander does where the programme says so: tests/tasks has that."""
