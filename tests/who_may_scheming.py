"""Rows of the who-may matrix: schemes of several years and their milestones."""

from tests.who_may_rows import PROGRAMME, RELATIONS, WORKS, of, row

_KEEPS = of("host", {"programme_officer", "commander"})
_REPORTS = {**_KEEPS, **of("lead", WORKS)}
SCHEME = ("running", "ended")
MILESTONE = ("open", "reported", "reached", "dropped")
_PENDING = "open reported"
_REGISTERS = of("host", {"programme_officer", "records_clerk"})
_RECALLS = of(" ".join(RELATIONS), {"programme_officer", "commander", "administrator"})
_OPEN = "draft consulting settled frozen in_force"

SCHEMES = (
    row("tasks.year_papers.enter", "Nhập văn bản của năm", _REGISTERS, PROGRAMME, _OPEN),
    row("tasks.year_papers.amend", "Sửa văn bản của năm", _REGISTERS, PROGRAMME, _OPEN),
    row("tasks.year_papers.put", "Thêm tệp của văn bản", _REGISTERS, PROGRAMME, _OPEN),
    row("tasks.year_papers.strike", "Gạch bỏ văn bản", _REGISTERS, PROGRAMME, _OPEN),
    row("tasks.year_papers.recall", "Thu hồi tệp của văn bản", _RECALLS, "used recalled", "used"),
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
