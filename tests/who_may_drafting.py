"""Rows of the who-may matrix: the assignments of a draft."""

from tests.who_may_rows import PROGRAMME, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_OPEN = "draft consulting settled"
_SHEET = "waiting loaded discarded"

DRAFTING = (
    row("tasks.assignment_drafts.add", "Thêm nhiệm vụ vào dự thảo", _RUNS, PROGRAMME, _OPEN),
    row("tasks.assignment_drafts.change", "Sửa nhiều nhiệm vụ", _RUNS, PROGRAMME, _OPEN),
    row("tasks.assignment_imports.put", "Gửi bảng nhiệm vụ", _RUNS, PROGRAMME, _OPEN),
    row("tasks.assignment_imports.load", "Thêm nhiệm vụ từ bảng", _RUNS, PROGRAMME, _OPEN),
    row("tasks.assignment_imports.discard", "Hủy bảng nhiệm vụ", _RUNS, _SHEET, "waiting"),
)
