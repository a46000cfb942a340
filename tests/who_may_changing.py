"""Rows of the who-may matrix: changes of agencies."""

from tests.who_may_rows import RELATIONS, of, row

PLAN = ("draft", "proposed", "confirmed", "carried_out", "discarded")
_EVERYWHERE = " ".join(RELATIONS)
_PREPARES = of(_EVERYWHERE, {"programme_officer", "administrator"})
_CONFIRMS = of(_EVERYWHERE, {"programme_officer", "administrator", "commander"})

CHANGES = (
    row("tasks.changes.prepare", "Chuẩn bị thay đổi cơ quan", _PREPARES),
    row("tasks.changes.describe", "Sửa dự thảo thay đổi cơ quan", _PREPARES, PLAN, "draft"),
    row("tasks.changes.add_successor", "Nhập cơ quan mới", _PREPARES, PLAN, "draft"),
    row("tasks.changes.choose", "Chọn cơ quan tiếp nhận", _PREPARES, PLAN, "draft"),
    row("tasks.changes.propose", "Trình thay đổi cơ quan", _PREPARES, PLAN, "draft"),
    row("tasks.changes.discard", "Hủy dự thảo thay đổi cơ quan", _PREPARES, PLAN, "draft"),
    row("tasks.changes.take_back", "Lấy lại thay đổi cơ quan", _CONFIRMS, PLAN, "proposed confirmed"),
    row("tasks.changes.confirm", "Xác nhận thay đổi do người khác trình", _CONFIRMS, PLAN, "proposed"),
)
