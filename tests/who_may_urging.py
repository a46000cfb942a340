"""Rows of the who-may matrix: urging."""

from tests.who_may_rows import ASSIGNMENT, REPORT, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_NUMBERS = of("host", {"records_clerk", "programme_officer"})
_LETTER = "draft issued discarded"
_OPEN = "assigned accepted in_progress awaiting_head rejected"
_SILENT = "draft awaiting_head returned"

URGING = (
    row("tasks.urgings.urge", "Đôn đốc nhiệm vụ", _RUNS, ASSIGNMENT, _OPEN, case="assignment"),
    row("tasks.urgings.urge", "Đôn đốc báo cáo", _RUNS, REPORT, _SILENT, case="report"),
    row("tasks.urgings.note_call", "Ghi cuộc gọi về nhiệm vụ", _RUNS, ASSIGNMENT, _OPEN, case="assignment"),
    row("tasks.urgings.note_call", "Ghi cuộc gọi về báo cáo", _RUNS, REPORT, _SILENT, case="report"),
    row("tasks.urgings.urge_several", "Đôn đốc nhiều cơ quan", _RUNS),
    row("tasks.urging_letters.write", "Soạn công văn đôn đốc", _RUNS, ASSIGNMENT, _OPEN),
    row("tasks.urging_letters.issue", "Ghi số công văn đôn đốc", _NUMBERS, _LETTER, "draft"),
    row("tasks.urging_letters.discard", "Hủy công văn đôn đốc", _RUNS, _LETTER, "draft"),
)
