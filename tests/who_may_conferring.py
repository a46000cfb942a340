"""Rows of the who-may matrix: conferences. The agency that answers is the lead."""

from tests.who_may_rows import ASSIGNMENT, CONFERENCE, HEADS, PROGRAMME, WORKS, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_WRITES = of("host", {"commander", "programme_officer", "records_clerk"})
_CONFIRMS = of("host", {"commander", "records_clerk"})
_ANSWERS = {**_RUNS, "lead": WORKS}
_AGREES = {**_RUNS, "lead": HEADS}
_OFFICER = of("host", {"programme_officer"})
_CANCELLABLE = "draft assigned returned accepted in_progress suspended"
_DAY = "preparing invited frozen"

CONFERENCES = (
    row(
        "agreements.conferences.prepare",
        "Chuẩn bị hội nghị",
        _RUNS,
        PROGRAMME,
        "draft consulting settled frozen in_force",
    ),
    row("agreements.conferences.change", "Sửa kế hoạch hội nghị", _RUNS, CONFERENCE, "preparing invited"),
    row("agreements.conferences.invite", "Gửi giấy mời", _RUNS, "preparing invited", "preparing"),
    row("agreements.conferences.call_off", "Không tổ chức hội nghị", _RUNS, CONFERENCE, "preparing invited"),
    row("agreements.briefings.hold", "Chốt danh mục giao ban", _RUNS, _DAY, "invited"),
    row("agreements.attendances.name", "Cử đại biểu", _ANSWERS, _DAY, "invited"),
    row("agreements.attendances.withdraw", "Xóa đại biểu", _ANSWERS, "invited frozen", "invited"),
    row("agreements.attendances.excuse", "Báo vắng", _ANSWERS, "invited frozen", "invited"),
    row("agreements.attendances.take", "Điểm danh", _RUNS, "invited frozen", "invited"),
    row(
        "agreements.attendances.arrive",
        "Điểm danh tại cửa",
        of("lead", WORKS),
        "invited frozen",
        "invited",
    ),
    row("agreements.discussions.contribute", "Gửi ý kiến", _ANSWERS, "invited frozen", "invited"),
    row("agreements.discussions.take_back", "Rút ý kiến người khác gửi", _RUNS, "invited frozen", "invited"),
    row("agreements.discussions.agree", "Nêu mức độ thống nhất", _AGREES, "invited frozen", "invited"),
    row("agreements.conclusions.conclude", "Ghi kết luận", _RUNS, _DAY, "invited"),
    row("agreements.conclusions.drop", "Bỏ kết luận", _RUNS, "invited frozen", "invited"),
    row("agreements.conclusions.assign", "Giao kết luận thành nhiệm vụ", _RUNS, _DAY, "invited frozen"),
    row(
        "agreements.conclusions.put_in_plan", "Đưa kết luận vào kế hoạch nhóm", _RUNS, _DAY, "invited frozen"
    ),
    row("agreements.minutes.write", "Sửa biên bản", _WRITES, _DAY, "invited"),
    row("agreements.minutes.freeze", "Chốt biên bản", _RUNS, "invited frozen", "invited"),
    row("agreements.minutes.reopen", "Mở lại biên bản", _RUNS, CONFERENCE, "frozen"),
    row("agreements.minutes.sign", "Xác nhận biên bản", _CONFIRMS, "invited frozen", "frozen"),
    row("tasks.assignments.cancel", "Hủy nhiệm vụ do hội nghị giao", _OFFICER, ASSIGNMENT, _CANCELLABLE),
)
"""The world's commander presides and its records clerk is secretary; no other confirms them."""
