"""Rows of the who-may matrix: periodic reports, their periods, what is made of them, and the rating."""

from tests.who_may_rating import RATING
from tests.who_may_reviewing import REVIEWS
from tests.who_may_rows import ASSIGNMENT, HEADS, RELATIONS, REPORT, WORKS, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_OFFICER = of("host", {"programme_officer"})
_ENTERS = of("host", {"programme_officer", "records_clerk"})
_WORKS = of("lead", WORKS)
_APPROVES = of("lead", HEADS)
_RECALLS = of(" ".join(RELATIONS), {"commander", "programme_officer"})
_HEAD = of("lead", {"commander", "agency_head"})

REPORTS = (
    row("tasks.reports.save", "Lưu nháp báo cáo", _WORKS, REPORT, "draft returned"),
    row("tasks.reports._submit", "Trình báo cáo", _WORKS, REPORT, "draft returned"),
    row("tasks.reports.enter_scanned", "Nhập báo cáo từ bản giấy", _ENTERS, REPORT, "draft returned"),
    row(
        "tasks.paper_results.enter_acceptance", "Nhập tiếp nhận từ bản giấy", _ENTERS, ASSIGNMENT, "assigned"
    ),
    row(
        "tasks.paper_results.enter_result",
        "Nhập kết quả từ bản giấy",
        _ENTERS,
        ASSIGNMENT,
        "assigned accepted in_progress rejected",
    ),
    row("tasks.paper_entries.recall", "Thu hồi bản quét của bản giấy", _RECALLS, "used recalled", "used"),
    row("tasks.reports.approve", "Duyệt và gửi báo cáo", _APPROVES, REPORT, "awaiting_head"),
    row("tasks.reports.send_back", "Trả báo cáo cho đầu mối", _APPROVES, REPORT, "awaiting_head"),
    row("tasks.reports.take_back", "Rút báo cáo đang trình", _WORKS, REPORT, "awaiting_head"),
    row("tasks.reports.accept", "Tiếp nhận báo cáo", _OFFICER, REPORT, "submitted"),
    row("tasks.reports.return_to_agency", "Trả lại báo cáo", _OFFICER, REPORT, "submitted accepted"),
    row("tasks.reports.reopen", "Mở lại kỳ đã chốt cho một cơ quan", _RUNS, "open locked", "locked"),
    row("tasks.periods.lock", "Chốt kỳ báo cáo", _RUNS, "open locked", "open"),
    row("tasks.grants.give", "Ủy quyền cho cán bộ đầu mối gửi", _HEAD, "none given", "none"),
    row("tasks.grants.revoke", "Thu hồi ủy quyền gửi", _HEAD, "given revoked", "given"),
    row("tasks.consolidations.draft", "Tổng hợp kỳ báo cáo", _OFFICER, "none draft frozen", "none"),
    row("tasks.consolidations.save", "Sửa báo cáo tổng hợp", _OFFICER, "draft frozen", "draft"),
    row("tasks.consolidations.add", "Thêm đoạn vào báo cáo tổng hợp", _OFFICER, "draft frozen", "draft"),
    row("tasks.consolidations.refresh", "Cập nhật từ báo cáo", _OFFICER, "draft frozen", "draft"),
    row("tasks.consolidations.freeze", "Đóng băng báo cáo tổng hợp", _RUNS, "draft frozen", "draft"),
    row(
        "tasks.consolidations.give_number",
        "Ghi số, ngày báo cáo tổng hợp",
        of("host", {"programme_officer", "records_clerk"}),
        "draft frozen",
        "frozen",
    ),
    *REVIEWS,
    *RATING,
)
