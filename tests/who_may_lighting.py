"""Rows of the who-may matrix: lights set by hand."""

from tests.who_may_rows import ASSIGNMENT, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_OPEN = "assigned accepted in_progress awaiting_head rejected"

LIGHTS = (
    row("tasks.light_overrides.put", "Đặt đèn tiến độ", _RUNS, ASSIGNMENT, _OPEN),
    row("tasks.light_overrides.lift", "Gỡ đèn đặt tay", _RUNS),
)
