"""Rows of the who-may matrix: schemes of several years and their milestones."""

from tests.who_may_rows import PROGRAMME, WORKS, of, row

_KEEPS = of("host", {"programme_officer", "commander"})
_REPORTS = {**_KEEPS, **of("lead", WORKS)}
SCHEME = ("running", "ended")
MILESTONE = ("open", "reported", "reached", "dropped")
_PENDING = "open reported"

SCHEMES = (
    row("tasks.schemes.enter", "Nhập đề án, dự án, quy hoạch", _KEEPS),
    row("tasks.schemes.amend", "Sửa thông tin đề án", _KEEPS, SCHEME, "running"),
    row("tasks.schemes.end", "Kết thúc đề án", _KEEPS, SCHEME, "running"),
    row("tasks.milestones.plan", "Thêm mốc", _KEEPS, SCHEME, "running"),
    row("tasks.milestones.change", "Sửa mốc", _KEEPS, MILESTONE, "open"),
    row("tasks.milestones.tie", "Gắn nhiệm vụ thực hiện mốc", _KEEPS, MILESTONE, _PENDING),
    row("tasks.milestones.untie", "Bỏ gắn nhiệm vụ thực hiện mốc", _KEEPS, MILESTONE, _PENDING),
    row(
        "tasks.milestones.draft",
        "Giao mốc thành nhiệm vụ dự thảo",
        _KEEPS,
        PROGRAMME,
        "draft consulting settled",
    ),
    row("tasks.milestones.report", "Báo cáo đạt mốc", _REPORTS, MILESTONE, "open"),
    row("tasks.milestones.confirm", "Xác nhận đạt mốc", _KEEPS, MILESTONE, "reported"),
    row("tasks.milestones.send_back", "Trả lại báo cáo đạt mốc", _KEEPS, MILESTONE, "reported"),
    row("tasks.milestones.drop", "Không thực hiện tiếp mốc", _KEEPS, MILESTONE, _PENDING),
)
